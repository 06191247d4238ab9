"""An interface is a gap from an age on, and none for what came after the read began."""

from __future__ import annotations

from evermirror.coverage import Known, Status, coverage
from evermirror.fleet import Fleet
from evermirror.placement.limits import Limits
from tests.worlds import eni, tms

from .fleets import LIMITS, NOW, POLICY, count, interface, session


def test_an_interface_within_the_grace_time_is_pending_and_not_yet_a_gap() -> None:
    young = interface(1, created_at=NOW - 299)

    counted = count([young, interface(2)], session(1, 2), session(2))

    assert (counted.pending, counted.missing, counted.gaps) == ((eni(1),), (), 0)
    assert (counted.status, counted.share) == (Status.PENDING, 0.5)


def test_one_of_unknown_age_counts_as_a_gap_and_comes_first() -> None:
    counted = count(
        [interface(1, created_at=NOW - 5_000), interface(2), interface(3, created_at=NOW - 9_000)],
        session(1),
        session(2),
    )

    assert counted.missing == (eni(2), eni(3), eni(1))
    assert counted.oldest_gap_s == 9_000


def test_young_gaps_past_the_grace_time_make_the_event_source_look_silent() -> None:
    old = interface(1, created_at=NOW - 901)
    fresh = interface(2, created_at=NOW - 899)

    assert count([old], session(1), session(2)).silent == ()
    assert count([old, fresh], session(1), session(2)).silent == (eni(2),)


def test_a_grace_as_long_as_a_period_still_leaves_time_in_which_silence_is_noticed() -> None:
    limits = Limits(grace_s=300.0, period_s=300.0)
    ages = {1: 299, 2: 301, 3: 599, 4: 601}
    fleet = [interface(number, created_at=NOW - age) for number, age in ages.items()]

    assert count(fleet, session(1), session(2), limits=limits).silent == (eni(3), eni(2))


def test_what_came_after_the_sessions_were_read_is_no_gap_however_long_the_read_was() -> None:
    fleet = Fleet(
        (interface(1, created_at=NOW - 400), interface(2, created_at=NOW - 900)),
        {tms(1): session(1), tms(2): session(2)},
        began=NOW - 500,
        at=NOW,
    )

    counted = coverage(POLICY, fleet, LIMITS)

    assert (counted.pending, counted.missing) == ((eni(1),), (eni(2),))
    assert counted.oldest_gap_s == 400


def test_a_gap_is_no_older_than_the_look_that_showed_it_attached_to_nothing() -> None:
    fleet = Fleet(
        (interface(1, created_at=NOW - 9_000), interface(2, created_at=NOW - 5_000)),
        {tms(1): session(1), tms(2): session(2)},
        at=NOW,
    )

    counted = coverage(POLICY, fleet, LIMITS, Known(detached_at={eni(1): NOW - 1_700}))

    assert counted.missing == (eni(2), eni(1))
    assert counted.oldest_gap_s == 5_000
    known = Known(detached_at={eni(1): NOW - 1_700, eni(2): NOW - 900})
    assert coverage(POLICY, fleet, LIMITS, known).oldest_gap_s == 1_700


def test_what_was_attached_since_the_last_look_is_pending_however_old_it_is() -> None:
    fleet = Fleet(
        (interface(1, created_at=NOW - 31_536_000), interface(2)),
        {tms(1): session(1), tms(2): session(2)},
        at=NOW,
    )
    seen = {eni(1): NOW - 901, eni(2): NOW - 901}
    both = frozenset({eni(1), eni(2)})

    now = coverage(POLICY, fleet, LIMITS, Known(detached_at=seen, fresh=both))
    later = coverage(POLICY, fleet, LIMITS, Known(detached_at=seen))
    long_ago = dict.fromkeys(seen, NOW - 7_200)
    late = coverage(POLICY, fleet, LIMITS, Known(detached_at=long_ago, fresh=both))

    assert (now.pending, now.missing) == ((eni(1), eni(2)), ())
    assert (later.pending, later.missing, later.oldest_gap_s) == ((), (eni(1), eni(2)), 901)
    assert (late.pending, late.missing) == ((), (eni(1), eni(2)))


def test_what_the_service_refuses_for_good_rings_no_alarm_by_its_age() -> None:
    fleet = Fleet(
        (interface(1, created_at=NOW - 9_000), interface(2, created_at=NOW - 400)),
        {tms(1): session(1), tms(2): session(2)},
        at=NOW,
    )

    counted = coverage(POLICY, fleet, LIMITS, Known(impossible={eni(1): "not_supported"}))

    assert (counted.missing, counted.impossible) == ((eni(2),), {"not_supported": (eni(1),)})
    assert (counted.oldest_gap_s, counted.gaps, counted.eligible) == (400, 2, 2)


def test_only_what_the_service_would_take_makes_the_event_source_look_silent() -> None:
    young = tuple(interface(number, created_at=NOW - 600) for number in (1, 2, 3))
    fleet = Fleet(young, {tms(1): session(1), tms(2): session(2)}, at=NOW)

    def silent(takes: dict[str, bool] | None) -> tuple[str, ...]:
        return coverage(POLICY, fleet, LIMITS, Known(takes=takes)).silent

    assert silent(None) == (eni(1), eni(2), eni(3))
    assert silent({eni(1): True, eni(2): False}) == (eni(1),)
    assert silent({eni(1): False}) == silent({}) == ()
