"""The world as it stood at a moment, in values that stay as they were; and its last minutes.

What a run may go by is some seconds old, so whoever judges it asks how things stood then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from localcloud.world.filter_objects import Rule
from localcloud.world.world import World

from .filters import directions

KEPT_S = 700.0
"""A run of mirror, and what it may go by of the time before it."""


class Card(NamedTuple):
    """A network interface."""

    id: str
    status: str
    instance: str | None
    tags: Mapping[str, str]
    type: str
    service_managed: bool
    trunk: str | None


class Machine(NamedTuple):
    """An instance."""

    id: str
    status: str
    tags: Mapping[str, str]
    type: str


class Mirror(NamedTuple):
    """A traffic mirror session; `pending` are sources that a change is about to add."""

    id: str
    name: str
    priority: int
    target: str
    target_type: str
    filter: str
    enabled: bool
    status: str
    is_locked: bool
    sources: tuple[str, ...]
    pending: tuple[str, ...]
    tags: Mapping[str, str]
    created: float = 0.0

    @property
    def held(self) -> tuple[str, ...]:
        return (*self.sources, *self.pending)


class Sight(NamedTuple):
    """Everything that decides, at the moment `at`. `accepting` are directions by filter."""

    at: float
    cards: Mapping[str, Card]
    machines: Mapping[str, Machine]
    sessions: Mapping[str, Mirror]
    accepting: Mapping[str, frozenset[str]]
    is_open: bool

    def machine_of(self, card: Card) -> Machine | None:
        return self.machines.get(card.instance or "")


class History:
    """Sights of the last minutes, taken whenever somebody acts."""

    def __init__(self, world: World, watching: Callable[[Sight], None]) -> None:
        self._world = world
        self._watching = watching
        self._sights: deque[Sight] = deque()
        self._rules: dict[str, tuple[tuple[Rule, ...], frozenset[str]]] = {}

    def note(self, now: float, *, at_most_every_s: float = 0.0) -> None:
        """Keep how it stands, unless that was done less than so many seconds ago."""
        if not self._sights or now - self._sights[-1].at >= at_most_every_s:
            self._sights.append(self.see(now))
            self._watching(self._sights[-1])
            while self._sights[0].at < now - KEPT_S:
                self._sights.popleft()

    def since(self, at: float) -> Iterator[Sight]:
        """Newest first, back to the one that held at that moment."""
        for sight in reversed(self._sights):
            yield sight
            if sight.at <= at:
                return

    def see(self, now: float) -> Sight:
        """How it stands now."""
        world = self._world
        world.settle(now)
        arrears = world.service.business_status != "Normal"
        return Sight(
            now,
            {i: _card(world.network_interfaces.find(i)) for i in world.network_interfaces.ids},
            {i: _machine(world.instances.find(i)) for i in world.instances.ids},
            {i: _mirror(world.sessions.find(i), arrears=arrears) for i in world.sessions.ids},
            {i: self._accepting(i) for i in world.filters.ids},
            world.service.enabled,
        )

    def _accepting(self, filter_id: str) -> frozenset[str]:
        found = self._world.filters.find(filter_id)
        rules = () if found is None else found.listed_rules()
        known = self._rules.get(filter_id)
        if known is None or known[0] is not rules:
            known = (rules, directions(rules))
            self._rules[filter_id] = known
        return known[1]


def _card(one: Any) -> Card:
    return Card(
        one.id, one.status, one.instance, one.tags, one.type, one.service_managed, one.trunk
    )


def _machine(one: Any) -> Machine:
    return Machine(one.id, one.status, one.tags, one.type)


def _mirror(one: Any, *, arrears: bool) -> Mirror:
    return Mirror(
        one.id,
        one.name,
        one.priority,
        one.target,
        one.target_type,
        one.filter,
        one.enabled,
        one.status,
        arrears or one.business_status != "Normal",
        one.sources,
        () if one.change is None else one.change.add,
        one.tags,
        one.created,
    )
