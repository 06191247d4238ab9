"""How many more sources the ceiling allows: mirroring costs money by source and hour.

What cannot be known counts at its worst. A session that is being made may come with as many sources
as a Create brings; one that is changed for somebody else may gain as many as a call adds, by the
setting and never by what was learned. What an earlier run of this instance was promised is counted
until a List must show it. An instance that has just begun does not know what the one before it was
promised, so for one stale bound it counts every seat that could have been given away.
"""

from __future__ import annotations

from evermirror.engine.view import View
from evermirror.model import CREATED, CREATING, DELETING, Session


class Room:
    """What is left below the ceiling, for one plan to share out.

    Who only asks is told what is listed, and not what may be under way: `at_worst` is False.
    """

    def __init__(self, view: View, *, at_worst: bool = True) -> None:
        ceiling = view.limits.max_sources
        self._left: int | None = None
        self._is_spent = False
        if ceiling is None:
            return
        sessions = view.everywhere.values()
        listed = sum(len(one.source_ids) for one in sessions)
        self._is_spent = listed >= ceiling
        if at_worst:
            listed = sum(_at_worst(one, view) for one in sessions) + _unlisted(view)
        # What a pool holds that could not be read is not known, so nothing is given away.
        self._left = 0 if view.observation.unread else ceiling - listed

    @property
    def is_spent(self) -> bool:
        """Say whether the ceiling is reached by what is listed.

        Room that is only promised may come back: the one that it was given to may be refused.
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


def _at_worst(session: Session, view: View) -> int:
    """The sources that the session may have once all that is under way has happened."""
    known = {*session.source_ids, *view.promised_sources.get(session.id, ())}
    if session.id in view.changing or session.status == DELETING:
        return len(known)
    if session.status == CREATING:
        return max(len(known), view.configured.sources_per_create)
    gained = view.configured.sources_per_call
    if session.status != CREATED:
        return len(known) + gained
    if not view.is_new_instance:
        return len(known)
    seats = max(0, view.limits.sources_per_session - len(known))
    return len(known) + min(seats, gained)


def _unlisted(view: View) -> int:
    """Sources promised to sessions that no List shows yet, and what may be in the making."""
    shown = view.everywhere.keys()
    promised = sum(len(ids) for i, ids in view.promised_sources.items() if i not in shown)
    in_the_making = sum(
        len(numbers.pending.network_interface_ids)
        for numbers in view.numbers.values()
        if numbers.pending is not None
    )
    if view.is_new_instance:
        free = sum(len(view.free_numbers(pool)) for pool in view.policy.pools)
        in_the_making = max(in_the_making, free * view.configured.sources_per_create)
    return promised + in_the_making
