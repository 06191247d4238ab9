"""How many more sources the ceiling allows: mirroring costs money by source and hour."""

from __future__ import annotations

from evermirror.engine.view import View


class Room:
    """What is left below the ceiling, for one plan to share out."""

    def __init__(self, view: View) -> None:
        self._left = _left(view)

    @property
    def is_left(self) -> bool:
        return self._left is None or self._left > 0

    @property
    def at_most(self) -> int | None:
        """How many may still be added; None: as many as there are."""
        return None if self._left is None else max(0, self._left)

    def take(self, sources: int) -> None:
        if self._left is not None:
            self._left -= sources


def _left(view: View) -> int | None:
    """Below the ceiling, counting what is listed and what is on its way; None: no ceiling."""
    ceiling = view.limits.max_sources
    if ceiling is None:
        return None
    sessions = view.observation.sessions
    listed = sum(len(session.source_ids) for session in sessions.values())
    on_their_way = 0
    for network_interface_id, progress in view.progress.items():
        session = sessions.get(progress.session_id or "")
        if session is not None:
            on_their_way += network_interface_id not in session.source_ids
        else:
            # A session that is being made need not be listed yet.
            on_their_way += progress.creation is not None
    return ceiling - listed - on_their_way
