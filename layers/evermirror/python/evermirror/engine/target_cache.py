"""What an instance of the function knows of mirror targets, so that a look costs no call for them.

Whatever sits on the instance of a target must not be mirrored, whichever pool it belongs to, and a
look reads no pool but those in question. Targets hardly change, so the other pools are read once.
What a target's state decides, whether a session mirrors, is read again every minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from evermirror.model import Instance, NetworkInterface
from evermirror.placement.eligibility import Targets
from evermirror.placement.snapshot import Lookup

REMEMBERED_FOR_S = 600.0
"""Seconds for which it is known where the pools mirror to that nobody asks about."""

READ_EVERY_S = 60.0
"""Seconds for which the state of a target, or of its instance, is believed."""


class TargetCache:
    """Times are epoch seconds. A target that was asked for and not shown is kept as absent."""

    def __init__(self) -> None:
        self._of_pools: dict[str, tuple[float, frozenset[str]]] = {}
        self._interfaces: dict[str, tuple[float, NetworkInterface | None]] = {}
        self._instances: dict[str, tuple[float, Instance | None]] = {}

    def note_pool(self, pool: str, target_ids: AbstractSet[str], at: float) -> None:
        """Remember where the sessions of a pool mirror to, as read at `at`."""
        self._of_pools[pool] = (at, frozenset(target_ids))

    def unknown(self, pools: Iterable[str], now: float) -> set[str]:
        """Those of the pools that were not read lately."""
        oldest = now - REMEMBERED_FOR_S
        read = self._of_pools
        return {pool for pool in pools if pool not in read or read[pool][0] < oldest}

    def due(self, target_ids: Iterable[str], now: float, age_s: float = READ_EVERY_S) -> set[str]:
        """Those of the targets that were never read, or longer ago than `age_s`."""
        read = self._interfaces
        return {one for one in target_ids if one not in read or read[one][0] < now - age_s}

    def due_instances(self, target_ids: Iterable[str], now: float) -> set[str]:
        """The instances of these targets that must be read."""
        ids = {self.instance_of(target) for target in target_ids} - {None}
        read = self._instances
        return {
            one for one in ids if one and (one not in read or read[one][0] < now - READ_EVERY_S)
        }

    def instance_of(self, target_id: str) -> str | None:
        """The instance that a target sits on, as far as it was seen."""
        interface = self._interfaces.get(target_id, (0.0, None))[1]
        return None if interface is None else interface.instance_id

    def note(self, asked: AbstractSet[str], found: Iterable[NetworkInterface], at: float) -> None:
        """Remember the targets that were asked for; those not found are absent."""
        self._interfaces.update(dict.fromkeys(asked, (at, None)))
        self._interfaces.update({one.id: (at, one) for one in found if one.id in asked})

    def note_instances(self, asked: AbstractSet[str], found: Iterable[Instance], at: float) -> None:
        """Remember the instances of targets that were asked for."""
        self._instances.update(dict.fromkeys(asked, (at, None)))
        self._instances.update({one.id: (at, one) for one in found})

    def interfaces(self) -> Lookup[NetworkInterface]:
        """Every target that was read."""
        return Lookup(_values(self._interfaces), frozenset(self._interfaces))

    def instances(self) -> Mapping[str, Instance]:
        """The instances of targets that were shown."""
        return _values(self._instances)

    def receiving(self, named: Iterable[str]) -> Targets:
        """What is never mirrored: the targets of pools, the `named` ones, and their instances."""
        ids = frozenset(named).union(*(ids for _, ids in self._of_pools.values()))
        on = (self.instance_of(target) for target in ids)
        return Targets(ids, frozenset(instance for instance in on if instance))


def _values(read: Mapping[str, tuple[float, object]]) -> dict:  # type: ignore[type-arg]
    return {key: value for key, (_, value) in read.items() if value is not None}
