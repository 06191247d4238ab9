"""Which of the dead sources a sweep has taken out, where there are more than it may ask for."""

from __future__ import annotations

from typing import Any

from evermirror.coverage import Listed
from evermirror.reconcile.reclaiming import Suspects
from evermirror.reconcile.ticks import Tick
from evermirror.settings import Reclaiming

GONE = [Listed(f"eni-{number}", "tms-1") for number in range(3)]


def asked(reclaiming: Reclaiming, limit: int, turn: int) -> list[str | None]:
    nobody: Any = None  # nothing is read to choose
    suspects = Suspects(nobody, nobody, reclaiming, limit)
    wishes = suspects.to_reclaim(GONE, Tick(900.0 * turn, turn))
    return [wish.network_interface_id for wish in wishes]


def test_what_is_refused_for_ever_keeps_no_other_dead_source_in() -> None:
    assert [asked(Reclaiming.ON, 1, turn) for turn in range(3)] == [["eni-0"], ["eni-1"], ["eni-2"]]


def test_nothing_is_taken_out_where_reclaim_only_reports() -> None:
    assert asked(Reclaiming.REPORT, 3, 0) == []
