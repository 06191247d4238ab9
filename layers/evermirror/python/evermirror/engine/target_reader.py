"""Reads where pools mirror to, and how the targets are, as far as a look needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress

from evermirror.engine.ports import Clock, InterfaceApi
from evermirror.engine.target_cache import READ_EVERY_S, TargetCache
from evermirror.errors import StopError
from evermirror.ids import is_network_interface_id
from evermirror.model import Instance, Session
from evermirror.placement.membership import Membership
from evermirror.policy import Policy
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class TargetReader:
    """Fills the cache of an instance. Every method may raise ReadError or StopError."""

    api: InterfaceApi
    policy: Policy
    clock: Clock
    cache: TargetCache

    def due(self) -> set[str]:
        """Targets that the policy names and that must be read again."""
        return self.cache.due(self.policy.named_targets, self.clock.now())

    def note(
        self,
        pools: Iterable[str],
        sessions: Mapping[str, Session],
        at: float,
        age_s: float = READ_EVERY_S,
    ) -> None:
        """Remember where the pools mirror to, and read what is not known of their targets.

        `sessions` were read at `at` (epoch seconds). Where what is known may be older than a
        minute, how the targets are does not matter, only where they are.
        """
        membership = Membership(self.policy, sessions)
        used: set[str] = set()
        for name in pools:
            ids = _targets(membership.sessions(name))
            self.cache.note_pool(name, ids, at)
            named = filter(is_network_interface_id, self.policy.pools[name].named_targets)
            # What lost its tag lists sources all the same, to effect or not.
            used |= ids | _targets(membership.untagged(name)) | set(named)
        self._read(used | self.policy.named_targets, age_s)
        if age_s <= READ_EVERY_S:
            self._read_instances(used)

    def read(self, target_ids: AbstractSet[str]) -> None:
        """Read how these targets are, as far as that is not known."""
        self._read(target_ids, READ_EVERY_S)
        self._read_instances(target_ids)

    def _read(self, ids: AbstractSet[str], age_s: float) -> None:
        now = self.clock.now()
        due = self.cache.due(ids, now, age_s)
        if due:
            self.cache.note(due, self.api.describe_network_interfaces(sorted(due)), now)

    def _read_instances(self, ids: AbstractSet[str]) -> None:
        now = self.clock.now()
        due = self.cache.due_instances(ids, now)
        if not due:
            return
        found: tuple[Instance, ...] = ()
        # Where it is refused, whether a target's instance runs cannot be told: that stops nothing.
        with suppress(StopError):
            found = self.api.describe_instances(sorted(due))
        self.cache.note_instances(due, found, now)


def _targets(sessions: Iterable[Session]) -> set[str]:
    """The interfaces that the sessions mirror to."""
    return {
        session.target_id
        for session in sessions
        if session.target_type == NETWORK_INTERFACE and session.target_id
    }
