"""How every interface stands at the end, by README's words: mirrored, to no effect, or why not.

`reasons` are all that are true at once; what is told needs to be one of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .editions import POOL_TAG, DrawnPool, Edition, Grow
from .fleets import SUPPORTED
from .joins import held_by
from .policies import Deployment
from .sights import Mirror, Sight
from .truth import counted, flaw, is_made, members, sessions_of, untagged, wish

SESSIONS_PER_SOURCE = 3
THREE_SESSIONS = "QuotaExceeded.NetworkInterfaceRelatedSession"
NO_SESSION = "ResourceNotFound.TrafficMirrorSession"
LOCKED = "IncorrectBusinessStatus.TrafficMirror"
UNSUPPORTED_TYPE = "OperationDenied.EcsNotSupportTrafficMirror"
IS_A_TARGET = "OperationDenied.DuplicateRole"
TARGET_FULL = "QuotaExceeded.SourceNumPerTarget"
NOT_TAKEN = "not_taken"
"""Of a session that would mirror, and that the cloud lets nobody make."""


class Standing(NamedTuple):
    """Of an interface that the policy wants in `pool`; `held` by sessions of the pool."""

    id: str
    pool: DrawnPool
    held: tuple[Mirror, ...]
    flaws: tuple[str | None, ...]
    reasons: frozenset[str]
    claimed: bool

    @property
    def is_mirrored(self) -> bool:
        return None in self.flaws


class Bookkeeper:
    """Knows one sight by one deployment."""

    def __init__(self, deployment: Deployment, sight: Sight, capacity: int, limits: Any) -> None:
        self._deployment = deployment
        self._edition: Edition = deployment.edition
        self._sight = sight
        self._capacity = capacity
        self._limits = limits
        ours = {one.id for one in counted(self._edition, sight)}
        self._of_nobody = [one for one in sight.sessions.values() if one.id not in ours]

    def standings(self) -> list[Standing]:
        """Of every interface that is wanted anywhere."""
        found = []
        for one in sorted(self._sight.cards):
            pool = wish(self._edition, self._sight, one).pool
            if pool is not None:
                found.append(self._standing(one, pool))
        return found

    def reasons_in(self, pool_name: str) -> frozenset[str]:
        """Why a pool takes nothing more, if that is so."""
        facts = {
            **self._reasons_of_pool(self._edition.pool(pool_name)),
            "ceiling_reached": self._is_at_the_ceiling(),
        }
        return frozenset(reason for reason, holds_true in facts.items() if holds_true)

    def _standing(self, network_interface_id: str, pool: DrawnPool) -> Standing:
        sight = self._sight
        held = tuple(held_by(sessions_of(pool, self._edition, sight), network_interface_id))
        return Standing(
            network_interface_id,
            pool,
            held,
            tuple(flaw(pool, one, sight) for one in held),
            frozenset() if held else self._reasons(network_interface_id, pool),
            self._is_claimed(network_interface_id),
        )

    def _is_claimed(self, network_interface_id: str) -> bool:
        """Whether a session of nobody's has it as its target."""
        return any(one.target == network_interface_id for one in self._of_nobody)

    def _is_target(self, network_interface_id: str) -> bool:
        return any(one.target == network_interface_id for one in self._sight.sessions.values())

    def _reasons(self, network_interface_id: str, pool: DrawnPool) -> frozenset[str]:
        sight = self._sight
        machine = sight.machine_of(sight.cards[network_interface_id])
        everywhere = held_by(sight.sessions.values(), network_interface_id)
        in_three = len(everywhere) >= SESSIONS_PER_SOURCE
        facts = {
            UNSUPPORTED_TYPE: machine is not None and machine.type != SUPPORTED,
            IS_A_TARGET: self._is_target(network_interface_id) or self._grows_onto_sources(pool),
            "claimed_by_stranger": self._is_claimed(network_interface_id),
            THREE_SESSIONS: in_three,
            "in_three_sessions": in_three,
            "ceiling_reached": self._is_at_the_ceiling(),
            **self._reasons_of_pool(pool),
        }
        return frozenset(reason for reason, holds_true in facts.items() if holds_true)

    def _reasons_of_pool(self, pool: DrawnPool) -> dict[str, bool]:
        sight = self._sight
        ours = members(pool, sight)
        room = [one for one in ours if len(one.held) < self._capacity]
        working = [one for one in room if flaw(pool, one, sight) is None]
        takes = [one for one in working if self._target_takes(one.target, one.target_type)]
        gone = [one for one in pool.sessions if one not in sight.sessions]
        may_grow = pool.grow is not None and self._deployment.allow_growth
        to_come = self._next_flaws(pool)
        stuck = not takes and not (may_grow and None in to_come)
        in_vain = may_grow and bool(to_come - {None, NOT_TAKEN})
        return {
            "pool_empty": stuck and not ours,
            "pool_full": stuck and (not room or bool(working)),
            TARGET_FULL: stuck and bool(working),
            "no_session_mirrors": stuck and (bool(room) or in_vain) and not working,
            LOCKED: stuck and bool(room) and all(one.is_locked for one in room),
            "growth_not_allowed": stuck and pool.grow is not None and not may_grow,
            "sessions_not_listed": stuck and bool(gone) and len(gone) == len(pool.sessions),
            NO_SESSION: stuck and bool(gone),
        }

    def _target_takes(self, target: str, kind: str) -> bool:
        """Whether a target takes one more source."""
        at_it = [one for one in self._sight.sessions.values() if one.target == target]
        most = 500 if kind == "SLB" else self._limits["sources_per_target"]
        return sum(len(one.held) for one in at_it) < most

    def _next_flaws(self, pool: DrawnPool) -> set[str | None]:
        """Of the sessions that the pool may still make, why they would mirror nothing, or None."""
        grow, sight = pool.grow, self._sight
        if grow is None:
            return set()
        taken = {one.priority for one in sight.sessions.values()}
        made = [one for one in members(pool, sight) if is_made(pool, one)]
        fence = [*made, *untagged(pool, self._edition, sight)]
        if len(fence) >= grow.max_sessions:
            return set()
        # A number is used by its name or by its priority.
        names = {one.name for one in fence}
        return {
            flaw(pool, _to_come(pool, grow, number), sight)
            or (None if self._is_usable(*grow.target(number)) else NOT_TAKEN)
            for number in grow.numbers
            if grow.first + number not in taken and f"{grow.name}-{number}" not in names
        }

    def _grows_onto_sources(self, pool: DrawnPool) -> bool:
        """Whether somebody mirrors what the pool would mirror to."""
        ends = [] if pool.grow is None else [one for one, _ in pool.grow.targets]
        return any(held_by(self._sight.sessions.values(), one) for one in ends)

    def _is_usable(self, target: str, kind: str) -> bool:
        """Whether the cloud would let a session begin there."""
        is_source = bool(held_by(self._sight.sessions.values(), target))
        return self._target_takes(target, kind) and not is_source

    def _is_at_the_ceiling(self) -> bool:
        most = self._deployment.max_sources
        if most is None:
            return False
        return sum(len(one.held) for one in counted(self._edition, self._sight)) >= most


def _to_come(pool: DrawnPool, grow: Grow, number: int) -> Mirror:
    """The session of this number, as the pool would make it."""
    target, kind = grow.target(number)
    return Mirror(
        id="",
        name=f"{grow.name}-{number}",
        priority=grow.first + number,
        target=target,
        target_type=kind,
        filter=grow.filter,
        enabled=True,
        status="Created",
        is_locked=False,
        sources=(),
        pending=(),
        tags={POOL_TAG: pool.name},
    )
