"""A tick keeps its identity, because everything that a sweep asks for is asked in its name."""

from __future__ import annotations

import json

import pytest

from evermirror.model import Cause
from evermirror.reconcile.asking import capacity
from evermirror.reconcile.ticks import in_turn, tick_of

NOW = 1_767_226_000.0
"""2026-01-01, 00:06:40 UTC."""


def test_a_timer_names_its_tick() -> None:
    event = {"triggerTime": "2022-07-29T10:02:58Z", "triggerName": "TestTimer", "payload": "x"}

    tick = tick_of(json.dumps(event).encode(), NOW, 900)

    assert tick.cause == Cause("evermirror.sweep", "2022-07-29T10:02:58Z")
    assert tick.at == 1_659_088_978.0


@pytest.mark.parametrize(
    "payload",
    [b"", b"not json", b"\xff\xfe", b"[]", b"{}", b"7", b'{"triggerTime": 7}', b"[" * 100_000],
    ids=["empty", "words", "bytes", "list", "object", "number", "no time", "deep"],
)
def test_anything_else_is_the_tick_of_the_interval_that_it_comes_in(payload: bytes) -> None:
    early, late = (tick_of(payload, NOW + later, 900) for later in (0, 499))

    assert early == late
    assert early.cause.id == "2026-01-01T00:00:00Z"
    assert tick_of(payload, NOW + 500, 900).cause.id == "2026-01-01T00:15:00Z"


@pytest.mark.parametrize(
    ("calls_per_minute", "interval_s", "sources_per_call", "most"),
    [(120, 900, 1, 720), (300, 900, 10, 18_000), (1, 60, 1, 1)],
)
def test_a_sweep_asks_for_what_mirror_can_do_in_half_the_time_until_the_next(
    calls_per_minute: int, interval_s: float, sources_per_call: int, most: int
) -> None:
    assert capacity(calls_per_minute, interval_s, sources_per_call) == most


def test_what_fits_is_asked_for_in_its_order() -> None:
    assert in_turn(["a", "b", "c"], 3, 7) == ("a", "b", "c")


def test_three_in_four_are_the_oldest_and_behind_them_each_comes_to_its_turn() -> None:
    waiting = list(range(100))

    asked = [in_turn(waiting, 40, turn) for turn in range(7)]

    assert all(some[:30] == tuple(range(30)) for some in asked)
    assert all(len(set(some)) == 40 for some in asked)
    assert {one for some in asked for one in some} == set(waiting)


def test_where_there_is_room_for_one_only_each_comes_to_its_turn() -> None:
    assert [in_turn(["a", "b", "c"], 1, turn) for turn in range(4)] == [
        ("a",), ("b",), ("c",), ("a",),
    ]  # fmt: skip
