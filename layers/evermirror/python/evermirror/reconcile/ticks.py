"""Which sweep this is: the identity that a tick of the timer keeps through every retry."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from evermirror.events.times import seconds
from evermirror.model import Cause
from evermirror.publishing import SWEEP
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """One sweep: `at` in epoch seconds, and the cause of everything that it asks for."""

    at: float

    @property
    def cause(self) -> Cause:
        moment = datetime.fromtimestamp(self.at, timezone.utc)
        return Cause(SWEEP, moment.isoformat(timespec="seconds").replace("+00:00", "Z"))


def tick_of(payload: bytes, now: float, interval_s: float) -> Tick:
    """The tick that a timer's event names; for any other payload, now rounded to the interval.

    Source of the event's form: Function Compute, timer triggers (`triggerTime`).
    """
    triggered = _trigger_time(payload)
    return Tick(float(int(now / interval_s) * interval_s) if triggered is None else triggered)


def _trigger_time(payload: bytes) -> float | None:
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    written = event.get("triggerTime") if isinstance(event, dict) else None
    return seconds(written) if isinstance(written, str) else None
