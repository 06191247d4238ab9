"""Where there is room in a world: in sessions that mirror, in new ones, and below the ceiling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .eligibility import Thing
from .facts import Facts
from .sessions import Effect, Sessions

NEW = "a new session"


@dataclass(frozen=True)
class Given:
    """Where an interface goes when all ask at once, or else the word for why nowhere."""

    place: str | None
    reason: str | None


@dataclass(frozen=True)
class Places:
    """What every pool has to give.

    `given` counts by session the seats that are promised, under `new_of` those in sessions to come.
    `for_mirror` is without what mirror does not read before it is refused: who has a priority, if
    that is a stranger through a filter of his own.
    """

    world: Facts
    sessions: Sessions
    effect: Effect
    for_mirror: bool = False

    def ids(self, pool: str) -> list[str]:
        """The sessions of a pool: those seen, and those named that the service does not list."""
        named = self.world.policy["pools"][pool].get("sessions", [])
        return sorted({*named, *(one["id"] for one in self.sessions.of(pool))})

    def absent(self, pool: str) -> list[str]:
        return [one for one in self.ids(pool) if one not in self.sessions.by_id]

    @cached_property
    def left(self) -> int:
        """How many more the ceiling takes; a great many without one.

        What a session lists counts although somebody took its tag off.
        """
        ceiling = self.world.settings.max_sources
        if ceiling is None:
            return 10**6
        ours = {**self.sessions.owner, **self.sessions.untagged}
        return ceiling - sum(len(self.sessions.by_id[one]["sources"]) for one in ours)

    def is_full(self, session_id: str, given: Counter[str]) -> bool:
        held = len(self.sessions.by_id[session_id]["sources"]) + given[session_id]
        return held >= self.world.settings.sources_per_session

    def is_useless(self, session_id: str) -> bool:
        """Whether what it lists is not mirrored, so that it is no place for more."""
        session = self.sessions.by_id[session_id]
        return self.effect.flaw(session, self.sessions.owner[session_id]) is not None

    def takes(self, session_id: str, given: Counter[str]) -> bool:
        """Whether it takes one more, or may: what one that is not listed has, only asking tells."""
        if session_id not in self.sessions.by_id:
            return given[session_id] < self.world.settings.sources_per_session
        return not self.is_useless(session_id) and not self.is_full(session_id, given)

    def first(self, interface_id: str, pool: str, given: Counter[str]) -> str | None:
        """The first place in its order."""
        if self.is_hidden(pool):
            return None
        order = self.sessions.order(interface_id, self.ids(pool))
        to_come = NEW if self._comes(pool, given) else None
        return next((one for one in order if self.takes(one, given)), to_come)

    def is_hidden(self, pool: str) -> bool:
        """Of several sessions that the policy names the service lists none: it is not believed."""
        ids = self.ids(pool)
        return len(ids) > 1 and len(self.absent(pool)) == len(ids)

    def refuses_growth(self, pool: str) -> bool:
        """Whether the service would not make a session of the pool, for its target's sake."""
        targets = self.world.policy["pools"][pool].get("grow", {"targets": []})["targets"]
        interfaces = {one["id"]: one for one in self.world.fleet["network_interfaces"]}
        there = {one["id"] for one in self.world.fleet["instances"]}
        wanted = [one["id"] for one in targets if one["type"] == "NetworkInterface"]
        return any(
            one not in interfaces
            or interfaces[one]["status"] != "InUse"
            or interfaces[one]["instance"] not in there
            for one in wanted
        )

    def numbers(self, pool: str) -> tuple[list[int], list[int]]:
        """The numbers that nobody uses, by name or priority; those whose session would mirror.

        There are none where the pool has as many sessions of its own as it may have, whatever they
        are called by now.
        """
        grow = self.world.policy["pools"][pool].get("grow")
        if grow is None:
            return [], []
        its = self.sessions.made_by(pool)
        more = self._more(pool)
        if more <= 0:
            return [], []
        first, last = grow["priorities"]
        names = {one["name"] for one in its}
        priorities = self._priorities(grow["filter"])
        unused = [
            number
            for number in range(min(grow["max_sessions"], last - first + 1))
            if first + number not in priorities
            and f"{grow.get('name', pool)}-{number}" not in names
        ]
        return unused, [one for one in unused if self._would_mirror(pool, grow, one)][:more]

    def _more(self, pool: str) -> int:
        """How many sessions it may have more than it has."""
        most: int = self.world.policy["pools"][pool]["grow"]["max_sessions"]
        return most - len(self.sessions.made_by(pool))

    def _priorities(self, filter_id: str) -> set[int]:
        """Those that are used, whoever does."""
        unread = self.sessions.strangers if self.for_mirror else []
        unread_ids = {one["id"] for one in unread if one["filter"] != filter_id}
        seen = (one for one in self.sessions.by_id.values() if one["id"] not in unread_ids)
        return {one["priority"] for one in seen}

    def _would_mirror(self, pool: str, grow: Thing, number: int) -> bool:
        target = grow["targets"][number % len(grow["targets"])]
        return self.effect.flaw_of_new(pool, target, grow["filter"]) is None

    def _comes(self, pool: str, given: Counter[str]) -> bool:
        """Whether a session that the pool may still make has room for one more."""
        if not self.world.settings.allow_growth:
            return False
        _, useful = self.numbers(pool)
        return given[new_of(pool)] < len(useful) * self.world.settings.sources_per_session

    def reason(self, pool: str, given: Counter[str] | None = None) -> str | None:
        """Why nobody is placed: the pool's own reason comes before the ceiling."""
        given = given or Counter()
        return self.reason_of(pool, given) or self.over(given)

    def over(self, given: Counter[str]) -> str | None:
        return "ceiling_reached" if self.left <= given.total() else None

    def reason_of(self, pool: str, given: Counter[str]) -> str | None:
        """Why the pool takes nobody, whatever the ceiling says; None where it does."""
        if self.is_hidden(pool):
            return "sessions_not_listed"
        ids = self.ids(pool)
        if any(self.takes(one, given) for one in ids):
            return None
        seen = [one for one in ids if one in self.sessions.by_id]
        idle = any(self.is_useless(one) and not self.is_full(one, given) for one in seen)
        if "grow" in self.world.policy["pools"][pool]:
            return self._not_grown(pool, given, idle)
        if not ids:
            return "pool_empty"
        return "no_session_mirrors" if idle else "pool_full"

    def _not_grown(self, pool: str, given: Counter[str], idle: bool) -> str | None:
        if not self.world.settings.allow_growth:
            return "growth_not_allowed"
        if self._comes(pool, given):
            return None
        # Once all are made that would mirror, it may make others still.
        unused, useful = self.numbers(pool)
        in_vain = len(useful) < min(len(unused), self._more(pool))
        return "no_session_mirrors" if idle or in_vain else "pool_full"

    def seated(self, asking: Sequence[str], pool: str) -> list[Given]:
        """Who gets a seat of a pool, whatever the ceiling says."""
        given: Counter[str] = Counter()
        told = []
        for interface_id in asking:
            place = self.first(interface_id, pool, given)
            told.append(Given(place, self.reason_of(pool, given)))
            if place is not None:
                given[new_of(pool) if place == NEW else place] += 1
        return told

    def share_out(self, asking: Sequence[tuple[str, str]]) -> dict[str, Given]:
        """Who gets what, one after the other; an interface and its pool each."""
        given: Counter[str] = Counter()
        told = {}
        for interface_id, pool in asking:
            reason = self.reason(pool, given)
            place = None if reason else self.first(interface_id, pool, given)
            told[interface_id] = Given(place, reason)
            if place is not None:
                given[new_of(pool) if place == NEW else place] += 1
        return told


def new_of(pool: str) -> str:
    """Under what seats in sessions count that the pool has yet to make."""
    return f"{NEW} of {pool}"
