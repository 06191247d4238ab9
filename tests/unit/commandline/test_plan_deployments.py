"""`evermirror plan` says before a deployment which sessions would be lost or mirror no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud.testing import serving
from tests.worlds import ONE_WAY, a_fleet, a_session, an_interface, eni, instance, tms

from .conftest import Serve, run
from .plans import BALANCER, GROW, GROWING, SENSORS, Planned, Told, changed, kinds, sentences

TAG = "evermirror-pool"
BIG_GROWTH: dict[str, Any] = {**GROW, "name": "big"}
BIG = {"sensors": SENSORS, "grow": BIG_GROWTH}
GROWN = {"pools": {"big": BIG}, "default": {"pool": "big"}}


def grown() -> dict[str, Any]:
    """Two sessions that pool big made, full of what it wants."""
    made = [
        a_session(n, *range(first, first + 10), name=f"big-{n - 1}", tags={TAG: "big"})
        for n, first in ((1, 1), (2, 11))
    ]
    return a_fleet(range(1, 21), made)


def edited(**changes: Any) -> dict[str, Any]:
    """The policy with some words of `grow` changed."""
    return changed(**{**GROWN, "pools": {"big": {**BIG, "grow": {**BIG_GROWTH, **changes}}}})


def renamed(**more: Any) -> dict[str, Any]:
    pools = {"ids": {**BIG, **more}}
    return changed(pools=pools, default={"pool": "ids"})


@pytest.mark.parametrize(
    "policy",
    [edited(name="ids"), edited(priorities=[3, 5]), edited(max_sessions=1)],
    ids=["another name", "another range of priorities", "a lower max_sessions"],
)
def test_sessions_stay_their_pools_whatever_is_changed_about_the_next_one(
    planned: Planned, policy: Told
) -> None:
    with serving(grown()) as cloud:
        status, told = planned(cloud, policy, current=changed(**GROWN), **GROWING)

    (pool,) = told["pools"]
    assert (status, pool["mirrored"], pool["to_add"], pool["sessions"]) == (0, 20, [], 2)
    assert "sessions_orphaned" not in kinds(told)


def test_a_max_sessions_below_what_there_is_ends_growth_and_nothing_else(
    planned: Planned,
) -> None:
    with serving(grown()) as cloud:
        status, told = planned(cloud, edited(max_sessions=1), current=changed(**GROWN), **GROWING)
        _, before = planned(cloud, edited(max_sessions=2), current=changed(**GROWN), **GROWING)

    assert sentences(told, "growth_ends") == [
        "it has made 2, and may have 1: those stay its sessions, and it makes no more"
    ]
    assert (status, "growth_ends" in kinds(before)) == (0, False)


def test_sessions_that_a_rename_would_orphan_are_a_gap_that_says_what_they_cost(
    planned: Planned,
) -> None:
    with serving(grown()) as cloud:
        status, told = planned(cloud, renamed(), current=changed(**GROWN), **GROWING)
        kept, spared = planned(cloud, renamed(was=["big"]), current=changed(**GROWN), **GROWING)

    assert (status, told["status"]) == (3, "gaps")
    (sentence,) = sentences(told, "sessions_orphaned")
    assert sentence.startswith(f'{tms(1)}, {tms(2)} made by pool "big" would be no pool\'s: ')
    assert "20 sources there would go on costing" in sentence
    assert "say `was: [big]` in the pool that has them now" in sentence
    assert (kept, spared["pools"][0]["mirrored"]) == (0, 20)
    assert "sessions_orphaned" not in kinds(spared)


def test_a_pool_that_no_longer_grows_orphans_what_it_made(planned: Planned) -> None:
    policy = changed(
        pools={"big": {"sessions": [tms(1)], "sensors": SENSORS}}, default={"pool": "big"}
    )
    with serving(grown()) as cloud:
        status, told = planned(cloud, policy, current=changed(**GROWN), **GROWING)

    (sentence,) = sentences(told, "sessions_orphaned")
    assert (status, sentence.startswith(f"{tms(2)} made by")) == (3, True)
    assert 'let pool "big" grow, or name them under its `sessions`' in sentence


def test_a_session_tagged_for_a_pool_that_nobody_ever_had_is_no_finding_of_this_deployment(
    planned: Planned,
) -> None:
    foreign = a_session(9, name="other-0", tags={TAG: "other"})
    fleet = grown()
    fleet["sessions"].append(foreign)
    with serving(fleet) as cloud:
        status, told = planned(cloud, edited(), current=changed(**GROWN), **GROWING)

    assert (status, "sessions_orphaned" in kinds(told)) == (0, False)


def test_a_session_without_its_tag_is_lost_where_the_fence_is_moved(planned: Planned) -> None:
    fleet = grown()
    fleet["sessions"][1]["tags"] = {}
    with serving(fleet) as cloud:
        status, told = planned(cloud, edited(name="ids"), current=changed(**GROWN), **GROWING)
        kept, _ = planned(cloud, edited(max_sessions=4), current=changed(**GROWN), **GROWING)

    (sentence,) = sentences(told, "sessions_orphaned")
    assert (status, kept) == (3, 0)
    assert f"{tms(2)} lost the tag evermirror-pool, and would be no pool's: 10 sources" in sentence


def test_a_session_that_the_policy_no_longer_names_is_told_and_is_no_gap(
    planned: Planned,
) -> None:
    current = changed(pools={"ids": {"sessions": [tms(1), tms(2)], "sensors": SENSORS}})
    new = changed(pools={"ids": {"sessions": [tms(2)], "sensors": SENSORS}})
    with serving(a_fleet([1], [a_session(1, 1), a_session(2)])) as cloud:
        status, told = planned(cloud, new, current=current)

    (sentence,) = sentences(told, "sessions_left_out")
    assert (status, sentence.startswith(f"{tms(1)} would be no pool's: 1 source ")) == (0, True)
    assert told["pools"][0]["to_add"] == [eni(1)]


@pytest.mark.parametrize(
    ("pins", "reason"),
    [
        ({"targets": ["lb-j6c00000000000000009"]}, "wrong_target"),
        ({"filter": "tmf-j6c00000000000000009"}, "wrong_filter"),
        ({"directions": ["ingress", "egress"]}, "filter_accepts_nothing"),
    ],
)
def test_sessions_that_would_count_for_nothing_under_the_new_policy_are_told(
    planned: Planned, serve: Serve, pins: Told, reason: str
) -> None:
    named = {"sessions": [tms(1)], "sensors": SENSORS}
    pinned = changed(pools={"ids": {**named, **pins}})
    fleet = a_fleet([1, 2], [a_session(1, 1, 2)], filters=ONE_WAY)
    with serving(fleet) as cloud:
        status, told = planned(cloud, pinned, current=changed(pools={"ids": named}))
        again, deployed = planned(cloud, pinned, current=pinned)

    (sentence,) = sentences(told, "sessions_would_be_ineffective")
    assert sentence.startswith(f"{tms(1)} would count as mirroring nothing ({reason}: ")
    assert "2 sources there" in sentence
    assert told["pools"][0]["ineffective_because"] == {reason: 2}
    assert (status, again, kinds(deployed).count("sessions_would_be_ineffective")) == (3, 3, 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"targets": [{"id": "lb-j6c00000000000000009", "type": "SLB"}]}, "wrong_target"),
        ({"filter": "tmf-j6c00000000000000009"}, "wrong_filter"),
    ],
)
def test_a_pool_that_is_to_grow_elsewhere_is_told_what_becomes_of_what_it_made(
    planned: Planned, changes: Told, reason: str
) -> None:
    with serving(grown()) as cloud:
        status, told = planned(cloud, edited(**changes), current=changed(**GROWN), **GROWING)

    (sentence,) = sentences(told, "sessions_would_be_ineffective")
    assert (status, told["pools"][0]["to_add"]) == (3, [])
    assert f"({reason}: " in sentence
    assert "20 sources there" in sentence


def test_a_session_that_mirrors_nothing_already_is_not_blamed_on_the_new_policy(
    planned: Planned,
) -> None:
    named = {"sessions": [tms(1)], "sensors": SENSORS}
    pinned = changed(pools={"ids": {**named, "targets": ["lb-j6c00000000000000009"]}})
    with serving(a_fleet([1], [a_session(1, 1, enabled=False)])) as cloud:
        _, told = planned(cloud, pinned, current=changed(pools={"ids": named}))

    assert "sessions_would_be_ineffective" not in kinds(told)
    assert sentences(told, "sessions_idle") == [
        f"{tms(1)} mirror nothing (session_disabled: it is switched off)"
    ]


def test_a_session_whose_sensor_is_gone_has_no_seats_and_is_told(planned: Planned) -> None:
    target = {"target": eni(9), "target_type": "NetworkInterface"}
    policy = changed(pools={"ids": {"sessions": [tms(1)], "targets": [eni(9), BALANCER]}})
    policy["pools"]["ids"]["sensors"] = SENSORS
    gone = an_interface(9, status="Available", instance=None)
    with serving(a_fleet([1, 2, gone], [a_session(1, 1, **target)])) as cloud:
        status, told = planned(cloud, policy, current=policy)
        cloud.load(a_fleet([1, 2, 9], [a_session(1, 1, **target)]))
        good, _ = planned(cloud, policy, current=policy)

    (pool,) = told["pools"]
    assert (status, pool["ineffective_because"], pool["free_seats"]) == (3, {"target_gone": 1}, 0)
    assert pool["missing_because"] == "no_session_mirrors"
    assert good == 0


def test_a_stopped_sensor_is_read_where_no_rule_asks_about_instances(planned: Planned) -> None:
    target = {"target": eni(9), "target_type": "NetworkInterface"}
    policy = changed(pools={"ids": {"sessions": [tms(1)], "sensors": {"instance": instance(9)}}})
    fleet = a_fleet([1, 9], [a_session(1, 1, **target)])
    fleet["instances"][1]["status"] = "Stopped"
    with serving(fleet) as cloud:
        status, told = planned(cloud, policy, current=policy)

    assert (status, told["pools"][0]["ineffective_because"]) == (3, {"target_not_running": 1})


def test_people_are_told_what_a_rename_would_cost(serve: Serve, tmp_path: Path) -> None:
    for name, policy in (("new", renamed()), ("current", changed(**GROWN))):
        (tmp_path / f"{name}.json").write_text(json.dumps(policy))

    asked = run(
        "plan",
        *("--endpoint", serve(grown()).endpoint),
        *("--policy", tmp_path / "new.json", "--current", tmp_path / "current.json"),
        **GROWING,
    )

    assert asked.exit_code == 3
    assert "20 sources there would go on costing" in asked.stdout
