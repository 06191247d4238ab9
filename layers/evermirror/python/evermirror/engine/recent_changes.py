"""The changes that an instance was promised lately, because a List may not show them yet.

A ceiling on sources must count them in the next run as well, for as long as a List may be old. An
instance that has just begun knows nothing of the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evermirror.engine.act import Answered
from evermirror.engine.state import Creation
from evermirror.results import Accepted, Unknown


class RecentChanges:
    """Sources by the session that took them, or by the token of a Create with no known session.

    Times are seconds of the clock that is never set.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._promised: dict[tuple[str, str], float] = {}

    def begin(self, now: float) -> None:
        """The instance is at work, as of now if this is the first time."""
        if self._began is None:
            self._began = now

    def is_new(self, since: float, bound_s: float) -> bool:
        """Say whether a look that began at `since` may miss what the instance before did."""
        return self._began is None or since - self._began < bound_s

    def note(self, answers: Iterable[Answered], now: float) -> None:
        """Remember what was accepted, or may have been."""
        for item in answers:
            if isinstance(item.answer, Accepted | Unknown):
                key = _key(item)
                for source in item.call.network_interface_ids:
                    self._promised[key, source] = now

    def since(self, oldest: float) -> Mapping[str, frozenset[str]]:
        """What was promised at `oldest` or later."""
        self._promised = {key: at for key, at in self._promised.items() if at >= oldest}
        found: dict[str, set[str]] = {}
        for session, source in self._promised:
            found.setdefault(session, set()).add(source)
        return {session: frozenset(sources) for session, sources in found.items()}


def _key(item: Answered) -> str:
    if not isinstance(item.call, Creation):
        return item.call.session_id
    made = item.answer.session_id if isinstance(item.answer, Accepted) else None
    return made or item.call.client_token
