"""Reads the world for a plan, with as few calls as the answer allows.

What does not change within a run is read once: an attached interface, an instance's tags, the
instances that mirror targets sit on. Sessions are read every time; one List watches a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evermirror.engine.memory import IN_USE
from evermirror.engine.ports import Clock, InterfaceApi, SessionApi
from evermirror.engine.state import Observation
from evermirror.model import Instance, NetworkInterface, Session
from evermirror.policy import Policy


class Observer:
    """One run's eyes. Every method may raise ReadError (later perhaps) or StopError (never)."""

    def __init__(
        self, sessions: SessionApi, interfaces: InterfaceApi, policy: Policy, clock: Clock
    ) -> None:
        self._session_api = sessions
        self._interface_api = interfaces
        self._policy = policy
        self._clock = clock
        self._interfaces: dict[str, NetworkInterface] = {}
        self._instances: dict[str, Instance] = {}
        self._target_instances: dict[str, str | None] = {}

    def resolve(self, instance_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The interfaces of those instances that are visible and have any."""
        wanted = sorted(instance_ids)
        if len(wanted) == 1:
            found = self._interface_api.describe_network_interfaces_of(wanted[0])
            self._interfaces.update({interface.id: interface for interface in found})
            ids = tuple(sorted(interface.id for interface in found))
            return {wanted[0]: ids} if ids else {}
        self._remember_instances(wanted)
        return {
            instance_id: instance.network_interface_ids
            for instance_id in wanted
            if (instance := self._instances.get(instance_id)) and instance.network_interface_ids
        }

    def look(
        self, network_interface_ids: Iterable[str], fresh: Iterable[str], everything: bool
    ) -> Observation:
        """The world around these interfaces.

        `fresh` are those among them that must be read again although they were attached;
        `everything` asks for the sessions of all pools.
        """
        wanted = sorted(network_interface_ids)
        self._read_interfaces(wanted, set(fresh))
        unseen = self._read_instances(wanted)
        sessions = self._read_sessions(wanted, everything)
        self._read_targets(sessions)
        targets = (self._target_instances.get(session.target_id) for session in sessions)
        return Observation(
            at=self._clock.now(),
            interfaces={i: self._interfaces[i] for i in wanted if i in self._interfaces},
            instances=dict(self._instances),
            sessions={session.id: session for session in sessions},
            target_instance_ids=frozenset(target for target in targets if target),
            unseen_instance_ids=unseen,
        )

    def _read_interfaces(self, wanted: list[str], fresh: set[str]) -> None:
        due = [i for i in wanted if i in fresh or not self._is_attached(i)]
        if not due:
            return
        found = {i.id: i for i in self._interface_api.describe_network_interfaces(due)}
        for network_interface_id in due:
            self._interfaces.pop(network_interface_id, None)
        self._interfaces.update(found)

    def _is_attached(self, network_interface_id: str) -> bool:
        known = self._interfaces.get(network_interface_id)
        return known is not None and known.status == IN_USE

    def _read_instances(self, wanted: list[str]) -> frozenset[str]:
        """Only where a decision hangs on them: most interfaces are placed without.

        Returns the ids of those that could not be seen.
        """
        known = (self._interfaces.get(network_interface_id) for network_interface_id in wanted)
        due = {
            interface.instance_id
            for interface in known
            if interface is not None
            and interface.instance_id
            and interface.instance_id not in self._instances
            and self._policy.decide(interface, None).undecided
        }
        self._remember_instances(sorted(due))
        return frozenset(due - self._instances.keys())

    def _remember_instances(self, ids: list[str]) -> None:
        if ids:
            found = self._interface_api.describe_instances(ids)
            self._instances.update({instance.id: instance for instance in found})

    def _read_sessions(self, wanted: list[str], everything: bool) -> tuple[Session, ...]:
        pools = set(self._policy.pools) if everything else self._pools_of(wanted)
        ids = {i for pool in pools for i in self._policy.pools[pool].session_ids}
        return self._session_api.list_sessions(sorted(ids)) if ids else ()

    def _pools_of(self, wanted: list[str]) -> set[str]:
        pools = set()
        for network_interface_id in wanted:
            interface = self._interfaces.get(network_interface_id)
            if interface is not None:
                instance = self._instances.get(interface.instance_id or "")
                pools.add(self._policy.decide(interface, instance).pool)
        return {pool for pool in pools if pool is not None}

    def _read_targets(self, sessions: tuple[Session, ...]) -> None:
        unknown = {
            session.target_id
            for session in sessions
            if session.target_type == "NetworkInterface"
            and session.target_id
            and session.target_id not in self._target_instances
        }
        if not unknown:
            return
        found = self._interface_api.describe_network_interfaces(sorted(unknown))
        self._target_instances.update(dict.fromkeys(unknown))
        self._target_instances.update({i.id: i.instance_id for i in found})
