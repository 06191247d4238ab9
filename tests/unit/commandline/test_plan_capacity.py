"""Capacity against need, for any fleet: seats are counted once, and one more session helps."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commandline.planning.capacity import PoolNeed, pool_needs
from commandline.planning.placed import attached, place_all
from commandline.planning.plan import make_plan
from commandline.planning.price import Price, price
from commandline.planning.quotas import Quotas, Room
from evermirror.fleet import Fleet
from evermirror.model import NetworkInterface, Session
from evermirror.placement.limits import Limits
from evermirror.placement.placement import Placement
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Growth, Target
from tests.worlds import eni, instance, tms

FILTER = "tmf-j6c00000000000000001"
TARGETS = ["lb-j6c00000000000000001", eni(900), eni(901)]
GONE = TARGETS[2]
"""The only target that is not there."""


def interfaces(number: int) -> tuple[NetworkInterface, ...]:
    return tuple(
        NetworkInterface(eni(n), "InUse", instance_id=instance(n)) for n in range(1, number + 1)
    )


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Up to 120 interfaces, some of them in up to eight sessions of three targets."""
    seen = interfaces(draw(st.integers(1, 120)))
    sensor = NetworkInterface(TARGETS[1], "InUse", instance_id=instance(900))
    sessions = {}
    free = [interface.id for interface in seen]
    for number in range(1, draw(st.integers(0, 8)) + 1):
        listed = [free.pop() for _ in range(draw(st.integers(0, min(10, len(free)))))]
        target_id = draw(st.sampled_from(TARGETS))
        sessions[tms(number)] = Session(
            tms(number),
            "Created",
            tuple(listed),
            target_id=target_id,
            target_type="SLB" if target_id == TARGETS[0] else "NetworkInterface",
            filter_id=FILTER,
            priority=number,
            enabled=draw(st.booleans()) or draw(st.booleans()),
        )
    return Fleet((*seen, sensor), sessions)


growths = st.none() | st.builds(
    Growth,
    filter_id=st.just(FILTER),
    targets=st.just((Target(TARGETS[0], "SLB"), Target(TARGETS[1], "NetworkInterface"))),
    first_priority=st.integers(1, 6),
    last_priority=st.just(20),
    max_sessions=st.integers(1, 12),
    name=st.just("ids"),
)


def need(
    fleet: Fleet,
    growth: Growth | None = None,
    quotas: Quotas | None = None,
    limits: Limits | None = None,
) -> PoolNeed:
    policy = Policy(
        pools={"ids": Pool("ids", tuple(sorted(fleet.sessions)), growth=growth)}, default="ids"
    )
    placement = Placement(policy, fleet.snapshot, limits or Limits(allow_growth=True))
    placed = place_all(placement, attached(fleet))
    (only,) = pool_needs(placement, placed, quotas or Quotas())
    return only


@given(fleets(), growths)
def test_what_is_missing_is_what_neither_seats_nor_growth_take(
    fleet: Fleet, growth: Growth | None
) -> None:
    found = need(fleet, growth)
    assert found.wanted == found.mirrored + len(found.ineffective) + len(found.to_add)
    seated = len(found.to_add) - found.grown_seats - found.missing_seats
    assert seated == min(found.free_seats, len(found.to_add))
    assert (found.missing_sessions > 0) == (found.missing_seats > 0)
    assert (found.missing_because is None) == (found.missing_seats == 0)
    assert found.missing_targets <= found.missing_sessions
    assert found.grown_seats <= 10 * found.grown_sessions


@given(fleets())
def test_what_is_listed_counts_by_whether_its_session_mirrors(fleet: Fleet) -> None:
    found = need(fleet)
    idle = [one for one in fleet.sessions.values() if not one.enabled or one.target_id == GONE]
    assert {one.session_id for one in found.ineffective} <= {one.id for one in idle}
    assert len(found.ineffective) == sum(len(one.source_ids) for one in idle)


@given(fleets(), growths)
def test_no_target_is_given_more_than_it_takes(fleet: Fleet, growth: Growth | None) -> None:
    room = Room(fleet.snapshot, Quotas())
    found = need(fleet, growth)
    assert found.free_seats <= sum(room.on_target(target_id) for target_id in TARGETS)


@given(fleets(), growths)
def test_a_pool_that_may_not_grow_makes_nothing(fleet: Fleet, growth: Growth | None) -> None:
    found = need(fleet, growth, limits=Limits())
    assert (found.grown_sessions, found.grown_seats) == (0, 0)
    if growth is not None and found.missing_seats:
        assert found.missing_because == "growth_not_allowed"


@given(fleets())
def test_one_session_more_gives_ten_seats_more(fleet: Fleet) -> None:
    before = need(fleet).missing_seats
    more = Session(
        tms(99), "Created", target_id="lb-j6c00000000000000009", target_type="SLB", priority=99
    )
    after = need(replace(fleet, sessions={**fleet.sessions, more.id: more})).missing_seats
    assert after == max(0, before - 10)


@pytest.mark.parametrize(
    ("quotas", "seats", "made"),
    [
        (Quotas(), 10, 5),
        (Quotas(sessions=3), 10, 3),
        (Quotas(sessions_per_filter=2), 10, 2),
        (Quotas(sources_per_load_balancer=15), 10, 2),
        (Quotas(), 25, 2),
    ],
    ids=str,
)
def test_growth_ends_where_a_quota_of_the_region_does(
    quotas: Quotas, seats: int, made: int
) -> None:
    limits = Limits(sources_per_session=seats, allow_growth=True)
    growth = Growth(FILTER, (Target(TARGETS[0], "SLB"),), 1, 100, 50, "ids")
    assert need(Fleet(interfaces(50)), growth, quotas, limits).grown_sessions == made


def test_a_pool_that_nothing_is_known_of_needs_at_least_one_target() -> None:
    found = need(Fleet(interfaces(12)))
    assert (found.missing_sessions, found.missing_targets) == (2, 1)


def test_a_source_costs_73_a_month_in_each_session_that_works() -> None:
    sessions = (
        Session(tms(1), "Created", (eni(1), eni(2))),
        Session(tms(2), "Modifying", (eni(1),)),
        Session(tms(3), "Created", (eni(3),), enabled=False),
        Session(tms(4), "Created", (eni(4),), business_status="FinancialLocked"),
    )
    needs = (
        PoolNeed("a", 5, 0, to_add=(eni(5), eni(6), eni(7)), missing_seats=1),
        PoolNeed("b", 1, 0, to_add=(eni(8),), at_session_quota=(eni(8),)),
    )
    assert price(sessions, needs) == Price(3, 2)
    assert (price(sessions, needs).now, price(sessions, needs).after) == (
        Decimal("219.0"),
        Decimal("365.0"),
    )


def test_a_fleet_of_a_hundred_thousand_is_planned_for_in_seconds() -> None:
    """Sessions are looked at once each, and not once for each interface that has no seat yet."""
    seen = interfaces(100_000)
    sessions = {
        tms(n): Session(
            tms(n),
            "Created",
            tuple(eni(10 * n + i) for i in range(1, 6)),
            target_id=f"lb-j6c{n:017}",
            target_type="SLB",
            filter_id=FILTER,
            priority=n,
        )
        for n in range(10_000)
    }
    policy = Policy(pools={"ids": Pool("ids", tuple(sorted(sessions)))}, default="ids")
    started = time.process_time()
    plan = make_plan(policy, policy, Fleet(seen, sessions), Limits())
    spent = time.process_time() - started

    assert (plan.status, plan.needs[0].mirrored, plan.to_ask) == ("fits", 50_000, 50_000)
    assert spent < 20
