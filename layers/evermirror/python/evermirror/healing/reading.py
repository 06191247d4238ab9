"""Reads again and again for a while, since most trouble of a service passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from evermirror.engine.patience import PATIENCE_S
from evermirror.engine.pauses import Pauses
from evermirror.engine.result import Deadlines
from evermirror.engine.run import Engine
from evermirror.results import ReadError

T = TypeVar("T")


def read_patiently(engine: Engine, read: Callable[[], T], deadlines: Deadlines) -> T | None:
    """What is read; None where nothing helps. Raises StopError."""
    clock, pauses = engine.clock, Pauses(engine.chance)
    until = min(clock.monotonic() + PATIENCE_S, deadlines.end)
    while True:
        try:
            return read()
        except ReadError as error:
            pause_s = pauses.next(0, error.retry_after_s or 0.0, trouble=True)
        if clock.monotonic() + pause_s >= until:
            return None
        clock.sleep(pause_s)
