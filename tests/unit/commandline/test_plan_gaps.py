"""`evermirror plan` counts the seats that a fleet lacks: sessions, targets, quotas, the ceiling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evermirror.policy import compile_policy
from localcloud.testing import serving
from tests.worlds import a_fleet, a_session, an_interface, eni, instance, tms

from .conftest import Serve, run
from .plans import EVERYTHING, GROW, GROWING, SENSORS, Planned, Told, changed, kinds


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
        status, told = planned(cloud, policy, **GROWING)

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


def test_people_are_told_what_the_ceiling_leaves_out_of_what_would_be_added(serve: Serve) -> None:
    fleet = a_fleet([1, 2, 3, 4], [a_session(1, 1, 2, 3)])

    asked = run("plan", "--endpoint", serve(fleet).endpoint, EVERMIRROR_MAX_SOURCES="2")

    assert (
        "EVERMIRROR_MAX_SOURCES is 2, and with what would be added the pools would have 4 sources: "
        "1 of the 1 to add would be left out"
    ) in asked.stdout
    assert "the ceiling left out of account" in asked.stdout


def test_a_plan_without_gaps_fits_a_narrow_screen(serve: Serve) -> None:
    asked = run("plan", "--endpoint", serve(a_fleet([1, 2], [a_session(1, 1)])).endpoint)

    (heading,) = (line for line in asked.stdout.splitlines() if line.startswith("pool "))
    assert heading.endswith("sessions  free seats  CNY, all wanted")
    assert len(heading) < 80


def test_a_raised_quota_is_a_setting(planned: Planned) -> None:
    with serving(a_fleet(range(1, 13), [a_session(1)])) as cloud:
        assert planned(cloud, EVERYTHING)[0] == 3
        assert planned(cloud, EVERYTHING, EVERMIRROR_SOURCES_PER_SESSION="12")[0] == 0


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ({"enabled": False}, "session_disabled"),
        ({"business_status": "FinancialLocked"}, "session_locked"),
        ({"filter": "tmf-j6c00000000000000002"}, "filter_accepts_nothing"),
    ],
    ids=["switched off", "locked", "a filter that accepts nothing"],
)
def test_what_is_listed_only_where_nothing_is_mirrored_is_a_gap(
    planned: Planned, trouble: Told, reason: str
) -> None:
    fleet = a_fleet([1, 2], [a_session(1, 1, 2, **trouble)])
    fleet["filters"].append({"id": "tmf-j6c00000000000000002", "rules": 0})
    with serving(fleet) as cloud:
        status, told = planned(cloud, EVERYTHING)

    (pool,) = told["pools"]
    assert (status, told["status"], pool["mirrored"]) == (3, "gaps", 0)
    assert pool["ineffective"] == [
        {"network_interface_id": eni(n), "session_id": tms(1), "reason": reason} for n in (1, 2)
    ]


def test_a_session_that_mirrors_nothing_is_passed_while_another_has_seats(
    planned: Planned,
) -> None:
    pools = {"ids": {"sessions": [tms(1), tms(2)], "sensors": SENSORS}}
    fleet = a_fleet(range(1, 7), [a_session(1, enabled=False), a_session(2)])
    with serving(fleet) as cloud:
        status, told = planned(cloud, changed(pools=pools))

    (pool,) = told["pools"]
    assert (status, pool["ineffective"]) == (0, [])
    assert (pool["free_seats"], pool["missing_seats"]) == (10, 0)


def test_people_are_told_what_to_do_about_sessions_that_do_not_mirror(serve: Serve) -> None:
    fleet = a_fleet([1, 2], [a_session(1, 1, 2, enabled=False)])

    asked = run("plan", "--endpoint", serve(fleet).endpoint)

    assert (
        f"interfaces that are in {tms(1)} and are not mirrored there: 2; it is switched off: "
        "enable the session"
    ) in asked.stdout


@pytest.mark.parametrize(
    ("sessions", "policy", "reason"),
    [
        ([a_session(1, enabled=False)], {"sessions": [tms(1)]}, "no_session_mirrors"),
        ([a_session(1, *range(101, 111))], {"sessions": [tms(1)]}, "pool_full"),
        ([], {"sensors": SENSORS, "grow": GROW}, "growth_not_allowed"),
        (
            [a_session(1, *range(101, 111), tags={"evermirror-pool": "ids"})],
            {"sensors": SENSORS, "grow": GROW},
            "growth_not_allowed",
        ),
    ],
    ids=["none mirrors", "full", "no session, and none may be made", "full, and it may not grow"],
)
def test_a_pool_without_seats_says_why_as_coverage_does(
    planned: Planned, tmp_path: Path, sessions: list[Any], policy: Told, reason: str
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(changed(pools={"ids": policy})))
    with serving(a_fleet([1], sessions)) as cloud:
        status, told = planned(cloud, changed(pools={"ids": policy}))
        options = ("--endpoint", cloud.endpoint, "--policy", file, "--json")
        coverage = json.loads(run("coverage", *options).stdout)

    (pool,) = told["pools"]
    assert (status, told["status"], pool["missing_seats"]) == (3, "gaps", 1)
    assert ({pool["missing_because"]: 1}, coverage["status"]) == (coverage["impossible"], "gaps")
    assert pool["missing_because"] == reason


def test_of_a_pool_whose_next_session_would_mirror_nothing_plan_says_what_coverage_says(
    planned: Planned, tmp_path: Path
) -> None:
    grow = {**GROW, "targets": [{"id": eni(9), "type": "NetworkInterface"}]}
    policy = changed(pools={"ids": {"sensors": SENSORS, "grow": grow}})
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    allowed = {"EVERMIRROR_ALLOW_GROWTH": "true"}
    gone = an_interface(9, status="Available", instance=None)
    with serving(a_fleet([1, gone], [])) as cloud:
        _, told = planned(cloud, policy, **allowed)
        options = ("--endpoint", cloud.endpoint, "--policy", tmp_path / "policy.json", "--json")
        coverage = json.loads(run("coverage", *options, **allowed).stdout)

    (pool,) = told["pools"]
    assert (pool["grown_sessions"], pool["missing_seats"]) == (0, 1)
    assert (pool["missing_because"], coverage["impossible"]) == (
        "no_session_mirrors",
        {"no_session_mirrors": 1},
    )


def test_people_are_told_that_growth_is_not_allowed_and_not_to_buy_targets(serve: Serve) -> None:
    policy = compile_policy(changed(pools={"ids": {"sensors": SENSORS, "grow": GROW}}))

    asked = run("plan", "--endpoint", serve(a_fleet([1], []), policy).endpoint)

    assert "without a seat: 1 interface; The policy lets the pool make sessions" in asked.stdout
    assert "for them" not in asked.stdout


def test_of_sessions_that_the_service_does_not_list_nothing_is_asked(planned: Planned) -> None:
    policy = changed(pools={"ids": {"sessions": [tms(7), tms(8)], "sensors": SENSORS}})
    with serving(a_fleet([1], [1])) as cloud:
        status, told = planned(cloud, policy, "--verify")
        assert not cloud.journal("AddSourcesToTrafficMirrorSession")

    (pool,) = told["pools"]
    assert (status, told["unknown"]) == (4, "sessions_not_listed")
    assert (pool["missing_seats"], pool["missing_because"]) == (1, "sessions_not_listed")


def test_an_interface_that_a_stranger_mirrors_to_is_a_gap_and_excludes_nobody_beside_it(
    planned: Planned, serve: Serve
) -> None:
    beside = an_interface(2, instance=instance(1), type="Secondary")
    claim = a_session(9, target=eni(1), target_type="NetworkInterface")
    fleet = a_fleet([1, beside], [1, claim])
    with serving(fleet) as cloud:
        status, told = planned(cloud, EVERYTHING)
    shown = run("plan", "--endpoint", serve(fleet, compile_policy(EVERYTHING)).endpoint)

    (pool,) = told["pools"]
    assert (status, pool["to_add"]) == (3, [eni(1), eni(2)])
    assert pool["claimed_by_stranger"] == [{"network_interface_id": eni(1), "session_id": tms(9)}]
    assert f"{eni(1)} (by {tms(9)}); ask who owns it" in shown.stdout


def test_what_an_untagged_session_lists_counts_and_it_is_not_filled(planned: Planned) -> None:
    policy = changed(pools={"ids": {"sensors": SENSORS, "grow": GROW}})
    sessions = [a_session(1, 1, name="ids-0"), a_session(2, name="ids-1")]
    with serving(a_fleet([1, 2], sessions)) as cloud:
        status, told = planned(cloud, policy, "--verify", **GROWING)
        asked = cloud.journal("CreateTrafficMirrorSession")

    (pool,) = told["pools"]
    assert (pool["mirrored"], pool["free_seats"], pool["grown_sessions"]) == (1, 0, 1)
    assert (status, [call["parameters"]["Priority"] for call in asked]) == (0, ["3"])
    assert "sessions_untagged" in kinds(told)
