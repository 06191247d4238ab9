"""Which sweep this is: the identity that a tick of the timer keeps through every retry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TypeVar

from evermirror.events.times import seconds
from evermirror.model import Cause
from evermirror.outcomes import SWEEP
from evermirror.values import dataclass

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Tick:
    """One sweep: `at` in epoch seconds, its number, and the cause of all that it asks for."""

    at: float
    turn: int = 0

    @property
    def cause(self) -> Cause:
        moment = datetime.fromtimestamp(self.at, timezone.utc)
        return Cause(SWEEP, moment.isoformat(timespec="seconds").replace("+00:00", "Z"))


def in_turn(waiting: Sequence[One], most: int, turn: int) -> tuple[One, ...]:
    """At most so many of those that wait: three in four from the front, the rest in turns.

    What is refused for ever stays at the front for ever. Were only the front asked for, nothing
    behind it would come to its turn; so another part of the rest is, each time.
    """
    if len(waiting) <= most:
        return tuple(waiting)
    front = most - max(1, most // 4)
    rest = waiting[front:]
    start = turn * (most - front) % len(rest)
    turned = (*rest[start:], *rest[:start])
    return (*waiting[:front], *turned[: most - front])


def tick_of(payload: bytes, now: float, interval_s: float) -> Tick:
    """The tick that a timer's event names; for any other payload, now rounded to the interval.

    Source of the event's form: Function Compute, timer triggers (`triggerTime`).
    """
    triggered = _trigger_time(payload)
    at = float(int(now / interval_s) * interval_s) if triggered is None else triggered
    return Tick(at, int(at / interval_s))


def _trigger_time(payload: bytes) -> float | None:
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    written = event.get("triggerTime") if isinstance(event, dict) else None
    return seconds(written) if isinstance(written, str) else None
