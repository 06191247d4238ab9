"""Coverage counts what is there, and never calls nothing full."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evermirror.coverage import (
    Coverage,
    Listed,
    Status,
    to_wire,
)
from evermirror.model import NetworkInterface, Session
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, Pool
from evermirror.policy.decision import Rule
from evermirror.policy.matchers import OneOf, Tagged
from evermirror.policy.sessions import POOL_TAG, Discovery, Growth, Target
from tests.worlds import eni, instance, tms

from .fleets import EMPTY, LIMITS, count, interface, session


def test_every_interface_is_counted_where_it_stands() -> None:
    counted = count(
        [
            *(interface(n) for n in range(1, 5)),
            interface(5, status="Available"),
            interface(6, vpc_id="vpc-j6c00000000000000009"),
            interface(7),
        ],
        session(1, 1, 3, target_id=eni(7)),
        session(2, 2, 3, enabled=False),
        session(3, 4),
    )

    assert counted.mirrored == (eni(1), eni(3))
    assert counted.ineffective == {"session_disabled": (eni(2),)}
    assert counted.missing == (eni(4),)
    assert counted.twice == (eni(3),)
    assert counted.excluded == {"not there": 1, "target_instance": 1}
    assert counted.unattached == 1
    assert counted.eligible == 4
    assert (counted.share, counted.status) == (0.5, Status.GAPS)


@pytest.mark.parametrize(
    "pool",
    [
        Pool("more", growth=Growth(EMPTY, (Target(eni(9), "NetworkInterface"),), 1, 9, 5, "more")),
        Pool("more", discovery=Discovery(target_id=eni(9))),
    ],
    ids=["grown", "found"],
)
@pytest.mark.parametrize("instances", [{}, {"instance_id": None}], ids=["on one", "on none"])
def test_a_target_that_only_the_policy_names_is_no_gap(
    pool: Pool, instances: dict[str, Any]
) -> None:
    policy = Policy({"all": Pool("all", (tms(1),)), "more": pool}, default="all")
    beside = interface(10, instance_id=instance(9))

    counted = count([interface(1), interface(9, **instances)], session(1, 1), policy=policy)
    with_another = count([interface(9), beside, interface(1)], session(1, 1), policy=policy)

    assert (counted.missing, counted.excluded) == ((), {"target_instance": 1})
    assert (with_another.missing, with_another.excluded) == ((), {"target_instance": 2})


def test_a_session_of_two_pools_serves_both_as_mirror_has_it() -> None:
    found = Pool("found", discovery=Discovery(name_prefix="ids-"))
    pools = {"named": Pool("named", (tms(1),)), "found": found}
    rules = (Rule("first", OneOf("network_interface", frozenset({eni(1)})), "named"),)
    shared = session(1, 1, 2, name="ids-1")

    counted = count(
        [interface(1), interface(2)], shared, policy=Policy(pools, rules, default="found")
    )

    assert counted.mirrored == (eni(1), eni(2))
    assert (counted.extra, counted.missing) == ((), ())


def test_an_interface_in_use_on_no_instance_is_excluded_where_the_policy_asks_for_one() -> None:
    asking = Policy(
        pools={"all": Pool("all", (tms(1),))},
        rules=(Rule("prod", Tagged(True, "env", frozenset({"prod"})), "all"),),
        default="all",
    )
    elsewhere = interface(1, instance_id=None)

    counted = count([elsewhere, interface(2)], session(1, 2), policy=asking)

    assert counted.excluded == {"no_instance": 1}
    assert counted.undecided == (eni(2),)


def test_a_rule_that_bears_the_word_of_a_safeguard_is_told_apart_from_it() -> None:
    rule = Rule("service_managed", OneOf("network_interface", frozenset({eni(1)})), None)
    policy = Policy(pools={"all": Pool("all", (tms(1),))}, rules=(rule,), default="all")

    counted = count([interface(1), interface(2, service_managed=True)], session(1), policy=policy)

    assert counted.excluded == {'rule "service_managed"': 1, "service_managed": 1}


def test_sources_that_are_gone_and_sources_that_nobody_wants_are_listed_with_their_session() -> (
    None
):
    counted = count(
        [
            interface(1),
            interface(2, status="Available"),
            interface(3, status="Detaching"),
            interface(4, vpc_id="vpc-j6c00000000000000009"),
        ],
        session(1, 1, 2, 3, 4, 5),
        session(2),
        session(9, 6),
    )

    assert counted.gone == (Listed(eni(2), tms(1)), Listed(eni(5), tms(1)))
    assert counted.extra == (Listed(eni(4), tms(1)),)


def test_a_pool_takes_what_another_pool_holds_for_extra() -> None:
    policy = Policy(pools={"a": Pool("a", (tms(1),)), "b": Pool("b", (tms(2),))}, default="a")

    counted = count([interface(1)], session(1), session(2, 1), policy=policy)

    assert (counted.missing, counted.extra) == ((eni(1),), (Listed(eni(1), tms(2)),))


GROWTH = Growth("tmf-j6c00000000000000001", (Target("lb-1", "SLB"),), 10, 11, 2, "grown")
FULL = session(1, *range(101, 111))
MADE = [session(n, *range(n * 100, n * 100 + 10), tags={POOL_TAG: "all"}) for n in (10, 11, 12)]


@pytest.mark.parametrize(
    ("pool", "sessions", "limits", "reason"),
    [
        (Pool("all", (tms(1),)), [FULL], LIMITS, "pool_full"),
        (Pool("all", (tms(1),)), [FULL], replace(LIMITS, sources_per_session=11), None),
        (Pool("all", (tms(1),)), [replace(FULL, status="Modifying")], LIMITS, None),
        (Pool("all", (tms(1),), growth=GROWTH), [FULL], LIMITS, "growth_not_allowed"),
        (Pool("all", (tms(1),), growth=GROWTH), [FULL], replace(LIMITS, allow_growth=True), None),
        (Pool("all", growth=GROWTH), MADE, replace(LIMITS, allow_growth=True), "pool_full"),
        # One above what the pool may make now still is one of its sessions.
        (Pool("all", growth=GROWTH), MADE[1:], replace(LIMITS, allow_growth=True), "pool_full"),
        (Pool("all", (tms(1),)), [session(9)], LIMITS, None),
        (Pool("all", (tms(1), tms(2))), [FULL], LIMITS, None),
        (Pool("all", discovery=Discovery(name_prefix="x")), [FULL], LIMITS, "pool_empty"),
        (Pool("all", (tms(1),)), [session(1), *(session(n, 1) for n in (7, 8, 9))], LIMITS,
         "in_three_sessions"),
        (Pool("all", (tms(1),)), [session(1, 101)], replace(LIMITS, max_sources=1),
         "ceiling_reached"),
        (Pool("all", (tms(1),)), [session(1, 101)], replace(LIMITS, max_sources=2), None),
    ],
)  # fmt: skip
def test_what_the_read_shows_to_be_impossible_has_a_reason(
    pool: Pool, sessions: list[Session], limits: Limits, reason: str | None
) -> None:
    policy = Policy(pools={"all": pool}, default="all")

    counted = count([interface(1)], *sessions, policy=policy, limits=limits)

    assert dict(counted.impossible) == ({reason: (eni(1),)} if reason else {})
    assert counted.missing == (() if reason else (eni(1),))
    assert counted.eligible == 1


def test_sessions_are_found_by_what_they_look_like_too() -> None:
    policy = Policy(
        pools={"all": Pool("all", discovery=Discovery(name_prefix="ids-"))}, default="all"
    )

    counted = count(
        [interface(1)], session(1, 1, name="ids-1"), session(2, name="x"), policy=policy
    )

    assert counted.mirrored == (eni(1),)


@pytest.mark.parametrize(
    ("interfaces", "sessions", "reason"),
    [
        ([], [session(1), session(2)], "no_interfaces_read"),
        ([interface(1)], [], "no_sessions_read"),
        ([interface(1)], [session(1, 1)], "sessions_not_listed"),
        ([interface(1, status="Available")], [session(1), session(2)], "nothing_eligible"),
    ],
)
def test_what_cannot_be_trusted_to_be_everything_is_unknown_and_no_percentage(
    interfaces: list[NetworkInterface], sessions: list[Session], reason: str
) -> None:
    counted = count(interfaces, *sessions)

    assert (counted.unknown, counted.share, counted.status) == (reason, None, Status.UNKNOWN)


def test_nothing_is_called_gone_after_a_read_that_showed_nothing() -> None:
    assert count([], session(1, 1), session(2)).gone == ()


def test_interfaces_whose_instance_nobody_may_see_leave_coverage_unknown() -> None:
    rule = Rule("prod", Tagged(True, "env", frozenset({"prod"})), "all")
    policy = Policy(pools={"all": Pool("all", (tms(1),))}, rules=(rule,))

    counted = count([interface(1)], session(1), policy=policy)

    assert (counted.unknown, counted.undecided) == ("instances_not_visible", (eni(1),))


def test_told_to_others_numbers_are_whole_and_lists_are_cut() -> None:
    many = tuple(eni(n) for n in range(100_000))
    rules = {f"rule {n}": 1 for n in range(1_000)}

    wire = to_wire(Coverage(missing=many, excluded=rules, impossible={"pool_full": many}))

    assert (wire["missing"], wire["impossible"]) == (100_000, {"pool_full": 100_000})
    assert len(str(wire)) < 64 * 1024
    excluded = wire["excluded"]
    assert isinstance(excluded, dict)
    assert sum(excluded.values()) == 1_000
