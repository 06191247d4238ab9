"""Capacity against need, for any fleet: seats are counted once, and one more session helps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commandline.planning.capacity import PoolNeed, pool_needs
from commandline.planning.price import Price, price
from commandline.planning.quotas import Quotas, Room
from commandline.planning.seats import Seats
from commandline.planning.seen import Seen, place_all
from evermirror.model import NetworkInterface, Session
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Growth, Target
from tests.worlds import eni, instance, tms

FILTER = "tmf-j6c00000000000000001"
TARGETS = ["lb-j6c00000000000000001", eni(900), eni(901)]


def interfaces(number: int) -> tuple[NetworkInterface, ...]:
    return tuple(
        NetworkInterface(eni(n), "InUse", instance_id=instance(n)) for n in range(1, number + 1)
    )


@st.composite
def fleets(draw: st.DrawFn) -> Seen:
    """Up to 120 interfaces, some of them in up to eight sessions of three targets."""
    seen = interfaces(draw(st.integers(1, 120)))
    sessions = {}
    free = [interface.id for interface in seen]
    for number in range(1, draw(st.integers(0, 8)) + 1):
        listed = [free.pop() for _ in range(draw(st.integers(0, min(10, len(free)))))]
        sessions[tms(number)] = Session(
            tms(number),
            "Created",
            tuple(listed),
            target_id=draw(st.sampled_from(TARGETS)),
            filter_id=FILTER,
            priority=number,
            enabled=draw(st.booleans()) or draw(st.booleans()),
        )
    return Seen(seen, {}, sessions)


growths = st.none() | st.builds(
    Growth,
    filter_id=st.just(FILTER),
    targets=st.just((Target(TARGETS[0], "SLB"), Target(TARGETS[1], "NetworkInterface"))),
    first_priority=st.integers(1, 6),
    last_priority=st.just(20),
    max_sessions=st.integers(1, 12),
    name=st.just("ids"),
)


def need(seen: Seen, growth: Growth | None = None, quotas: Quotas | None = None) -> PoolNeed:
    policy = Policy(
        pools={"ids": Pool("ids", tuple(sorted(seen.sessions)), growth=growth)}, default="ids"
    )
    (only,) = pool_needs(policy, place_all(policy, seen), seen, quotas or Quotas())
    return only


@given(fleets(), growths)
def test_what_is_missing_is_what_neither_seats_nor_growth_take(
    seen: Seen, growth: Growth | None
) -> None:
    found = need(seen, growth)
    misplaced = sum(one.network_interface_id in found.to_add for one in found.ineffective)
    listed = len(found.ineffective) - misplaced
    assert found.wanted == found.mirrored + listed + len(found.to_add) == len(seen.attached)
    seated = len(found.to_add) - misplaced - found.grown_seats - found.missing_seats
    assert 0 <= seated <= found.free_seats
    if all(session.enabled for session in seen.sessions.values()):
        assert seated == min(found.free_seats, len(found.to_add))
        assert not found.ineffective
    assert (found.missing_sessions > 0) == (found.missing_seats > 0)
    assert found.missing_targets <= found.missing_sessions
    assert found.grown_seats <= 10 * found.grown_sessions


@given(fleets(), growths)
def test_no_target_is_given_more_than_it_takes(seen: Seen, growth: Growth | None) -> None:
    quotas = Quotas()
    room = Room(seen, quotas)
    found = need(seen, growth)
    assert found.free_seats <= sum(room.on_target(target_id) for target_id in TARGETS)


@given(fleets())
def test_one_session_more_gives_ten_seats_more(seen: Seen) -> None:
    before = need(seen).missing_seats
    more = Session(
        tms(99), "Created", target_id="lb-j6c00000000000000009", filter_id=FILTER, priority=99
    )
    after = need(replace(seen, sessions={**seen.sessions, more.id: more})).missing_seats
    assert after == max(0, before - 10)


@given(fleets(), st.integers(0, 30))
def test_where_too_many_would_look_at_too_much_sessions_that_do_not_mirror_come_first(
    seen: Seen, looks: int
) -> None:
    sessions = tuple(seen.sessions.values())
    seats = Seats(sessions, Room(seen, Quotas()), frozenset(), seen.at, looks)
    exact = Seats(sessions, Room(seen, Quotas()), frozenset(), seen.at)
    assumed, found = (
        [session and session.enabled for session in map(one.take, map(eni, range(200, 230)))]
        for one in (seats, exact)
    )
    assert assumed.count(False) >= found.count(False)
    assert assumed.count(None) == found.count(None)


@pytest.mark.parametrize(
    ("quotas", "made"),
    [
        (Quotas(), 5),
        (Quotas(sessions=3), 3),
        (Quotas(sessions_per_filter=2), 2),
        (Quotas(sources_per_load_balancer=15), 2),
        (Quotas(sources_per_session=25), 2),
    ],
    ids=str,
)
def test_growth_ends_where_a_quota_of_the_region_does(quotas: Quotas, made: int) -> None:
    growth = Growth(FILTER, (Target(TARGETS[0], "SLB"),), 1, 100, 50, "ids")
    assert need(Seen(interfaces(50)), growth, quotas).grown_sessions == made


def test_a_pool_that_nothing_is_known_of_needs_at_least_one_target() -> None:
    found = need(Seen(interfaces(12)))
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
