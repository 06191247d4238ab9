"""What is left after a storm, held against what was promised and what was told.

Everything here is read off the local cloud's own state, never off what the library believes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from evermirror.model import Instance, NetworkInterface, Session
from evermirror.policy import Pool

from .scene import REMOVE, SUPPORTED, Scene

COVERED = frozenset({"mirrored", "already_mirrored"})
THREE_SESSIONS = "QuotaExceeded.NetworkInterfaceRelatedSession"
NO_SESSION = "ResourceNotFound.TrafficMirrorSession"
UNSUPPORTED_TYPE = "OperationDenied.EcsNotSupportTrafficMirror"

Told = Mapping[str, Any]
Change = tuple[str, str, tuple[str, ...]]
"""An action, the session or token it was about, and its sources."""


@dataclass
class Aftermath:
    """What a storm left: anything in `broken` is a broken promise."""

    broken: list[str] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    journal: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.broken


class World:
    """The state of the local cloud, in the library's values where those are only data."""

    def __init__(self, state: Any, added_by_people: AbstractSet[tuple[str, str]]) -> None:
        self.added_by_people = added_by_people
        self.instances = {one.id: one for one in state.instances}
        self.interfaces = {one.id: one for one in state.network_interfaces}
        self.sessions: dict[str, Any] = {one.id: one for one in state.sessions}

    def interface(self, network_interface_id: str) -> NetworkInterface:
        one = self.interfaces[network_interface_id]
        return NetworkInterface(
            id=one.id,
            status=one.status,
            type=one.type,
            instance_id=one.instance,
            tags=one.tags,
            service_managed=one.service_managed,
            trunk_network_interface_id=one.trunk,
        )

    def instance(self, instance_id: str | None) -> Instance | None:
        one = self.instances.get(instance_id or "")
        return None if one is None else Instance(id=one.id, status=one.status, tags=one.tags)

    def sessions_of(self, pool: Pool) -> list[Any]:
        return [one for one in self.sessions.values() if pool.holds(_session(one))]

    def of_ours(self, network_interface_id: str, pool: Pool) -> list[str]:
        """The sessions of a pool that hold an interface, those left out where people put it."""
        return [
            one.id
            for one in self.sessions_of(pool)
            if network_interface_id in one.sources
            and (one.id, network_interface_id) not in self.added_by_people
        ]

    def holding(self, network_interface_id: str) -> list[str]:
        return [one.id for one in self.sessions.values() if network_interface_id in one.sources]


def _session(one: Any) -> Session:
    return Session(
        id=one.id,
        status=one.status,
        source_ids=tuple(one.sources),
        name=one.name,
        target_id=one.target,
        filter_id=one.filter,
        priority=one.priority,
        tags=one.tags,
    )


def judge(world: World, scene: Scene, told: Sequence[Told], coverage: Sequence[Told]) -> list[str]:
    """Every interface that is not where it should be, without a reason that the world confirms.

    `told` are outcomes, `coverage` what sweeps published; of both the last word counts.
    """
    last = {one["network_interface_id"]: one["reason"] for one in told}
    off: set[str] = set()
    if coverage:
        off.update(coverage[-1]["listed"].get("ineffective", ()))
        for named in coverage[-1]["listed"].get("impossible", ()):
            last[named] = " or ".join(coverage[-1]["impossible"])
    broken: list[str] = []
    for network_interface_id in sorted(world.interfaces):
        pool = _pool_of(world, scene, network_interface_id)
        if pool is not None:
            broken.extend(_placed(world, scene, pool, network_interface_id, last, off))
    return broken


def _pool_of(world: World, scene: Scene, network_interface_id: str) -> Pool | None:
    """Where the policy wants an interface that could be mirrored; None for the others."""
    interface = world.interface(network_interface_id)
    instance = world.instance(interface.instance_id)
    if interface.status != "InUse" or instance is None:
        return None
    decision = scene.policy.decide(interface, instance)
    return scene.policy.pools[decision.pool] if decision.pool is not None else None


def _placed(
    world: World,
    scene: Scene,
    pool: Pool,
    network_interface_id: str,
    last: Mapping[str, str | None],
    ineffective: AbstractSet[str],
) -> list[str]:
    ours = world.of_ours(network_interface_id, pool)
    if len(ours) > 1:
        return [f"{network_interface_id} is mirrored twice in {pool.name}: {', '.join(ours)}"]
    holding = [one for one in world.sessions_of(pool) if network_interface_id in one.sources]
    if holding:
        off = not any(one.enabled for one in holding)
        unsaid = off and network_interface_id not in ineffective
        return [f"{network_interface_id} is in a session that is off, unsaid"] if unsaid else []
    if network_interface_id not in last:
        return [f"{network_interface_id} is not in {pool.name}, and nobody was told anything"]
    told = last[network_interface_id]
    true = _true_reasons(world, scene, pool, network_interface_id)
    if true & set((told or "").split(" or ")):
        return []
    return [f"{network_interface_id} is not in {pool.name}: told {told}, true are {sorted(true)}"]


def _true_reasons(world: World, scene: Scene, pool: Pool, network_interface_id: str) -> set[str]:
    """What really keeps an interface out, in the words in which it may be told."""
    sessions = world.sessions_of(pool)
    interface = world.interfaces[network_interface_id]
    in_three = len(world.holding(network_interface_id)) >= 3
    full = all(len(one.sources) >= scene.capacity for one in sessions)
    grows = _can_grow(world, scene, pool)
    facts = {
        "pool_empty": not sessions and not grows,
        "pool_full": full and not grows,
        "growth_not_allowed": full and pool.growth is not None and not scene.allow_growth,
        "ceiling_reached": scene.max_sources is not None
        and _sources(world, scene) >= scene.max_sources,
        UNSUPPORTED_TYPE: world.instances[interface.instance].type != SUPPORTED,
        THREE_SESSIONS: in_three,
        "in_three_sessions": in_three,
        "sessions_not_listed": any(one not in world.sessions for one in pool.session_ids),
        NO_SESSION: full and any(one not in world.sessions for one in pool.session_ids),
    }
    return {reason for reason, holds in facts.items() if holds}


def _can_grow(world: World, scene: Scene, pool: Pool) -> bool:
    if pool.growth is None or not scene.allow_growth:
        return False
    taken = {one.priority for one in world.sessions.values()}
    return any(pool.growth.priority(number) not in taken for number in pool.growth.numbers)


def _sources(world: World, scene: Scene) -> int:
    ours = {one.id for pool in scene.policy.pools.values() for one in world.sessions_of(pool)}
    return sum(len(world.sessions[one].sources) for one in ours)


def untold(
    accepted: Iterable[Change],
    told: Sequence[Told],
    left: AbstractSet[str],
    dead_letters: Iterable[bytes],
) -> list[str]:
    """Changes that were made and of which nobody heard.

    What is kept as a dead letter is told by its alarm. An interface that left its instance may have
    left before anybody could be told of it; what stays of it in a session the sweep counts as gone.
    """
    heard = {one["network_interface_id"] for one in told} | left
    removed = {one["network_interface_id"] for one in told if one["outcome"] == "reclaimed"}
    kept = b"\n".join(dead_letters).decode()
    return [
        f"{action} of {source} was accepted and never told"
        for action, _, sources in accepted
        for source in sources
        if source not in kept and source not in (removed if action == REMOVE else heard)
    ]


def ambiguous(told: Iterable[Told]) -> list[str]:
    """Outcome ids that stand for more than one thing."""
    meanings: dict[str, set[str]] = {}
    for one in told:
        covered = one["outcome"] in COVERED
        meaning = (
            one["cause"],
            one["network_interface_id"] or one["instance_id"] or one["reason"],
            "covered" if covered else one["outcome"],
        )
        meanings.setdefault(one["outcome_id"], set()).add(json.dumps(meaning, sort_keys=True))
    return [
        f"{outcome_id} stands for {' and '.join(sorted(found))}"
        for outcome_id, found in meanings.items()
        if len(found) > 1
    ]
