"""How long a run waits while nothing moves, so that one stuck session holds nobody else up."""

from __future__ import annotations

from evermirror.engine.ports import Clock
from evermirror.results import Accepted, Kind, Refused, Unknown

PATIENCE_S = 20.0
"""Seconds without progress after which waiting is handed on."""


class Patience:
    """One run's patience: begins anew with every progress, and outlasts what a List may hide."""

    def __init__(self, clock: Clock, stale_bound_s: float) -> None:
        self._clock = clock
        self._lasts_s = max(PATIENCE_S, 2 * stale_bound_s)
        self._progressed_at = clock.monotonic()

    def note(self, *, progressed: bool) -> None:
        if progressed:
            self._progressed_at = self._clock.monotonic()

    @property
    def is_over(self) -> bool:
        return self._clock.monotonic() - self._progressed_at >= self._lasts_s


def is_progress(answer: Accepted | Refused | Unknown | None) -> bool:
    """An answer after which the world or our knowledge of it is another than before."""
    if isinstance(answer, Refused):
        return answer.kind is not Kind.WAIT
    return isinstance(answer, Accepted)
