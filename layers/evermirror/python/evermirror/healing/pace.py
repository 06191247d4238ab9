"""How often a session was healed lately, so that healing never fights somebody who means it.

Terraform puts its own list of sources back at every apply. As far as this instance remembers, a
session is healed a few times an hour; after that somebody is told instead, and the sweep is left.
"""

from __future__ import annotations

from evermirror.model import Cause

HOUR_S = 3600.0


class Pace:
    """What one instance of mirror remembers of its heals; `per_hour` is the most for a session."""

    def __init__(self, per_hour: int) -> None:
        self._per_hour = per_hour
        self._healed: dict[str, dict[Cause, float]] = {}

    def admits(self, session_id: str, cause: Cause, now: float, besides: int = 0) -> bool:
        """Whether a session may be healed for this cause, `besides` others that are under way.

        The same cause again is the same heal.
        """
        lately = self._lately(session_id, now)
        return cause in lately or len(lately) + besides < self._per_hour

    def note(self, session_id: str, cause: Cause, now: float) -> None:
        """A session was healed for this cause."""
        self._lately(session_id, now).setdefault(cause, now)

    def _lately(self, session_id: str, now: float) -> dict[Cause, float]:
        healed = self._healed.setdefault(session_id, {})
        # Either way: a clock that was set back must keep nobody waiting for longer.
        for cause in [cause for cause, at in healed.items() if abs(now - at) >= HOUR_S]:
            del healed[cause]
        return healed
