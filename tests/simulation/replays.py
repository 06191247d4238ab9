"""An Add whose token the service remembers, for a session that is gone: it must not be waited for.

The service answers 200 and does nothing. A run that looks again sees no such session; after two
looks that no stale List explains it asks elsewhere, or says why not. It may wait as long as the
pool is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .audit import BOUND_S, Terms
from .sights import History, Sight
from .truth import counted

LOOKS = 3
YOUNG_S, TURNED_S = 540.0, 720.0
"""Between these ages a session may be in doubt because it turns old, as clocks see it."""


@dataclass(slots=True)
class _Waiting:
    session_id: str
    at: float
    looks: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Replays:
    """Of one run: which sources were answered so, and how often it looked since."""

    history: History
    terms: Terms
    _open: dict[str, _Waiting] = field(default_factory=dict)

    def answered(self, session_id: str, sources: Iterable[str], now: float) -> None:
        """An Add was accepted; whether its session exists is for the world to say."""
        if session_id not in self._newest.sessions:
            for one in sources:
                self._open[one] = _Waiting(session_id, now)

    def sent(self, sources: Iterable[str]) -> None:
        """Something else was tried for them."""
        for one in sources:
            self._open.pop(one, None)

    def looked(self, now: float) -> None:
        for one in self._open.values():
            one.looks.append(now)

    def left_by(self, outcomes: Iterable[Mapping[str, Any]]) -> list[str]:
        """What the run, which ended well, went on waiting for without need."""
        told = {one["network_interface_id"] for one in outcomes}
        return [
            f"{source} was waited for in {one.session_id}, which is gone, for many looks"
            for source, one in self._open.items()
            if source not in told and self._was_seen_gone(one) and not self._is_in_doubt(one)
        ]

    def _was_seen_gone(self, one: _Waiting) -> bool:
        since = one.at + BOUND_S + self.terms.stale_s
        later = [at for at in one.looks if at > since]
        return len(later) >= LOOKS and later[-1] - later[0] > BOUND_S

    def _is_in_doubt(self, one: _Waiting) -> bool:
        return any(
            session.status != "Created" or _may_turn(session.created, sight.at)
            for sight in self.history.since(one.at)
            for session in counted(self.terms.edition, sight)
        )

    @property
    def _newest(self) -> Sight:
        return next(self.history.since(float("inf")))


def _may_turn(created: float, now: float) -> bool:
    return YOUNG_S < now - created < TURNED_S
