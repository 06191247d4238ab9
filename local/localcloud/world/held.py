"""What sessions hold: which of them have a source, a target, a filter, a priority.

What a change is going to take is held from its beginning, what it gives up to its end.
"""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.world.objects import Change, Session, SessionUpdate


class Held:
    """The ids of sessions by what they hold. Nothing in it is changed from outside."""

    def __init__(self) -> None:
        self.by_source: dict[str, set[str]] = {}
        self.by_target: dict[str, set[str]] = {}
        self.by_filter: dict[str, set[str]] = {}
        self._sources_of_target: dict[str, int] = {}
        self._priorities: dict[int, str] = {}

    def holder_of(self, priority: int) -> str | None:
        """The session that has a priority, or is about to have it."""
        return self._priorities.get(priority)

    def sources_of_target(self, target: str) -> int:
        """How many sources send to a target, pending ones included, once for each session."""
        return self._sources_of_target.get(target, 0)

    def take(self, session: Session) -> None:
        """Let a session hold all that it has and is given."""
        self._index(session, 1)

    def give_up(self, session: Session) -> None:
        """Let a session hold nothing; to be said before it is changed."""
        self._index(session, -1)

    def _index(self, session: Session, step: int) -> None:
        change = session.change or Change(0)
        update = change.update or SessionUpdate()
        sources = (*session.sources, *change.add)
        targets = {session.target, update.target or session.target}
        _file(self.by_source, sources, session.id, step)
        _file(self.by_target, targets, session.id, step)
        _file(self.by_filter, {session.filter, update.filter or session.filter}, session.id, step)
        for target in targets:
            count = self._sources_of_target.get(target, 0) + step * len(sources)
            self._sources_of_target[target] = count
        for priority in {session.priority, update.priority or session.priority}:
            if step > 0:
                self._priorities[priority] = session.id
            else:
                self._priorities.pop(priority, None)


def _file(index: dict[str, set[str]], keys: Iterable[str], session_id: str, step: int) -> None:
    for key in keys:
        if step > 0:
            index.setdefault(key, set()).add(session_id)
        elif key in index:
            index[key].discard(session_id)
            if not index[key]:
                del index[key]
