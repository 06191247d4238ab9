"""The cloud's quotas for traffic mirroring, and how much of them a fleet has used.

Source: the quota table of the page "Traffic mirroring overview" (VPC), defaults as of 2026. What
an account had raised makes the plan err on the safe side. Mirror learns from refusals how much a
target takes; a plan must know it before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from commandline.planning.placed import instance_of
from evermirror.placement.snapshot import Missing, Snapshot
from evermirror.policy.sessions import Target
from evermirror.policy.vocabulary import LOAD_BALANCER
from localcloud.world.large_targets import LARGE_TARGET_TYPES


@dataclass(frozen=True, slots=True)
class Quotas:
    """Defaults of an account in a region, besides those that are limits of the deployment."""

    sources_per_target: int = 20
    sources_per_large_target: int = 200
    sources_per_load_balancer: int = 500
    sessions: int = 20_000
    sessions_per_filter: int = 2_000


class Room:
    """What is left of the quotas; taking from it leaves less for whoever comes next."""

    def __init__(self, snapshot: Snapshot, quotas: Quotas) -> None:
        self._snapshot = snapshot
        self.quotas = quotas
        self._on_target: Counter[str] = Counter()
        self._with_filter: Counter[str] = Counter()
        self._sessions = len(snapshot.sessions)
        for session in snapshot.sessions.values():
            self._on_target[session.target_id] += len(session.source_ids)
            self._with_filter[session.filter_id] += 1

    def target_quota(self, target_id: str) -> int:
        """How many sources a target takes; a load balancer more than an interface."""
        if LOAD_BALANCER.fits(target_id):
            return self.quotas.sources_per_load_balancer
        interface = self._snapshot.interfaces.of(target_id)
        if isinstance(interface, Missing):
            return self.quotas.sources_per_target
        instance = instance_of(self._snapshot, interface)
        if instance is not None and instance.type in LARGE_TARGET_TYPES:
            return self.quotas.sources_per_large_target
        return self.quotas.sources_per_target

    def on_target(self, target_id: str) -> int:
        """How many more sources the target takes."""
        return max(0, self.target_quota(target_id) - self._on_target[target_id])

    def take(self, target_id: str, sources: int) -> None:
        self._on_target[target_id] += sources

    def takes_session(self, filter_id: str) -> bool:
        """Say whether the region and the filter take one more session."""
        return (
            self._sessions < self.quotas.sessions
            and self._with_filter[filter_id] < self.quotas.sessions_per_filter
        )

    def make_session(self, filter_id: str, target: Target, sources: int) -> None:
        self._sessions += 1
        self._with_filter[filter_id] += 1
        self.take(target.id, sources)
