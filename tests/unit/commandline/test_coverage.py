"""`evermirror coverage` and `sweep`: a number to be trusted, and an exit status for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from commandline.default_policy import default_policy
from evermirror.policy import Policy, Pool, Rule, dump
from evermirror.policy.matchers import EVERYTHING
from localcloud.cloud import LocalCloud
from localcloud.testing import ServedCloud, serving
from tests.worlds import a_fleet, a_session, an_interface, eni, tms

from .conftest import Answering, Serve, run
from .plans import BOTH_WAYS

LIST = "ListTrafficMirrorSessions"
NOWHERE = "http://127.0.0.1:9"


def counted(cloud: ServedCloud, *more: object) -> Result:
    return run("coverage", "--endpoint", cloud.endpoint, *more)


def test_full_coverage_is_a_hundred_percent_and_status_0(serve: Serve) -> None:
    shown = counted(serve(a_fleet([1, 2], [a_session(1, 1, 2)])))

    assert "coverage: 100.00%, 2 of 2 eligible interfaces mirrored" in shown.stdout
    assert shown.exit_code == 0


def test_gaps_are_listed_with_what_to_do_and_status_3(serve: Serve) -> None:
    full = a_session(1, *range(101, 111))
    shown = counted(serve(a_fleet([1], [full])))

    assert shown.exit_code == 3
    assert "coverage: 0.00%" in shown.stdout
    assert "pool_full" in shown.stdout
    assert eni(1) in shown.stdout
    assert "Add a session" in shown.stdout
    assert "gone" in shown.stdout


def test_a_gap_that_the_service_refuses_for_its_type_is_impossible_once_it_is_asked(
    serve: Serve,
) -> None:
    fleet = a_fleet([1, 2, 3], [a_session(1, 1)])
    fleet["instances"][1].update(type="ecs.t1.small", supports_mirror=False)
    cloud = serve(fleet)

    before, after = (
        json.loads(counted(cloud, "--json", *how).stdout) for how in ((), ["--verify"])
    )

    assert (before["missing"], before["impossible"]) == (2, {})
    assert (after["missing"], after["impossible"]) == (1, {"instance_type_not_supported": 1})
    assert any("{instance_family: ecs.t1}, never: true}" in one for one in after["remedies"])
    shown = counted(cloud, "--verify")
    assert (shown.exit_code, "instance_type_not_supported" in shown.stdout) == (3, True)
    assert cloud.session(tms(1))["sources"] == [eni(1)]


def test_what_a_session_lists_to_no_effect_is_told_with_the_reason(serve: Serve) -> None:
    fleet = a_fleet([1, 2], [a_session(1, 1), a_session(2, 2, filter="tmf-j6c00000000000000002")])
    fleet["filters"].append({"id": "tmf-j6c00000000000000002", "rules": 0})

    shown = counted(serve(fleet))

    assert shown.exit_code == 3
    assert "coverage: 50.00%" in shown.stdout
    assert "1 filter_accepts_nothing" in shown.stdout
    assert "Add a rule to the session's filter" in shown.stdout


def test_what_is_too_young_to_be_a_gap_is_not_full_coverage_either(serve: Serve) -> None:
    young = an_interface(1, created="2100-01-01T00:00:00Z")
    shown = counted(serve(a_fleet([young], [1])), "--json")

    assert shown.exit_code == 3
    assert json.loads(shown.stdout)["status"] == "pending"


@pytest.mark.parametrize(
    ("fleet", "policy", "reason"),
    [
        (a_fleet([], [1]), None, "no_interfaces_read"),
        (a_fleet([1], []), Policy({"all": Pool("all", (tms(1),))}, (), "all"), "no_sessions_read"),
        (
            a_fleet([1], [1]),
            Policy({"all": Pool("all", (tms(1), tms(2)))}, (), "all"),
            "sessions_not_listed",
        ),
        (
            a_fleet([1], [a_session(1, 1)]),
            Policy({"all": Pool("all", (tms(1),))}, (Rule("typo", EVERYTHING, None),)),
            "nothing_eligible",
        ),
    ],
    ids=["nothing read", "a List that answers empty", "a session vanished", "all excluded"],
)
def test_unknown_coverage_is_no_percentage_and_status_4(
    serve: Serve, fleet: dict[str, Any], policy: Policy | None, reason: str
) -> None:
    shown = counted(serve(fleet, policy))

    assert shown.exit_code == 4
    assert f"coverage: unknown ({reason})" in shown.stdout
    assert "%" not in shown.stdout


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"action": "*", "do": {"throttle": True}}, "Throttling.User"),
        (
            {
                "action": LIST,
                "when": {"every": 2},
                "do": {"truncate": 20},
            },
            "cut_short",
        ),
    ],
    ids=["throttled", "a List cut in the middle of paging"],
)
def test_a_read_that_was_not_finished_leaves_coverage_unknown(
    serve: Serve, fault: dict[str, Any], reason: str
) -> None:
    cloud = serve(a_fleet([1], list(range(1, 102))))
    cloud.set_faults([fault])

    shown = counted(cloud, "--json")

    assert shown.exit_code == 4
    told = json.loads(shown.stdout)
    assert (told["unknown"], told["share"]) == (reason, None)


FULL = a_session(1, *range(101, 111))
ROOM = {"EVERMIRROR_SOURCES_PER_SESSION": "12"}


@pytest.mark.parametrize(
    ("told", "here", "reason"),
    [
        ({}, {}, "pool_full"),
        ({**ROOM, "EVERMIRROR_MAX_SOURCES": "1"}, {}, "ceiling_reached"),
        ({**ROOM, "EVERMIRROR_MAX_SOURCES": "1"}, {"EVERMIRROR_MAX_SOURCES": "99"}, None),
        (ROOM, {}, None),
    ],
    ids=["neither", "the deployment's", "the shell's wins", "a raised quota"],
)
@pytest.mark.parametrize("command", ["coverage", "explain"])
def test_a_deployment_is_judged_by_its_own_settings(
    command: str, told: dict[str, str], here: dict[str, str], reason: str | None
) -> None:
    async def deploy(cloud: LocalCloud) -> None:
        cloud.policy = dump(default_policy([tms(1)]))
        cloud.environment = told

    interface = (eni(1),) if command == "explain" else ()
    with serving(a_fleet([1], [FULL]), prepare=deploy) as cloud:
        asked = run(command, *interface, "--endpoint", cloud.endpoint, "--json", **here)

    found = json.loads(asked.stdout)
    if command == "coverage":
        assert found["impossible"] == ({reason: 1} if reason else {})
    else:
        assert found["standing"] == (reason or "missing")


def test_another_policy_can_be_judged_by(serve: Serve, tmp_path: Path) -> None:
    cloud = serve(a_fleet([1], [a_session(1, 1)]))
    file = tmp_path / "policy.yaml"
    file.write_text(
        f"version: 1\npools:\n  other:\n    sessions: [{tms(2)}]\ndefault: {{pool: other}}\n"
    )

    shown = counted(cloud, "--policy", file, "--json")

    assert json.loads(shown.stdout)["unknown"] == "sessions_not_listed"
    assert shown.exit_code == 4


def test_a_local_cloud_says_itself_which_region_it_is(serve: Serve) -> None:
    shown = counted(serve(a_fleet([1], [a_session(1, 1)], region="cn-beijing")), "--json")

    assert json.loads(shown.stdout)["region"] == "cn-beijing"
    assert shown.exit_code == 0


def test_nothing_is_changed_by_looking(serve: Serve) -> None:
    cloud = serve(a_fleet([1], [1]))

    counted(cloud)

    reads = {LIST, "ListTrafficMirrorFilters", "DescribeNetworkInterfaces"}
    assert {entry["action"] for entry in cloud.journal()} == reads


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "which cloud?"),
        (("--region", "cn-hongkong"), 2, "which cloud?"),
        (("--endpoint", NOWHERE), 1, "evermirror up --fleet FILE"),
        (("--endpoint", "https://example.com"), 1, "ALIBABA_CLOUD_ACCESS_KEY_ID"),
        (("--endpoint", "nonsense", "--region", "x"), 2, "is no http:// or https:// address"),
    ],
)
def test_a_cloud_that_cannot_be_asked_is_told(
    arguments: tuple[str, ...], status: int, said: str
) -> None:
    shown = run("coverage", *arguments)

    assert shown.exit_code == status
    assert said in shown.stderr


COVERAGE: dict[str, Any] = {
    "status": "gaps",
    "unknown": None,
    "share": 0.5,
    "eligible": 2,
    "mirrored": 1,
    "ineffective": 0,
    "pending": 0,
    "missing": 1,
    "impossible": {},
    "excluded": {"bastions": 3},
    "unattached": 0,
    "undecided": 0,
    "shadowed": 0,
    "twice": 0,
    "extra": 0,
    "gone": 0,
    "sessions_not_listed": 0,
    "oldest_gap_s": 7200.0,
    "event_source_silent": True,
    "listed": {"missing": [eni(2)]},
    "remedies": [],
    "asked": 1,
}


def test_a_sweep_shows_what_reconcile_found(answering: Answering) -> None:
    swept = run("sweep", "--endpoint", answering(200, json.dumps(COVERAGE).encode()))

    assert swept.exit_code == 3
    for words in (
        "coverage: 50.00%, 1 of 2",
        eni(2),
        "by bastions",
        "at most 2.0 hours old",
        "events may not arrive",
        "Mirror was asked for 1",
    ):
        assert words in swept.stdout


def test_a_list_that_was_cut_says_how_many_more_there_are(answering: Answering) -> None:
    many = {**COVERAGE, "missing": 260, "listed": {"missing": [eni(n) for n in range(100)]}}

    swept = run("sweep", "--endpoint", answering(200, json.dumps(many).encode()))

    assert "and 250 more" in swept.stdout
    assert "--json lists more of the ids." in swept.stdout


def test_what_is_missing_is_told_with_the_oldest_and_the_command_that_says_why(
    serve: Serve,
) -> None:
    old = an_interface(2, created="2020-01-01T00:00:00Z")
    young = an_interface(1, created="2021-01-01T00:00:00Z")
    cloud = serve(a_fleet([young, old], [1], filters=[BOTH_WAYS]))

    shown = counted(cloud)
    told = json.loads(counted(cloud, "--json").stdout)

    assert f"The oldest gap, {eni(2)}, is at most " in shown.stdout
    assert "evermirror explain ENI says why" in shown.stdout
    assert told["remedies"] == [
        "evermirror explain ENI says why an interface is missing, and what to do."
    ]
    assert "--json lists" not in shown.stdout


def test_of_several_kinds_of_gaps_none_is_called_the_oldest(answering: Answering) -> None:
    both = {"missing": [eni(2)], "impossible": [eni(3)]}
    told = {**COVERAGE, "impossible": {"pool_full": 1}, "listed": both}

    swept = run("sweep", "--endpoint", answering(200, json.dumps(told).encode()))

    assert "The oldest gap is at most 2.0 hours old." in swept.stdout


@pytest.mark.parametrize("mode", ["observe", "paused"])
def test_a_sweep_that_may_ask_nobody_says_so(answering: Answering, mode: str) -> None:
    told = {**COVERAGE, "asked": 0, "mode": mode}

    swept = run("sweep", "--endpoint", answering(200, json.dumps(told).encode()))

    assert f"Mode {mode}: mirror was asked for none of them." in swept.stdout


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b'{"Code": "FunctionNotFound"}', "there is no such function"),
        (200, b'{"outcomes": []}', "is no reconcile"),
        (200, b"7", "is no reconcile"),
        (200, b"not json", "is no reconcile"),
    ],
)
def test_something_that_is_no_reconcile_is_told(
    answering: Answering, status: int, body: bytes, said: str
) -> None:
    swept = run("sweep", "--endpoint", answering(status, body))

    assert swept.exit_code == 1
    assert said in swept.stderr
