"""Holds what `explain` tells of each session of the pool against the oracle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .oracle import IMPOSSIBLE, NEW, Truth
from .verdicts import Disagreement
from .words import Said

LISTED, ASKED, PASSED, NOT_REACHED = "listed", "asked", "passed", "not_reached"


def of_steps(truth: Truth, told: Mapping[str, Any], said: Said) -> Iterator[Disagreement]:
    """The pool and its sessions in order, what each is to the interface; of none if unwanted."""
    pool = truth.eligibility.pool
    if told["pool"] != pool:
        yield Disagreement("explain", truth.id, f"pool is {bool(pool)}", "another pool")
    if pool is None:
        if told["sessions"]:
            yield Disagreement("explain", truth.id, "not wanted", "sessions of a pool")
        return
    steps = {one["session_id"]: one["what"] for one in told["sessions"]}
    # A session whose tag was taken off may be shown as well; it is no place.
    ours = [one for one in steps if one in truth.order]
    if ours != list(truth.order):
        missing = set(truth.order) - steps.keys()
        said_order = "fewer sessions" if missing else "another order"
        yield Disagreement("explain", truth.id, "sessions of its pool in order", said_order)
        return
    yield from _of_each(truth, steps, said)


def _of_each(truth: Truth, steps: Mapping[str, str], said: Said) -> Iterator[Disagreement]:
    listed = {one for one, what in steps.items() if what == LISTED}
    if listed & set(truth.order) != truth.listing.keys() & set(truth.order):
        yield Disagreement("explain", truth.id, "listed where it is listed", "listed elsewhere")
    asked = {one for one, what in steps.items() if what == ASKED}
    if truth.listing:
        if asked:
            yield Disagreement("explain", truth.id, "listed, so nobody is asked", "one is asked")
        return
    first = {truth.first} - {NEW, None}
    if said.kind == IMPOSSIBLE:
        if asked:
            yield Disagreement("explain", truth.id, f"{said.reason}: nobody asked", "one is asked")
    elif asked != first:
        said_asked = "another is asked" if first and asked else _told(asked)
        yield Disagreement("explain", truth.id, _told(first), said_asked)
    yield from _before(truth, steps, first)


def _before(
    truth: Truth, steps: Mapping[str, str], first: set[str | None]
) -> Iterator[Disagreement]:
    """What stands in front of the first place was passed, for being full or of no use."""
    for one in truth.order:
        if one in first:
            return
        if steps[one] in {ASKED, LISTED, NOT_REACHED} and first:
            yield Disagreement("explain", truth.id, "passed, no place", steps[one])


def _told(asked: set[str] | set[str | None]) -> str:
    return "its first place is asked" if asked else "nobody is asked"
