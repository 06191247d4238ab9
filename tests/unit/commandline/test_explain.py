"""`evermirror explain ENI`: the rule, the sessions in order, the service's own word, what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from commandline.connecting import Where, invoking_option
from evermirror.aliyun.credentials import Credentials
from evermirror.policy import Policy, Pool, Rule, compile_policy
from evermirror.policy.matchers import EVERYTHING, OneOf, Tagged
from evermirror.reasons import REMEDIES
from evermirror.settings import Settings
from localcloud.testing import ServedCloud
from tests.worlds import a_fleet, a_session, an_interface, eni, instance, tms

from .conftest import Serve, run
from .plans import BALANCER, GROW, GROWING, SENSORS, changed

FULL = tuple(range(101, 111))


def explained(cloud: ServedCloud, *more: object, number: int = 1) -> tuple[int, dict[str, Any]]:
    shown = run("explain", eni(number), "--endpoint", cloud.endpoint, "--json", *more)
    return shown.exit_code, json.loads(shown.stdout)


def steps(told: dict[str, Any]) -> dict[str, str]:
    return {step["session_id"]: step["what"] for step in told["sessions"]}


def test_a_mirrored_interface_is_explained_by_the_session_that_lists_it(serve: Serve) -> None:
    status, told = explained(serve(a_fleet([1], [a_session(1, 1), 2])))

    assert (status, told["standing"], told["pool"]) == (0, "mirrored", "all")
    assert steps(told) == {tms(1): "listed", tms(2): "not_reached"}


def test_what_is_passed_and_what_would_be_asked_is_told_in_the_interfaces_order(
    serve: Serve,
) -> None:
    sessions: list[Any] = [a_session(1, *FULL), a_session(2, *FULL), 3]

    status, told = explained(serve(a_fleet([1], sessions)))

    assert (status, told["standing"]) == (3, "missing")
    found = steps(told)
    assert found[tms(3)] == "asked"
    assert set(found.values()) <= {"passed", "asked", "not_reached"}
    assert told["remedy"].startswith(f"Ask for it: evermirror add {eni(1)}")


def test_the_command_that_asks_for_it_reaches_the_cloud_that_was_explained(serve: Serve) -> None:
    cloud = serve(a_fleet([1], [1]))

    shown = run("explain", eni(1), EVERMIRROR_ENDPOINT=cloud.endpoint)
    verified = run("explain", eni(1), "--endpoint", cloud.endpoint, "--verify")

    asking = f"  → Ask for it: evermirror add {eni(1)} --endpoint {cloud.endpoint} ("
    assert asking in shown.stdout
    assert asking in verified.stdout
    assert "explain --verify asks the API" in shown.stdout
    assert "explain --verify" not in verified.stdout


@pytest.mark.parametrize(
    ("endpoint", "option"),
    [
        ("http://127.0.0.1:4280", ""),
        ("http://127.0.0.1:4391", " --endpoint http://127.0.0.1:4391"),
        (None, " --endpoint https://ACCOUNT.cn-beijing.fc.aliyuncs.com"),
    ],
)
def test_a_function_is_reached_where_it_is_not_where_the_fleet_is_read(
    endpoint: str | None, option: str
) -> None:
    key = Credentials("id", "secret")
    where = Where(endpoint, "cn-beijing", key, Policy({}, ()), Settings())

    assert invoking_option(where) == option


def test_a_busy_session_would_be_waited_for(serve: Serve) -> None:
    busy = a_session(1, status="Modifying", change={"remaining_s": 1000.0})

    status, told = explained(serve(a_fleet([1], [busy])))

    assert (status, steps(told)) == (3, {tms(1): "waited_for"})


def test_the_service_says_by_a_dry_run_what_no_read_shows(serve: Serve) -> None:
    fleet = a_fleet([1], [1])
    fleet["instances"][0]["supports_mirror"] = False
    cloud = serve(fleet)

    status, told = explained(cloud, "--verify")

    assert status == 3
    assert told["verified"]["code"] == "OperationDenied.EcsNotSupportTrafficMirror"
    assert told["standing"] == told["verified"]["impossible"] == "instance_type_not_supported"
    assert told["remedy"] == told["verified"]["remedy"]
    assert "match: {instance_family: ecs.g7}, never: true}" in told["remedy"]
    assert cloud.session(tms(1))["sources"] == []


def test_a_dry_run_that_passes_is_told(serve: Serve) -> None:
    cloud = serve(a_fleet([1], [1]))

    shown = run("explain", eni(1), "--endpoint", cloud.endpoint, "--verify")

    assert f"dry run: {tms(1)} would take it" in shown.stdout
    assert cloud.session(tms(1))["sources"] == []


EMPTY = "tmf-j6c00000000000000002"
GROWTH_OFF = "growth_not_allowed"
ONE = Pool("all", (tms(1),))
NEVER = Policy({"all": Pool("all", (tms(1),))}, (Rule("lab", EVERYTHING, None),), "all")
ASKING = Policy(
    {"all": Pool("all", (tms(1),))}, (Rule("prod", Tagged(True, "env", frozenset({"x"})), None),)
)


@pytest.mark.parametrize(
    ("interface", "sessions", "policy", "status", "standing", "said"),
    [
        (1, [1], NEVER, 0, "excluded", 'rule "lab" says never'),
        (1, [a_session(1, target=eni(1), target_type="NetworkInterface")], None, 0,
         "target_instance", "mirror target"),
        (an_interface(1, status="Available", instance=None), [1], None, 0, "unattached",
         "attached to no instance"),
        (1, [a_session(1, 1, enabled=False)], None, 3, "ineffective", "switched off"),
        (1, [a_session(1, 1, filter=EMPTY)], None, 3, "ineffective", f"policy names ({EMPTY})"),
        (1, [a_session(1, *FULL)], None, 3, "pool_full", "Add a session"),
        (an_interface(1, created="2100-01-01T00:00:00Z"), [1], None, 3, "pending", "grace"),
        (1, [], Policy({"all": Pool("all", (tms(1), tms(2)))}, (), "all"), 3, "sessions_not_listed",
         "Correct their ids"),
        (1, [], Policy({"all": Pool("all", (tms(1),))}, (), "all"), 3, "missing",
         "does not list it"),
        (1, [1, a_session(2, target=eni(1), target_type="NetworkInterface")],
         Policy({"all": Pool("all", (tms(1),))}, (), "all"), 3, "claimed_by_stranger",
         "who owns that session"),
    ],
)  # fmt: skip
def test_every_standing_has_its_reason_its_remedy_and_its_status(  # noqa: PLR0917
    serve: Serve,
    interface: Any,
    sessions: list[Any],
    policy: Policy | None,
    status: int,
    standing: str,
    said: str,
) -> None:
    filters = [{"id": "tmf-j6c00000000000000001"}, {"id": EMPTY, "rules": 0}]
    cloud = serve(a_fleet([interface], sessions, filters=filters), policy)

    shown = run("explain", eni(1), "--endpoint", cloud.endpoint)

    assert f": {standing}" in shown.stdout
    assert said in shown.stdout
    assert shown.exit_code == status


def test_a_session_elsewhere_that_takes_the_packets_first_is_named(serve: Serve) -> None:
    fleet = a_fleet([1], [a_session(1, 1), a_session(5, 1, priority=9)])
    fleet["sessions"][0]["priority"] = 20
    policy = Policy({"all": Pool("all", (tms(1),))}, (), "all")

    status, told = explained(serve(fleet, policy))

    assert (status, told["elsewhere"], told["shadowed"]) == (0, [tms(5)], True)
    assert "takes its packets first" in told["remedy"]


@pytest.mark.parametrize(
    "masked", ["eni-j6c****", "eni-", "i-", "tms-j6c00000000000000001", "eni-J6C00000000"]
)
def test_an_id_that_cannot_be_one_is_wrong_usage(masked: str) -> None:
    shown = run("explain", masked, "--endpoint", "http://127.0.0.1:9")

    assert shown.exit_code == 2
    assert "no network interface id" in shown.stderr


def test_an_interface_that_nobody_sees_is_unknown_and_says_why(serve: Serve) -> None:
    shown = run("explain", eni(7), "--endpoint", serve(a_fleet([1], [1])).endpoint)

    assert shown.exit_code == 4
    assert "not visible in cn-hongkong" in shown.stderr


def test_an_interface_that_nobody_sees_names_the_sessions_that_list_it(serve: Serve) -> None:
    cloud = serve(a_fleet([1], [a_session(1, 7), a_session(2), a_session(3, 7)]))

    shown = run("explain", eni(7), "--endpoint", cloud.endpoint)
    status, told = explained(cloud, number=7)

    assert f"still a source of {tms(1)}, {tms(3)}" in shown.stderr
    assert (status, told["standing"], told["reason"]) == (4, "unknown", "interface_not_visible")
    assert (told["network_interface_id"], told["elsewhere"]) == (eni(7), [tms(1), tms(3)])
    assert "not visible in cn-hongkong" in told["remedy"]


@pytest.mark.parametrize("code", ["Throttling.User", "Forbidden.RAM"])
def test_programs_are_told_in_json_why_nothing_can_be_said(serve: Serve, code: str) -> None:
    cloud = serve(a_fleet([1], [1]))
    cloud.set_faults([{"action": "*", "do": {"error": code}}])

    status, told = explained(cloud)

    assert (status, told["standing"], told["reason"]) == (4, "unknown", code)
    assert told["network_interface_id"] == eni(1)
    assert told["remedy"]


def test_an_interface_in_two_sessions_of_its_pool_is_to_leave_one(serve: Serve) -> None:
    status, told = explained(serve(a_fleet([1], [a_session(1, 1, enabled=False), a_session(2, 1)])))

    assert (status, told["standing"]) == (0, "mirrored")
    assert told["remedy"] == f"One session of its pool is enough: take it out of {tms(1)}."


@pytest.mark.parametrize("pool", [None, "other"])
def test_an_interface_where_the_policy_does_not_want_it_is_to_leave(
    serve: Serve, pool: str | None
) -> None:
    pools = {"all": Pool("all", (tms(1),)), "other": Pool("other", (tms(2),))}
    rules = (Rule("this", OneOf("network_interface", frozenset({eni(1)})), pool),)
    cloud = serve(
        a_fleet([1, 2], [a_session(1, 1, 2), a_session(2, 1)]), Policy(pools, rules, "all")
    )

    status, told = explained(cloud)

    unwanted = [tms(1)] if pool else [tms(1), tms(2)]
    assert (status, told["elsewhere"]) == (0, unwanted)
    assert f"does not want it in {' and '.join(unwanted)}: take it out there" in told["remedy"]


@pytest.mark.parametrize(
    ("interface_status", "standing", "because", "said"),
    [
        (
            "Available",
            "unattached",
            "it is attached to no instance, so there is nothing to decide",
            f"still a source of {tms(1)}",
        ),
        (
            "InUse",
            "no_instance",
            "it is in use, but on no instance, so no rule is asked",
            f"does not want it in {tms(1)}",
        ),
    ],
)
def test_what_is_on_no_instance_waits_for_none_and_names_its_sessions(
    serve: Serve, interface_status: str, standing: str, because: str, said: str
) -> None:
    free = an_interface(1, status=interface_status, instance=None)

    status, told = explained(serve(a_fleet([free], [a_session(1, 1)]), ASKING))

    assert (status, told["standing"], told["elsewhere"]) == (0, standing, [tms(1)])
    assert told["because"] == because
    assert said in told["remedy"]


def test_a_session_that_mirrors_nothing_is_passed_and_says_why(serve: Serve) -> None:
    status, told = explained(serve(a_fleet([1], [a_session(1, enabled=False)])))

    (step,) = told["sessions"]
    assert (status, told["standing"], step["what"]) == (3, "no_session_mirrors", "passed")
    assert step["why"] == "it mirrors nothing: it is switched off"
    assert told["remedy"] == REMEDIES["no_session_mirrors"]


def test_people_and_programs_are_told_where_the_packets_go(serve: Serve) -> None:
    cloud = serve(a_fleet([1, 2], [a_session(1, 1)]))

    mirrored = run("explain", eni(1), "--endpoint", cloud.endpoint)
    _, told = explained(cloud)
    _, missing = explained(cloud, number=2)

    assert f"  its packets go to {BALANCER}" in mirrored.stdout
    assert (told["target_id"], told["would_create_session"]) == (BALANCER, False)
    assert missing["target_id"] is None


@pytest.mark.parametrize(
    ("allowed", "standing", "makes_one"), [(True, "missing", True), (False, GROWTH_OFF, False)]
)
def test_a_pool_that_would_make_a_session_for_it_is_told(
    serve: Serve, allowed: bool, standing: str, makes_one: bool
) -> None:
    pools = {"ids": {"sensors": SENSORS, "grow": GROW}}
    cloud = serve(a_fleet([1], []), compile_policy(changed(pools=pools)))
    environment = GROWING if allowed else {}

    shown = run("explain", eni(1), "--endpoint", cloud.endpoint, **environment)
    told = json.loads(
        run("explain", eni(1), "--endpoint", cloud.endpoint, "--json", **environment).stdout
    )

    assert (told["standing"], told["would_create_session"]) == (standing, makes_one)
    assert ("its pool would make a session for it" in shown.stdout) == makes_one


def test_only_targets_of_the_policy_and_of_its_sessions_hide_what_is_beside_them(
    serve: Serve,
) -> None:
    beside = [an_interface(n, instance=instance(9), type="Secondary") for n in (2, 3)]
    claim = a_session(5, target=eni(3), target_type="NetworkInterface")
    cloud = serve(a_fleet([1, *beside], [1, claim]), Policy({"all": ONE}, (), "all"))

    standings = {number: explained(cloud, number=number)[1]["standing"] for number in (2, 3)}

    assert standings == {2: "missing", 3: "claimed_by_stranger"}


def test_a_target_that_no_session_has_yet_is_read_and_hides_what_is_beside_it(
    serve: Serve,
) -> None:
    grow = {**GROW, "targets": [{"id": eni(2), "type": "NetworkInterface"}]}
    beside = [an_interface(n, instance=instance(9)) for n in (2, 3)]
    policy = compile_policy(changed(pools={"ids": {"sensors": SENSORS, "grow": grow}}))

    status, told = explained(serve(a_fleet([1, *beside], []), policy), number=3)

    assert (status, told["standing"]) == (0, "target_instance")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"status": "Available", "instance": None}, "attached to nothing"),
        ({"instance": instance(9)}, "does not run"),
    ],
)
def test_a_session_whose_target_is_gone_mirrors_nothing(
    serve: Serve, target: dict[str, Any], reason: str
) -> None:
    fleet = a_fleet(
        [1, an_interface(7, **target)],
        [a_session(1, 1, target=eni(7), target_type="NetworkInterface")],
    )
    for one in fleet["instances"]:
        one["status"] = "Stopped" if one["id"] == instance(9) else "Running"

    status, told = explained(serve(fleet))

    assert (status, told["standing"], told["target_id"]) == (3, "ineffective", eni(7))
    assert reason in told["remedy"]


def test_several_are_explained_in_one_read_and_the_worst_is_the_status(serve: Serve) -> None:
    second = an_interface(3, instance=instance(1), type="Secondary")
    cloud = serve(a_fleet([1, 2, second], [a_session(1, 1)]))

    shown = run("explain", instance(1), eni(2), eni(1), "--endpoint", cloud.endpoint, "--json")
    calls = [call["action"] for call in cloud.journal()]
    with_unseen = run("explain", eni(1), instance(9), "--endpoint", cloud.endpoint, "--json")
    mirrored = run("explain", eni(1), "--endpoint", cloud.endpoint)

    told = [(one["network_interface_id"], one["standing"]) for one in json.loads(shown.stdout)]
    assert told == [(eni(1), "mirrored"), (eni(3), "missing"), (eni(2), "missing")]
    assert (shown.exit_code, with_unseen.exit_code, mirrored.exit_code) == (3, 4, 0)
    assert calls.count("ListTrafficMirrorSessions") == 1
    unseen = json.loads(with_unseen.stdout)[1]
    assert (unseen["instance_id"], unseen["reason"]) == (instance(9), "instance_not_visible")


def test_people_get_what_is_known_and_on_stderr_what_is_not(serve: Serve) -> None:
    cloud = serve(a_fleet([1], [a_session(1, 1)]))

    shown = run("explain", eni(1), eni(7), "--endpoint", cloud.endpoint)

    assert shown.exit_code == 4
    assert f"{eni(1)} on {instance(1)}, InUse: mirrored" in shown.stdout
    assert f"{eni(7)} is not visible" in shown.stderr


@pytest.mark.parametrize("code", ["Throttling.User", "Forbidden.RAM"])
def test_a_cloud_that_does_not_answer_leaves_it_unknown(serve: Serve, code: str) -> None:
    cloud = serve(a_fleet([1], [1]))
    cloud.set_faults([{"action": "*", "do": {"error": code}}])

    shown = run("explain", eni(1), "--endpoint", cloud.endpoint)

    assert shown.exit_code == 4
    assert code in shown.stderr
