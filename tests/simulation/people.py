"""Everybody else in the account: they launch, attach and detach, change sessions, pay or do not.

What they do is drawn as they go, out of what is there at that moment, and asked for like any
other call: made by a key of their own, under the same rules, refused where the cloud refuses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from localcloud.api.gateway import Gateway
from localcloud.calls import Value, flat
from localcloud.credentials import Key
from localcloud.journal import Journal
from tests.worlds import REGION

from .calls import call
from .deeds import Deeds
from .scene import ADD
from .scheduler import Scheduler
from .sights import History


@dataclass(slots=True)
class People:
    """One storm's worth of them.

    `added` is what they put into which session, and when; `undone_at` when they took a source
    out of a session, or (None) switched it off; `joined` when they changed which sessions are in
    a pool; `left` are interfaces that were detached or deleted and are not back, `left_at` when
    one was last detached.
    """

    gateway: Gateway
    scheduler: Scheduler
    chance: Random
    keys: tuple[Key, ...]
    history: History
    deeds: Deeds
    journal: Journal
    undone_at: dict[tuple[str, str | None], float] = field(default_factory=dict)
    added: dict[tuple[str, str], float] = field(default_factory=dict)
    joined: list[float] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    left_at: dict[str, float] = field(default_factory=dict)

    def call(self, action: str, parameters: Mapping[str, Value]) -> dict[str, Any] | None:
        """The answer, or None where the cloud refused or its answer was lost."""
        now = self.scheduler.now()
        key = self.chance.choice(self.keys)
        self.history.note(now)
        sent = flat({"RegionId": REGION, **parameters})
        answer = self.gateway.handle(call(action, sent, key), now, now).response
        self.history.note(now)
        # Who hears no answer may have done it all the same.
        if self.journal.entries[-1].status != 200:
            return None
        self.deeds.note(now, key, action, sent, replay=False)
        if answer is None or answer.truncate is not None:
            return None
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def was_accepted(self, action: str) -> bool:
        """Whether the last deed was this one, at this moment: its answer may have been lost."""
        done = self.deeds.done
        return bool(done) and done[-1].action == action and done[-1].at == self.scheduler.now()

    def note_left(self, network_interface_ids: Iterable[str]) -> None:
        for one in network_interface_ids:
            self.left.add(one)
            self.left_at[one] = self.scheduler.now()

    def note_undone(self, session_id: str, sources: Iterable[str | None]) -> None:
        for source in sources:
            self.undone_at[session_id, source] = self.scheduler.now()

    def put_into(self, session_id: str, sources: Iterable[str]) -> None:
        """Mirror these by hand in a session."""
        named = list(sources)
        self.call(ADD, {"TrafficMirrorSessionId": session_id, "TrafficMirrorSourceIds": named})
        if self.was_accepted(ADD):
            self.added.update({(session_id, one): self.scheduler.now() for one in named})

    def added_since(self, at: float) -> set[tuple[str, str]]:
        return {pair for pair, when in self.added.items() if when >= at}

    def joined_since(self, at: float) -> bool:
        return any(when >= at for when in self.joined)

    @property
    def world(self) -> Any:
        self.gateway.world.settle(self.scheduler.now())
        return self.gateway.world

    def instances(self, status: str | None = None) -> list[Any]:
        """Those that somebody may touch: sensors go on."""
        found = map(self.world.instances.find, self.world.instances.ids)
        return [one for one in found if "role" not in one.tags and status in {None, one.status}]

    def interfaces(self) -> list[Any]:
        return [*map(self.world.network_interfaces.find, self.world.network_interfaces.ids)]

    def sessions(self) -> list[Any]:
        found = map(self.world.sessions.find, self.world.sessions.ids)
        return [one for one in found if one.status == "Created"]

    def secondary(self, status: str) -> list[Any]:
        return [
            one
            for one in self.interfaces()
            if (one.type, one.status) == ("Secondary", status)
            and not one.nat_gateway
            and not one.service_managed
            and one.trunk is None
        ]


def tag_parameters(tags: Mapping[str, str]) -> dict[str, str]:
    return {
        f"Tag.{number}.{part}": text
        for number, pair in enumerate(tags.items(), start=1)
        for part, text in zip(("Key", "Value"), pair, strict=True)
    }
