"""The numbers by which everything is judged, in one value: mirror's limits are coverage's terms."""

from __future__ import annotations

from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers the cloud does not guarantee, so each is a setting; times in seconds.

    `sources_per_session` and `sources_per_call` are the quota page's and the API page's defaults
    for VPC 2016-04-28; `sources_per_create` is how many sources one Create may bring along, and
    `allow_growth` says whether one may be sent at all; `stale_bound_s` is how old a List answer
    may be; `visible_within_s` how long an interface that an event named may stay invisible or
    unattached; `tries` how many accepted changes may stay without effect before the interface is
    given up as unconfirmed; `max_sources` the ceiling on mirrored sources, None for no ceiling;
    `doubt_bound_s` how long a session may be busy with a change of others before it no longer
    holds its pool up. `grace_s` is how old an unmirrored interface must be to count as a
    gap, and `period_s` the time between two sweeps.
    """

    sources_per_session: int = 10
    sources_per_call: int = 1
    sources_per_create: int = 10
    allow_growth: bool = False
    stale_bound_s: float = 10.0
    visible_within_s: float = 10.0
    tries: int = 3
    max_sources: int | None = None
    doubt_bound_s: float = 300.0
    grace_s: float = 0.0
    period_s: float = 0.0

    @property
    def young_s(self) -> float:
        """Below which age an event should just have told: a period, and more than the grace."""
        return self.period_s if self.grace_s < self.period_s else self.grace_s + self.period_s
