"""By what a comparison judges, which a deployment decides."""

from __future__ import annotations

from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a comparison.

    `grace_s` is how old an unmirrored interface must be to count as a gap, `period_s` how far
    sweeps are apart, both in seconds. `max_sources` is the ceiling, None for none.
    `growing` says whether pools that may grow are allowed to.
    """

    grace_s: float = 0.0
    period_s: float = 0.0
    sources_per_session: int = 10
    max_sources: int | None = None
    growing: bool = False

    @property
    def young_s(self) -> float:
        """Below which age an event should just have told: a period, and more than the grace."""
        return self.period_s if self.grace_s < self.period_s else self.grace_s + self.period_s
