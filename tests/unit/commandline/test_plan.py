"""`evermirror plan` against served local clouds: what it finds out, and with which exit status."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evermirror.policy import compile_policy, dump
from localcloud.cloud import LocalCloud
from localcloud.testing import ServedCloud, serving
from tests.worlds import a_fleet, a_session, an_interface, eni, instance, tms

from .conftest import Answering, run

VPC_9 = "vpc-j6c00000000000000009"
BALANCER = "lb-j6c00000000000000001"
SENSORS = {"instance_tags": {"role": "sensor"}}
EVERYTHING = {
    "version": 1,
    "pools": {"ids": {"sessions": [tms(1)], "sensors": SENSORS}},
    "default": {"pool": "ids"},
}
GROW = {
    "filter": "tmf-j6c00000000000000001",
    "targets": [{"id": BALANCER, "type": "SLB"}],
    "priorities": [1, 5],
    "max_sessions": 5,
}
Told = Mapping[str, Any]
Planned = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def planned(tmp_path: Path) -> Planned:
    """Runs `evermirror plan --json` for a policy, and gives its exit status and what it told."""

    def plan(
        cloud: ServedCloud,
        policy: Told,
        *arguments: object,
        current: Told = EVERYTHING,
        **environment: str,
    ) -> tuple[int, dict[str, Any]]:
        files = {"new": policy, "current": current}
        for name, document in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(document))
        asked = run(
            "plan",
            *("--endpoint", cloud.endpoint),
            *("--policy", tmp_path / "new.json"),
            *("--current", tmp_path / "current.json"),
            "--json",
            *arguments,
            **environment,
        )
        assert asked.stdout, asked.stderr
        return asked.exit_code, json.loads(asked.stdout)

    return plan


def changed(**changes: Any) -> dict[str, Any]:
    return {**EVERYTHING, **changes}


def kinds(told: Told) -> list[str]:
    return [warning["kind"] for warning in told["warnings"]]


def sentences(told: Told, kind: str) -> list[str]:
    return [one["sentence"] for one in told["warnings"] if one["kind"] == kind]


def with_sensor(**more: Any) -> dict[str, Any]:
    """Three interfaces, one of them a sensor's; the sessions 1 and 2."""
    fleet = a_fleet([1, 2, 3], [a_session(1, 1), a_session(2)], **more)
    fleet["instances"][2]["tags"] = {"role": "sensor"}
    return fleet


def test_interfaces_that_change_pool_become_wanted_or_stop_being_wanted_are_named(
    planned: Planned,
) -> None:
    fleet = with_sensor()
    fleet["network_interfaces"][1]["tags"] = {"mirror": "off"}
    fleet["network_interfaces"].append(an_interface(4, tags={"mirror": "off"}, status="Available"))
    off = {"match": {"tags": {"mirror": "off"}}}
    current = changed(rules=[{**off, "name": "opted out", "never": True}])
    new = changed(
        pools={"ids": {"sessions": [tms(1)]}, "two": {"sessions": [tms(2)], "sensors": SENSORS}},
        rules=[
            {**off, "name": "second", "pool": "two"},
            {"match": {"network_interface": eni(1)}, "name": "not you", "never": True},
        ],
    )

    with serving(fleet) as cloud:
        status, told = planned(cloud, new, current=current)
        journal = cloud.journal()

    assert status == 0
    assert told["changes"] == {
        "become_wanted": [
            {
                "network_interface_id": eni(2),
                "instance_id": instance(2),
                "from": None,
                "to": "two",
                "because": "second",
                "sessions": [],
            }
        ],
        "change_pool": [],
        "stop_being_wanted": [
            {
                "network_interface_id": eni(1),
                "instance_id": instance(1),
                "from": "ids",
                "to": None,
                "because": "not you",
                "sessions": [tms(1)],
            }
        ],
    }
    assert told["excluded"] == {"not you": 1, "sensor": 1}
    assert {call["action"] for call in journal} == {
        "ListTrafficMirrorSessions",
        "DescribeNetworkInterfaces",
        "DescribeInstances",
    }


def test_an_interface_that_goes_to_another_pool_is_told_with_where_it_is_now(
    planned: Planned,
) -> None:
    new = changed(
        pools={"ids": {"sessions": [tms(1)], "sensors": SENSORS}, "two": {"sessions": [tms(2)]}},
        rules=[{"match": {"network_interface": eni(1)}, "pool": "two"}],
    )
    with serving(with_sensor()) as cloud:
        _, told = planned(cloud, new)

    assert (told["changes"]["become_wanted"], told["changes"]["stop_being_wanted"]) == ([], [])
    (move,) = told["changes"]["change_pool"]
    assert (move["network_interface_id"], move["from"], move["to"]) == (eni(1), "ids", "two")
    assert move["sessions"] == [tms(1)]


def test_the_policy_in_use_can_be_looked_at_alone(planned: Planned) -> None:
    with serving(with_sensor()) as cloud:
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["status"]) == (0, "fits")
    assert told["changes"] == {"become_wanted": [], "change_pool": [], "stop_being_wanted": []}
    assert told["read"] == {
        "network_interfaces": 3,
        "attached": 3,
        "instances": 3,
        "sessions": 2,
    }
    (pool,) = told["pools"]
    assert (pool["wanted"], pool["mirrored"], pool["to_add"]) == (2, 1, [eni(2)])
    assert (pool["free_seats"], pool["missing_seats"], pool["cny_a_month"]) == (9, 0, 146.0)
    assert told["price"]["cny_a_month_now"] == 73.0
    assert told["price"]["cny_a_month_after"] == 146.0


def test_every_interface_on_a_target_is_left_out(planned: Planned) -> None:
    target = {"target": eni(3), "target_type": "NetworkInterface"}
    with serving(a_fleet([1, 3], [a_session(1, **target)])) as cloud:
        _, told = planned(cloud, changed(pools={"ids": {"sessions": [tms(1)]}}))

    assert told["excluded"] == {"target_instance": 1}
    assert told["pools"][0]["to_add"] == [eni(1)]


# What is missing.


def test_missing_seats_are_counted_in_sessions_and_are_exit_status_3(planned: Planned) -> None:
    fleet = a_fleet(range(1, 36), [a_session(1, *range(1, 9))])
    with serving(fleet) as cloud:
        status, told = planned(cloud, changed(pools={"ids": {"sessions": [tms(1)]}}))

    (pool,) = told["pools"]
    assert status == 3
    assert (pool["mirrored"], pool["free_seats"], len(pool["to_add"])) == (8, 2, 27)
    assert (pool["missing_seats"], pool["missing_sessions"], pool["missing_targets"]) == (25, 3, 0)
    assert told["price"]["sources_added"] == 2


def test_growth_is_counted(planned: Planned) -> None:
    policy = changed(pools={"ids": {"sessions": [tms(1)], "sensors": SENSORS, "grow": GROW}})
    # Priorities 1 and 3 are taken: sessions 0 and 2 of the pool cannot be made.
    fleet = a_fleet(range(1, 51), [a_session(1), a_session(3)])
    with serving(fleet) as cloud:
        status, told = planned(cloud, policy)

    (pool,) = told["pools"]
    assert (pool["grown_sessions"], pool["grown_seats"], pool["missing_seats"]) == (3, 30, 10)
    assert status == 3


def test_a_target_takes_only_so_many_sources(planned: Planned) -> None:
    on_interface = {"target": eni(99), "target_type": "NetworkInterface"}
    fleet = a_fleet([*range(1, 41), 99], [a_session(n, **on_interface) for n in (1, 2, 3, 4)])
    policy = changed(pools={"ids": {"sessions": [tms(n) for n in (1, 2, 3, 4)]}})
    with serving(fleet) as cloud:
        _, small = planned(cloud, policy)
        fleet["instances"][-1]["type"] = "ecs.g7.32xlarge"
        cloud.load(fleet)
        _, large = planned(cloud, policy)

    (pool,) = small["pools"]
    assert (pool["free_seats"], pool["missing_seats"]) == (20, 20)
    assert (pool["missing_sessions"], pool["missing_targets"]) == (2, 1)
    assert (large["pools"][0]["free_seats"], large["pools"][0]["missing_seats"]) == (40, 0)


def test_a_target_that_two_pools_share_is_not_counted_twice(planned: Planned) -> None:
    on_interface = {"target": eni(99), "target_type": "NetworkInterface"}
    fleet = a_fleet([*range(1, 31), 99], [a_session(n, **on_interface) for n in (1, 2, 3)])
    policy = changed(
        pools={"ids": {"sessions": [tms(1), tms(2)]}, "two": {"sessions": [tms(3)]}},
        rules=[{"match": {"network_interface": [eni(n) for n in range(1, 16)]}, "pool": "two"}],
    )
    with serving(fleet) as cloud:
        _, told = planned(cloud, policy)

    assert [(one["wanted"], one["missing_seats"]) for one in told["pools"]] == [(15, 0), (15, 10)]


def test_an_interface_in_three_other_sessions_has_no_room_of_its_own(planned: Planned) -> None:
    fleet = a_fleet([1], [a_session(1), *(a_session(n, 1) for n in (2, 3, 4))])
    with serving(fleet) as cloud:
        status, told = planned(cloud, EVERYTHING)

    assert status == 3
    assert told["pools"][0]["at_session_quota"] == [eni(1)]


def test_sessions_that_do_not_mirror_have_no_seats(planned: Planned) -> None:
    fleet = a_fleet([1], [a_session(1, enabled=False)])
    with serving(fleet) as cloud:
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["pools"][0]["free_seats"]) == (3, 0)
    assert "sessions_idle" in kinds(told)


def test_the_ceiling_on_sources_is_a_gap(planned: Planned) -> None:
    with serving(a_fleet([1, 2, 3], [a_session(1, 1)])) as cloud:
        status, told = planned(cloud, EVERYTHING, EVERMIRROR_MAX_SOURCES="2")
        assert (status, told["over_ceiling"]) == (3, 1)
        assert planned(cloud, EVERYTHING, EVERMIRROR_MAX_SOURCES="3")[0] == 0


def test_a_raised_quota_is_a_setting(planned: Planned) -> None:
    with serving(a_fleet(range(1, 13), [a_session(1)])) as cloud:
        assert planned(cloud, EVERYTHING)[0] == 3
        assert planned(cloud, EVERYTHING, EVERMIRROR_SOURCES_PER_SESSION="12")[0] == 0


# What only a live fleet can show.


def ruled(match: Told) -> dict[str, Any]:
    return changed(rules=[{"name": "prod", "match": match, "pool": "ids"}])


def tagged() -> dict[str, Any]:
    """Instances 1 and 2 are production by their tags, interface 3 by its own."""
    fleet = a_fleet([1, 2, 3], [1])
    for one in fleet["instances"][:2]:
        one["tags"] = {"env": "prod"}
    fleet["network_interfaces"][2]["tags"] = {"tier": "web"}
    return fleet


@pytest.mark.parametrize(
    ("match", "twin"),
    [
        ({"tags": {"env": "prod"}}, {"key": "instance_tags", "matches": 2}),
        ({"not": {"not": {"tags": {"env": "prod"}}}}, {"key": "instance_tags", "matches": 2}),
        ({"instance_tags": {"tier": ["web", "db"]}}, {"key": "tags", "matches": 1}),
        ({"tags": {"env": "staging"}}, None),
        ({"vswitch": "vsw-j6c00000000000000009"}, None),
    ],
    ids=str,
)
def test_a_rule_that_matches_nothing_is_told_with_what_its_twin_would_match(
    planned: Planned, match: Told, twin: Told | None
) -> None:
    with serving(tagged()) as cloud:
        _, told = planned(cloud, ruled(match))

    (rule,) = told["rules"]
    assert (rule["decides"], rule["matches"], rule["twin"]) == (0, 0, twin)
    (sentence,) = sentences(told, "rule_matches_nothing")
    assert sentence.startswith('"prod" matches no interface of this fleet')
    if twin is not None:
        assert f"`{twin['key']}`" in sentence
        assert sentence.endswith(f"would match {twin['matches']}")


def test_a_rule_whose_interfaces_are_all_decided_before_it_is_told(planned: Planned) -> None:
    policy = changed(
        rules=[
            {"name": "prod", "match": {"instance_tags": {"env": "prod"}}, "pool": "ids"},
            {"name": "these", "match": {"network_interface": [eni(1), eni(2)]}, "never": True},
        ]
    )
    with serving(tagged()) as cloud:
        _, told = planned(cloud, policy)

    assert [(rule["decides"], rule["matches"]) for rule in told["rules"]] == [(2, None), (0, 2)]
    assert told["default"] == {"pool": "ids", "decides": 1}
    assert sentences(told, "rule_decides_nothing") == [
        '"these" decides nothing: earlier rules decide all 2 interfaces that it matches'
    ]


def test_sessions_that_are_not_there_are_named(planned: Planned) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        _, told = planned(cloud, changed(pools={"ids": {"sessions": [tms(1), tms(7)]}}))
        _, empty = planned(cloud, changed(pools={"ids": {"sessions": [tms(7)]}}))

    assert sentences(told, "sessions_absent") == [
        f"{tms(7)} cannot be seen: deleted, of another region, or not permitted"
    ]
    assert {"sessions_absent", "pool_empty"} <= set(kinds(empty))


def test_a_pool_that_mirrors_to_a_load_balancer_needs_sensors(planned: Planned) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        _, without = planned(cloud, changed(pools={"ids": {"sessions": [tms(1)]}}))
        _, with_them = planned(cloud, EVERYTHING)

    assert "sensors_missing" in kinds(without)
    assert "sensors_missing" not in kinds(with_them)


def test_sensors_that_match_nothing_are_told(planned: Planned) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        _, in_vain = planned(cloud, EVERYTHING)
        cloud.load(with_sensor())
        _, found = planned(cloud, EVERYTHING)

    assert "sensors_match_nothing" in kinds(in_vain)
    assert "sensors_match_nothing" not in kinds(found)


def test_a_session_in_two_pools_is_told(planned: Planned) -> None:
    policy = changed(
        pools={
            "ids": {"sessions": [tms(1)], "sensors": SENSORS},
            "found": {"discover": {"target": BALANCER}, "sensors": SENSORS},
        },
        rules=[{"match": {"type": "Secondary"}, "pool": "found"}],
    )
    with serving(a_fleet([1], [1, 2])) as cloud:
        _, told = planned(cloud, policy)

    assert sentences(told, "session_in_two_pools") == [
        f'{tms(1)} in pools "ids" and "found": an interface may be mirrored twice'
    ]


@pytest.mark.parametrize(
    ("sensors", "kind"),
    [({"instance": instance(9)}, None), ({"instance": instance(8)}, "growth_target_mirrored")],
)
def test_a_target_of_growth_that_is_mirrored_itself_is_told(
    planned: Planned, sensors: Told, kind: str | None
) -> None:
    targets = [{"id": eni(number), "type": "NetworkInterface"} for number in (9, 10)]
    grow = {**GROW, "targets": targets}
    policy = changed(pools={"ids": {"sensors": sensors, "grow": grow}})
    with serving(a_fleet([1, 9], [])) as cloud:
        _, told = planned(cloud, policy)

    assert sentences(told, "growth_target_absent") == [f"{eni(10)} cannot be seen in this region"]
    assert ("growth_target_mirrored" in kinds(told)) == (kind is not None)


# Dry runs.


def test_each_interface_that_would_be_added_is_asked_for_by_a_dry_run(planned: Planned) -> None:
    fleet = a_fleet([1, 2, 3], [a_session(1, 1)])
    fleet["instances"][1]["supports_mirror"] = False
    with serving(fleet) as cloud:
        before = cloud.state()
        status, told = planned(cloud, EVERYTHING, "--verify")
        asked = cloud.journal("AddSourcesToTrafficMirrorSession")
        assert cloud.state() == before

    assert status == 3
    assert {call["parameters"]["DryRun"] for call in asked} == {"true"}
    (refused,) = told["verification"].pop("refused")
    assert told["verification"] == {"asked": 2, "passed": 1, "not_asked": 0}
    assert (refused["network_interface_id"], refused["session_id"]) == (eni(2), tms(1))
    assert refused["code"] == "OperationDenied.EcsNotSupportTrafficMirror"
    assert refused["remedy"]


def test_a_session_that_would_be_made_is_asked_for_too(planned: Planned) -> None:
    policy = changed(pools={"ids": {"sensors": SENSORS, "grow": GROW}})
    with serving(a_fleet([1, 2], [a_session(1)])) as cloud:
        status, told = planned(cloud, policy, "--verify")
        asked = cloud.journal("CreateTrafficMirrorSession")
        assert len(cloud.state()["sessions"]) == 1

    assert (status, told["verification"]["passed"]) == (0, 2)
    assert {call["parameters"]["Priority"] for call in asked} == {"2"}
    assert {call["parameters"]["TrafficMirrorSessionName"] for call in asked} == {"ids-1"}


def test_dry_runs_are_bounded(planned: Planned) -> None:
    with serving(a_fleet(range(1, 8), [1])) as cloud:
        status, told = planned(cloud, EVERYTHING, "--verify", "--verify-at-most", 3)

    assert status == 0
    assert (told["verification"]["asked"], told["verification"]["not_asked"]) == (3, 4)


def test_dry_runs_end_where_nobody_would_get_another_answer(planned: Planned) -> None:
    with serving(a_fleet([1, 2, 3], [1], service={"enabled": False})) as cloud:
        status, told = planned(cloud, EVERYTHING, "--verify")

    assert status == 3
    assert told["verification"]["asked"] == 1
    assert told["verification"]["not_asked"] == 2
    assert told["verification"]["refused"][0]["code"] == "OptInRequired.TrafficMirror"


def test_a_dry_run_that_is_throttled_is_asked_again(planned: Planned) -> None:
    action = "AddSourcesToTrafficMirrorSession"
    with serving(a_fleet([1], [1])) as cloud:
        cloud.set_faults(
            [{"action": action, "when": {"next": 2}, "do": {"throttle": True, "retry_after_ms": 1}}]
        )
        status, told = planned(cloud, EVERYTHING, "--verify")

    assert (status, told["verification"]["passed"]) == (0, 1)


def test_a_session_that_is_busy_now_is_told_and_is_no_gap(planned: Planned) -> None:
    busy = {"error": "IncorrectStatus.TrafficMirrorSession", "status": 400}
    with serving(a_fleet([1], [1])) as cloud:
        cloud.set_faults([{"action": "AddSourcesToTrafficMirrorSession", "do": busy}])
        status, told = planned(cloud, EVERYTHING, "--verify")

    assert (status, told["status"]) == (0, "fits")
    (refused,) = told["verification"]["refused"]
    assert refused["code"] == "IncorrectStatus.TrafficMirrorSession"
    assert refused["passing"]


# Instances cost a call for each hundred of them.


@pytest.mark.parametrize(
    ("match", "read"),
    [
        ({"vpc": "vpc-j6c00000000000000001"}, 0),
        ({"tags": {"tier": "web"}}, 0),
        ({"tags": {"tier": "db"}}, 3),
        ({"instance_tags": {"env": "prod"}}, 3),
    ],
    ids=str,
)
def test_instances_are_read_only_where_a_plan_needs_them(
    planned: Planned, match: Told, read: int
) -> None:
    policy = {**ruled(match), "pools": {"ids": {"sessions": [tms(1)], "sensors": {"vpc": VPC_9}}}}
    with serving(tagged()) as cloud:
        _, told = planned(cloud, policy, current=policy)
        called = bool(cloud.journal("DescribeInstances"))

    assert (told["read"]["instances"], called) == (read, read > 0)


# What cannot be read.


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"action": "ListTrafficMirrorSessions", "do": {"reset": "before"}}, "cut_short"),
        ({"action": "DescribeNetworkInterfaces", "do": {"truncate": 20}}, "cut_short"),
        (
            {"action": "DescribeInstances", "do": {"error": "Forbidden.RAM", "status": 403}},
            "Forbidden.RAM",
        ),
    ],
    ids=str,
)
def test_a_fleet_that_is_not_read_whole_is_unknown(
    planned: Planned, fault: Told, reason: str
) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        cloud.set_faults([fault])
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["status"], told["unknown"]) == (4, "unknown", reason)
    assert told["remedy"]


def test_an_empty_region_is_unknown_not_covered(planned: Planned) -> None:
    with serving(a_fleet([an_interface(1, status="Available")], [1])) as cloud:
        status, told = planned(cloud, EVERYTHING, "--verify")

    assert (status, told["status"], told["unknown"]) == (4, "unknown", "nothing_attached_was_read")
    assert told["verification"] is None


def test_instances_that_nobody_may_see_make_the_plan_unknown(planned: Planned) -> None:
    # As a role without the permission sees it: an empty list and no error.
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "ecs:DescribeInstances", "Resource": "*"}
    fleet = {
        **a_fleet([1, 2], [1]),
        "keys": [
            {
                "access_key_id": "local-access-key-id",
                "access_key_secret": "local-access-key-secret",
                "policies": [{"Version": "1", "Statement": [allowed, denied]}],
            }
        ],
    }
    with serving(fleet) as cloud:
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["unknown"]) == (4, "no_instance_was_read")
    assert "instances_unknown" in kinds(told)


def test_nothing_listening_is_exit_status_1(refused_url: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(EVERYTHING))
    asked = run("plan", "--endpoint", refused_url, "--current", policy)

    assert asked.exit_code == 1
    assert f"nothing answers at {refused_url}" in asked.stderr


def test_a_policy_with_mistakes_is_told_with_its_lines_before_anything_is_read(
    answering: Answering, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\npools: {}\nrulez: []\n")
    asked = run("plan", "--endpoint", answering(500, b""), "--current", policy)

    assert asked.exit_code == 1
    assert f"{policy}:3: rulez: unknown key; did you mean `rules`?" in asked.stderr


def test_a_cloud_must_be_named() -> None:
    assert run("plan").exit_code == 2
    assert run("plan", "--policy", "/absent.yaml").exit_code == 2


def test_a_local_cloud_is_asked_for_the_policy_in_use(tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    new.write_text(json.dumps(changed(default="never", rules=[{"match": {}, "pool": "ids"}])))

    async def deploy(cloud: LocalCloud) -> None:
        cloud.policy = dump(compile_policy(EVERYTHING))

    with serving(a_fleet([1], [1]), prepare=deploy) as cloud:
        asked = run("plan", "--endpoint", cloud.endpoint, "--policy", new, "--json")
    told = json.loads(asked.stdout)
    assert told["current"]["policy_digest"] == compile_policy(EVERYTHING).digest
    assert told["policy"] == {
        "from": str(new),
        "policy_digest": compile_policy(json.loads(new.read_text())).digest,
    }


def test_a_local_cloud_without_a_policy_is_wrong_usage_that_says_what_to_name() -> None:
    with serving(a_fleet([1], [1])) as cloud:
        asked = run("plan", "--endpoint", cloud.endpoint)

    assert asked.exit_code == 2
    assert "this local cloud has no policy: name a file with --current" in asked.stderr


# For people.


def test_people_get_the_verdict_first_and_then_what_it_rests_on(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(ruled({"tags": {"env": "[prod]"}})))
    fleet = a_fleet(range(1, 14), [a_session(1, 1)])
    with serving(fleet) as cloud:
        asked = run("plan", "--endpoint", cloud.endpoint, "--current", policy, "--verify")

    lines = asked.stdout.splitlines()
    assert lines[0] == "plan: not everything that the policy wants can be mirrored"
    assert lines[1] == "cn-hongkong: interfaces: 13, attached: 13, sessions: 1"
    assert (
        "  → pool ids: without a seat: 3 interfaces; missing: 1 sessions, 0 targets for them"
    ) in lines
    assert "  → dry runs: 9 of 9 passed" in lines
    assert any(line.startswith("  → price of a month: CNY 73.00 now, CNY 730.00") for line in lines)
    assert any(line.split()[:3] == ["prod", "ids", "0"] for line in lines)


def test_people_are_told_what_changes_and_what_stays_behind(tmp_path: Path) -> None:
    for name, document in {
        "new": changed(default="never", rules=[{"match": {"zone": "cn-a-b"}, "pool": "ids"}]),
        "old": EVERYTHING,
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    fleet = a_fleet(range(1, 6), [a_session(1, 1)])
    with serving(fleet) as cloud:
        asked = run(
            "plan",
            *("--endpoint", cloud.endpoint),
            *("--current", tmp_path / "old.json", "--policy", tmp_path / "new.json"),
        )

    assert asked.exit_code == 0
    assert f"stop being wanted  5           {eni(1)} (ids to never), " in asked.stdout
    assert "and 2 more" in asked.stdout
    assert "what is no longer wanted stays a source of its session" in asked.stdout
