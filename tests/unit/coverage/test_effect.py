"""Who is in a session is not yet mirrored: by what works, and by who takes the packets first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evermirror.coverage import (
    Status,
    coverage,
    remedies,
    to_wire,
)
from evermirror.fleet import Fleet
from evermirror.model import Filter, Session
from evermirror.policy import Policy, Pool
from evermirror.reasons import REMEDIES
from tests.worlds import eni, tms

from .fleets import EMPTY, LIMITS, POLICY, count, interface, session

NONE_ACCEPTED = {EMPTY: Filter(EMPTY, ingress=False, egress=False)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"enabled": False}, "session_disabled"),
        ({"business_status": "FinancialLocked", "enabled": False}, "session_locked"),
        ({"filter_id": EMPTY}, "filter_accepts_nothing"),
        ({"status": "Deleting"}, "session_not_created"),
    ],
)
def test_a_session_that_mirrors_nothing_is_named_with_what_to_do(
    changes: dict[str, Any], reason: str
) -> None:
    fleet = Fleet(
        (interface(1), interface(2)),
        {tms(1): session(1, 1, **changes), tms(2): session(2, 2)},
        filters=NONE_ACCEPTED,
    )

    counted = coverage(POLICY, fleet, LIMITS)
    told = to_wire(counted)

    assert counted.ineffective == {reason: (eni(1),)}
    assert (counted.share, counted.status) == (0.5, Status.GAPS)
    assert (told["ineffective"], told["ineffective_because"]) == (1, {reason: 1})
    assert told["listed"] == {"ineffective": [eni(1)]}
    assert remedies(counted) == [REMEDIES[reason]]


def test_a_session_whose_filter_accepts_nothing_takes_no_packets_from_others() -> None:
    sessions = {tms(2): session(2, 1), tms(3): session(3, 1, priority=1, filter_id=EMPTY)}
    fleet = Fleet((interface(1),), sessions)
    pool = Policy(pools={"all": Pool("all", (tms(2),))}, default="all")

    assert coverage(pool, fleet).shadowed == (eni(1),)
    assert coverage(pool, replace(fleet, filters=NONE_ACCEPTED)).shadowed == ()


def test_where_filters_cannot_be_seen_there_is_no_share_and_still_a_list_of_gaps() -> None:
    fleet = Fleet((interface(1), interface(2)), {tms(1): session(1, 1), tms(2): session(2)})

    counted = coverage(POLICY, replace(fleet, filters=None), LIMITS)

    assert (counted.status, counted.unknown) == (Status.UNKNOWN, "filters_not_visible")
    assert (counted.share, counted.missing) == (None, (eni(2),))
    assert "vpc:ListTrafficMirrorFilters" in remedies(counted)[0]


@pytest.mark.parametrize(
    ("first", "shadowed"),
    [
        (session(9, 1, priority=0), True),
        (session(9, 1, priority=0, enabled=False), False),
        (session(9, 1, priority=9), False),
    ],
    ids=["before it", "before it, but off", "after it"],
)
def test_a_session_outside_the_pool_that_takes_packets_first_is_told(
    first: Session, shadowed: bool
) -> None:
    counted = count([interface(1)], session(1, 1), session(2), first)

    assert counted.mirrored == (eni(1),)
    assert counted.shadowed == ((eni(1),) if shadowed else ())


def test_a_session_that_is_being_created_has_its_sources_pending() -> None:
    counted = count([interface(1)], session(1, 1, status="Creating"), session(2))

    assert counted.pending == (eni(1),)
