"""`evermirror plan` asks the service by dry runs, no more of them than tell something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evermirror.placement.rendezvous import order
from localcloud.testing import serving
from tests.worlds import a_fleet, a_session, eni, tms

from .conftest import run
from .plans import EVERYTHING, GROW, GROWING, SENSORS, Planned, Told, changed


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
    assert told["verification"] == {"asked": 2, "passed": 1, "not_asked": 0, "unanswered": []}
    assert (refused["network_interface_id"], refused["session_id"]) == (eni(2), tms(1))
    assert refused["code"] == "OperationDenied.EcsNotSupportTrafficMirror"
    assert refused["remedy"]
    assert told["unsupported_families"] == {"ecs.g7": 1}


def test_families_that_cannot_be_mirrored_are_told_first(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(EVERYTHING))
    fleet = a_fleet([1, 2, 3, 4], [a_session(1, 1)])
    for one, kind in zip(fleet["instances"][1:], ("t1.small", "n1.small", "n1.large"), strict=True):
        one.update(type=f"ecs.{kind}", supports_mirror=False)
    with serving(fleet) as cloud:
        shown = run("plan", "--endpoint", cloud.endpoint, "--current", policy, "--verify")

    first = next(line for line in shown.stdout.splitlines() if "→" in line)
    assert "cannot be mirrored: 2 of ecs.n1, 1 of ecs.t1." in first
    assert "match: {instance_family: [ecs.n1, ecs.t1]}, never: true}" in first


def test_a_session_that_would_be_made_is_asked_for_too(planned: Planned) -> None:
    policy = changed(pools={"ids": {"sensors": SENSORS, "grow": GROW}})
    with serving(a_fleet([1, 2], [a_session(1)])) as cloud:
        status, told = planned(cloud, policy, "--verify", **GROWING)
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


ADD = "AddSourcesToTrafficMirrorSession"


@pytest.mark.parametrize(
    ("do", "code", "asked"),
    [
        ({"reset": "before"}, "cut_short", 2),
        ({"throttle": True, "retry_after_ms": 1}, "Throttling.User", 1),
    ],
    ids=["cut off", "an overload that stays"],
)
def test_dry_runs_without_an_answer_are_told_apart_and_leave_it_unknown(
    planned: Planned, do: Told, code: str, asked: int
) -> None:
    with serving(a_fleet([1, 2], [1])) as cloud:
        cloud.set_faults([{"action": ADD, "do": do}])
        status, told = planned(cloud, EVERYTHING, "--verify")

    assert (status, told["status"], told["unknown"]) == (4, "unknown", "dry_runs_unanswered")
    found = told["verification"]
    assert (found["passed"], found["refused"]) == (0, [])
    assert [one["code"] for one in found["unanswered"]] == [code] * asked
    assert (found["asked"], found["not_asked"]) == (asked, 2 - asked)


def test_waiting_for_dry_runs_says_how_far_it_is(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(EVERYTHING))
    slow = {"throttle": True, "retry_after_ms": 1500}
    with serving(a_fleet([1, 2], [1])) as cloud:
        cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": slow}])
        asked = run("plan", "--endpoint", cloud.endpoint, "--current", policy, "--verify")

    assert asked.exit_code == 0
    assert "asking: 0 of 2 dry runs" in asked.stderr


@pytest.mark.parametrize("enabled", [True, False])
def test_the_session_that_mirror_would_use_is_asked_and_none_that_mirrors_nothing(
    planned: Planned, enabled: bool
) -> None:
    policy = changed(pools={"ids": {"sessions": [tms(1), tms(2)], "sensors": SENSORS}})
    sessions = [a_session(1, enabled=enabled), a_session(2)]
    with serving(a_fleet(range(1, 7), sessions)) as cloud:
        planned(cloud, policy, "--verify")
        asked = cloud.journal(ADD)

    chosen = {
        call["parameters"]["TrafficMirrorSourceIds.1"]: call["parameters"]["TrafficMirrorSessionId"]
        for call in asked
    }
    works = (tms(1), tms(2)) if enabled else (tms(2),)
    assert chosen == {one: order(one, works, {}, 0.0)[0] for one in map(eni, range(1, 7))}
    assert set(chosen.values()) == set(works)


def test_a_pool_that_may_not_grow_is_asked_for_no_new_session(planned: Planned) -> None:
    policy = changed(pools={"ids": {"sensors": SENSORS, "grow": GROW}})
    with serving(a_fleet([1], [])) as cloud:
        status, told = planned(cloud, policy, "--verify")
        assert not cloud.journal("CreateTrafficMirrorSession")

    assert (status, told["verification"]["asked"]) == (3, 0)


def test_a_session_that_is_busy_now_is_told_and_is_no_gap(planned: Planned) -> None:
    busy = {"error": "IncorrectStatus.TrafficMirrorSession", "status": 400}
    with serving(a_fleet([1], [1])) as cloud:
        cloud.set_faults([{"action": "AddSourcesToTrafficMirrorSession", "do": busy}])
        status, told = planned(cloud, EVERYTHING, "--verify")

    assert (status, told["status"]) == (0, "fits")
    (refused,) = told["verification"]["refused"]
    assert refused["code"] == "IncorrectStatus.TrafficMirrorSession"
    assert refused["passing"]
