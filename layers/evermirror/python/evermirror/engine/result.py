"""What those who start a run give it and get from it: when it must end, and what it came to."""

from __future__ import annotations

from typing import NamedTuple

from evermirror.engine.alarms import Alarm
from evermirror.model import Intent, Outcome


class Deadlines(NamedTuple):
    """When a run must end, and when it must begin no further change.

    In seconds of the clock that is never set: a clock set back must keep no run from ending.
    """

    end: float
    last_change: float


class Result(NamedTuple):
    """What a run came to. `unfinished` is for handing over; `alarms` for a person to hear of."""

    outcomes: tuple[Outcome, ...] = ()
    unfinished: tuple[Intent, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    def with_that_of(self, other: Result) -> Result:
        """Both results as one."""
        return Result(
            (*self.outcomes, *other.outcomes),
            (*self.unfinished, *other.unfinished),
            (*self.alarms, *other.alarms),
        )
