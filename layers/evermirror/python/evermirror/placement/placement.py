"""One moment's facts under one policy: what mirror, coverage, explain and plan all ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import NamedTuple

from evermirror import reasons
from evermirror.model import CREATED, NetworkInterface, Session
from evermirror.placement.candidates import Candidate, What, best, candidates, what_is
from evermirror.placement.capacity import (
    SESSIONS_PER_SOURCE,
    full_because,
    is_unlisted,
    sessions_left,
    unused_numbers,
)
from evermirror.placement.effect import Effect, differing, effect
from evermirror.placement.eligibility import Targets, eligibility, targets
from evermirror.placement.limits import Limits
from evermirror.placement.membership import Membership
from evermirror.placement.snapshot import Missing, Snapshot
from evermirror.policy import Decision, Policy
from evermirror.policy.sessions import POOL_TAG


class Differing(NamedTuple):
    """A session of a pool, and why it is not as the policy pins those of the pool."""

    session: Session
    pool: str
    reason: str


class Placement:
    """The decider. `receiving` are the targets where the caller knows of more than it read."""

    def __init__(
        self,
        policy: Policy,
        snapshot: Snapshot,
        limits: Limits,
        receiving: Targets | None = None,
    ) -> None:
        self.policy = policy
        self.snapshot = snapshot
        self.limits = limits
        self.membership = Membership(policy, snapshot.sessions)
        self._receiving = receiving
        self._effects: dict[tuple[str, str | None], Effect] = {}
        self._full: dict[str, str | None] = {}
        self._useful: dict[tuple[str, str], bool] = {}

    @cached_property
    def receiving(self) -> Targets:
        """What receives mirrored traffic, and is never mirrored itself."""
        if self._receiving is not None:
            return self._receiving
        return targets(self.policy, self.membership, self.snapshot.interfaces)

    def eligibility(self, interface: NetworkInterface) -> Decision:
        """Where the interface belongs, or why nowhere."""
        instance = self.snapshot.instances.of(interface.instance_id)
        known = None if isinstance(instance, Missing) else instance
        return eligibility(self.policy, interface, known, self.receiving)

    def effect(self, session: Session, pool: str | None) -> Effect:
        """Whether the session mirrors what it lists, as this pool wants it; None: as any does."""
        key = (session.id, pool)
        if key not in self._effects:
            owner = None if pool is None else self.policy.pools[pool]
            self._effects[key] = effect(session, owner, self.snapshot)
        return self._effects[key]

    def listing(self, network_interface_id: str, pool: str) -> list[tuple[Session, Effect]]:
        """The sessions that count for the pool and list the interface, each with its effect."""
        holding = self.membership.holding(network_interface_id)
        ours = (session for session in holding if self.membership.counts_for(session, pool))
        return [(session, self.effect(session, pool)) for session in ours]

    def best_listing(self, network_interface_id: str, pool: str) -> tuple[Session, Effect] | None:
        """Of these the one that works best."""
        return best(self.listing(network_interface_id, pool))

    def session_ids(self, pool: str) -> tuple[str, ...]:
        """The sessions of a pool: those seen to be its, and those that the policy names."""
        return self._session_ids[pool]

    def candidates(self, network_interface_id: str, pool: str) -> Iterator[Candidate]:
        """What each session of the pool is to an interface, in the order in which it tries them."""
        seen = self.snapshot
        return candidates(
            network_interface_id,
            self.session_ids(pool),
            seen.sessions,
            seen.at,
            lambda session: self.what_is(session, pool),
        )

    def what_is(self, session: Session, pool: str) -> What:
        """What a session is to an interface that it does not list."""
        seats = self.limits.sources_per_session - len(session.source_ids)
        return what_is(session, seats, self.effect(session, pool))

    def is_unlisted(self, pool: str) -> bool:
        """Say whether nothing is asked of the pool, because the List shows nothing of it."""
        shown = self.snapshot.sessions.keys()
        return is_unlisted(self.policy.pools[pool], shown, self.session_ids(pool))

    def free_numbers(self, pool: str) -> list[int]:
        """The numbers that the pool may make its next sessions of: no more than it may make."""
        return self.useful_numbers(pool)[: self.sessions_left(pool)]

    def useful_numbers(self, pool: str, taken: frozenset[int] = frozenset()) -> list[int]:
        """The numbers that no session has; `taken` are priorities of sessions seen elsewhere.

        A session that would mirror nothing is not made, and takes no place from one that would.
        """
        unused = unused_numbers(self.policy.pools[pool], self._fence(pool), self.priorities | taken)
        return [number for number in unused if self._would_mirror(pool, number)]

    def sessions_left(self, pool: str) -> int:
        """How many sessions the pool may still make, by how many it has."""
        return sessions_left(self.policy.pools[pool], self._fence(pool))

    def makes_nothing_that_mirrors(self, pool: str, made: AbstractSet[int] = frozenset()) -> bool:
        """Say whether the pool could make a session, and none that it could make would mirror.

        `made` are numbers of which it has made sessions, or will have, that the List does not show.
        """
        unused = unused_numbers(self.policy.pools[pool], self._fence(pool), self.priorities)
        left = self.sessions_left(pool) - sum(number in made for number in unused)
        others = [number for number in unused if number not in made]
        if left <= 0 or not others:
            return False
        return not any(self._would_mirror(pool, number) for number in others)

    def _fence(self, pool: str) -> list[Session]:
        """The sessions that the pool made, as their tag says, or said before it was taken off."""
        owner = self.policy.pools[pool]
        made = [one for one in self.membership.sessions(pool) if owner.made(one)]
        return [*made, *self.membership.untagged(pool)]

    def _would_mirror(self, pool: str, number: int) -> bool:
        growth = self.policy.pools[pool].growth
        if growth is None:
            return False
        target = growth.target(number)
        return self._is_useful(pool, target.id, target.type, growth.filter_id)

    def _is_useful(self, pool: str, target_id: str, target_type: str, filter_id: str) -> bool:
        key = (pool, target_id)
        if key not in self._useful:
            session = Session(
                "",
                CREATED,
                target_id=target_id,
                target_type=target_type,
                filter_id=filter_id,
                tags={POOL_TAG: pool},
            )
            found = effect(session, self.policy.pools[pool], self.snapshot)
            self._useful[key] = found.reason is None
        return self._useful[key]

    def nowhere_because(self, pool: str, elsewhere: int) -> str | None:
        """Why asking for an interface that `elsewhere` sessions list cannot help, or None."""
        if pool not in self._full:
            self._full[pool] = self._full_because(pool)
        if self._full[pool] is not None:
            return self._full[pool]
        if self.is_at_the_ceiling:
            return reasons.CEILING_REACHED
        return reasons.IN_THREE_SESSIONS if elsewhere >= SESSIONS_PER_SOURCE else None

    def _full_because(self, pool: str) -> str | None:
        sessions = self.snapshot.sessions
        found = (sessions.get(session_id) for session_id in self.session_ids(pool))
        return full_because(
            self.policy.pools[pool],
            {What.NOT_LISTED if one is None else self.what_is(one, pool) for one in found},
            self.limits,
            unlisted=self.is_unlisted(pool),
            may_grow=bool(self.free_numbers(pool)),
            in_vain=self.makes_nothing_that_mirrors(pool),
        )

    @cached_property
    def is_at_the_ceiling(self) -> bool:
        """Say whether the sources that are listed reach the ceiling."""
        ceiling = self.limits.max_sources
        return ceiling is not None and self.membership.sources >= ceiling

    @cached_property
    def differing(self) -> tuple[Differing, ...]:
        """The sessions whose target or filter is not what the policy pins, each once."""
        found: dict[str, Differing] = {}
        for name, pool in self.policy.pools.items():
            if not pool.pins:
                continue
            for session in (*self.membership.sessions(name), *self.membership.untagged(name)):
                reason = differing(session, pool)
                if reason is not None:
                    found.setdefault(session.id, Differing(session, name, reason))
        return tuple(found.values())

    @property
    def filters_were_read(self) -> bool:
        """Say whether what the filters accept is known."""
        return self.snapshot.filters.asked is None

    @cached_property
    def priorities(self) -> frozenset[int]:
        """The priorities of everything that was seen, whoever has it."""
        return frozenset(session.priority for session in self.snapshot.sessions.values())

    @cached_property
    def claimed(self) -> Mapping[str, str]:
        """Interfaces that a session of no pool has as its target, with that session's id."""
        return {one.target_id: one.id for one in self.membership.of_no_pool}

    @cached_property
    def _session_ids(self) -> Mapping[str, tuple[str, ...]]:
        return {
            name: tuple(
                sorted({*pool.session_ids, *(one.id for one in self.membership.sessions(name))})
            )
            for name, pool in self.policy.pools.items()
        }
