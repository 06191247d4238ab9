"""How many more sources the ceiling allows: mirroring costs money by source and hour."""

from __future__ import annotations

from evermirror.engine.state import CREATED
from evermirror.engine.view import View


class Room:
    """What is left below the ceiling, for one plan to share out."""

    def __init__(self, view: View) -> None:
        ceiling = view.limits.max_sources
        listed = _listed(view)
        promised = _on_their_way(view) + _of_others(view)
        self._left = None if ceiling is None else ceiling - listed - promised
        self._is_spent = ceiling is not None and listed >= ceiling

    @property
    def is_spent(self) -> bool:
        """Say whether the ceiling is reached by what is listed.

        Room that is only promised may come back: whoever it was given to may be refused.
        """
        return self._is_spent

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


def _listed(view: View) -> int:
    return sum(len(session.source_ids) for session in view.everywhere.values())


def _of_others(view: View) -> int:
    """Those that changes of others may be about to add: as many as a call may name."""
    sessions = view.everywhere.values()
    busy = sum(one.status != CREATED and one.id not in view.changing for one in sessions)
    return busy * view.limits.sources_per_call


def _on_their_way(view: View) -> int:
    """Those that were added, or may have been, and are not listed yet."""
    on_their_way = 0
    for network_interface_id, progress in view.progress.items():
        session = view.everywhere.get(progress.session_id or "")
        if session is not None:
            on_their_way += network_interface_id not in session.source_ids
        else:
            # A session that is being made need not be listed yet.
            on_their_way += progress.creation is not None
    return on_their_way
