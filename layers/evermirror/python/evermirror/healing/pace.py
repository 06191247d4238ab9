"""How often something was healed lately, so that healing never fights somebody who means it.

Terraform puts its own list of sources back at every apply. As far as this instance remembers, a
session, or an interface whose sessions are deleted, is healed a few times an hour; after that
somebody is told instead, and the sweep is left.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from evermirror.model import Cause

HOUR_S = 3600.0
_NONE: frozenset[Cause] = frozenset()


class Pace:
    """What one instance of mirror remembers of its heals, by the id of what was healed.

    `per_hour` is the most for one id.
    """

    def __init__(self, per_hour: int) -> None:
        self._per_hour = per_hour
        self._healed: dict[str, dict[Cause, float]] = {}

    def admits(
        self, key: str, cause: Cause, now: float, besides: AbstractSet[Cause] = _NONE
    ) -> bool:
        """Whether it may be healed for this cause, `besides` others that are under way.

        The same cause again is the same heal.
        """
        causes = self._lately(key, now).keys() | besides
        return cause in causes or len(causes) < self._per_hour

    def remembers(self, key: str, cause: Cause, now: float) -> bool:
        """Whether it was healed for this cause, as far as the hour and this instance go back."""
        return cause in self._lately(key, now)

    def note(self, key: str, cause: Cause, now: float) -> None:
        """It was healed for this cause."""
        self._healed[key] = {cause: now, **self._lately(key, now)}

    def _lately(self, key: str, now: float) -> dict[Cause, float]:
        healed = self._healed.get(key, {})
        # Either way: a clock that was set back must keep nobody waiting for longer.
        for cause in [cause for cause, at in healed.items() if abs(now - at) >= HOUR_S]:
            del healed[cause]
        return healed
