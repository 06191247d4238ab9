"""Somebody who takes the last seats of a session just before a call of several arrives there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from .network import call_of
from .people import People
from .scene import ADD, REMOVE

STAYS_S = 15.0


@dataclass(slots=True)
class Rival:
    """`likely` is how often; `capacity` is how many sources a session takes."""

    people: People
    likely: float
    capacity: int

    def before(self, action: str, parameters: Mapping[str, str]) -> None:
        """A call of ours is about to arrive."""
        people = self.people
        if not self.likely or action != ADD or people.chance.random() >= self.likely:
            return
        session = people.world.sessions.find(parameters["TrafficMirrorSessionId"])
        several = call_of(parameters, "TrafficMirrorSourceIds")
        if session is None or len(several) < 2 or session.status != "Created":
            return
        free = self.capacity - len(session.sources)
        # As few as make the call too long by one.
        wanted = free - len(several) + 1
        if not 0 < wanted <= len(several):
            return
        held = people.world.sessions.held.by_source
        others = [
            one.id
            for one in people.interfaces()
            if one.status == "InUse" and one.id not in several and not held.get(one.id)
        ]
        people.chance.shuffle(others)
        people.put_into(session.id, others[:wanted])
        leave = partial(self._leave, session.id, others[:wanted])
        people.scheduler.start("rival", leave, STAYS_S)

    def _leave(self, session_id: str, sources: list[str]) -> None:
        """So that there is room again for those who come later."""
        named = {"TrafficMirrorSessionId": session_id, "TrafficMirrorSourceIds": sources}
        self.people.call(REMOVE, named)
        if self.people.was_accepted(REMOVE):
            self.people.note_undone(session_id, sources)
