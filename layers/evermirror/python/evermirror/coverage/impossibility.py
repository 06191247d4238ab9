"""Why asking mirror for an interface cannot help, as far as what was read shows it."""

from __future__ import annotations

from evermirror.coverage import report
from evermirror.coverage.membership import Membership
from evermirror.coverage.terms import Terms
from evermirror.policy import Policy

SESSIONS_PER_SOURCE = 3
"""Sessions that one interface can be in (VPC API 2016-04-28, quotas; not adjustable)."""


class Impossibility:
    """Knows of every pool, and of the ceiling, whether there is room; made once for a fleet."""

    def __init__(self, policy: Policy, pools: Membership, terms: Terms) -> None:
        self._policy = policy
        self._pools = pools
        self._terms = terms
        self._full = {name: self._full_because(name) for name in policy.pools}
        ceiling = terms.max_sources
        self._at_ceiling = ceiling is not None and pools.sources >= ceiling

    def because(self, pool: str, elsewhere: int) -> str | None:
        """Why not, for an interface that `elsewhere` sessions list; None: asking may help."""
        if elsewhere >= SESSIONS_PER_SOURCE:
            return report.IN_THREE_SESSIONS
        return report.CEILING_REACHED if self._at_ceiling else self._full[pool]

    def _full_because(self, name: str) -> str | None:
        pool = self._policy.pools[name]
        sessions = self._pools.sessions(name)
        growth = pool.growth
        if self._terms.growing and growth is not None:
            ours = (growth.number_at(one.priority) for one in sessions if pool.made(one))
            made = sum(number in growth.numbers for number in ours)
            if made < len(growth.numbers):
                return None
        if not sessions:
            return report.SESSIONS_NOT_LISTED if pool.session_ids else report.POOL_EMPTY
        if len(sessions) < len(pool.session_ids):
            return None  # one that is not listed may be there, and have room
        most = self._terms.sources_per_session
        full = all(s.status == "Created" and len(s.source_ids) >= most for s in sessions)
        return report.POOL_FULL if full else None
