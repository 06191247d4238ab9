"""Coverage as a number and as lists: what should be mirrored, what is, and what keeps the rest out.

Pure: it is given what was read. It never calls nothing "full": with nothing eligible the share is
None, which means unknown, because an empty read looks just like a fleet without gaps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evermirror.model import Instance, NetworkInterface, Session
from evermirror.policy import Policy


@dataclass(frozen=True, slots=True)
class Coverage:
    """Interface ids by how they stand; `excluded` counts by rule or reason.

    `ineffective` are listed, but in a session that is switched off or locked; `twice` are listed
    in more than one session of their pool, and counted as mirrored as well.
    """

    mirrored: tuple[str, ...] = ()
    ineffective: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    excluded: Mapping[str, int] | None = None

    @property
    def eligible(self) -> int:
        return len(self.mirrored) + len(self.ineffective) + len(self.missing)

    @property
    def share(self) -> float | None:
        """Mirrored of eligible, 0 to 1; None where nothing is eligible: unknown."""
        return len(self.mirrored) / self.eligible if self.eligible else None


def coverage(
    policy: Policy,
    interfaces: Iterable[NetworkInterface],
    instances: Mapping[str, Instance],
    sessions: Mapping[str, Session],
) -> Coverage:
    """How the interfaces stand; those attached to nothing need no mirroring and are left out."""
    standing: dict[str, list[str]] = {"mirrored": [], "ineffective": [], "missing": [], "twice": []}
    excluded: Counter[str] = Counter()
    targets = _target_instances(interfaces := tuple(interfaces), sessions)
    for interface in sorted(interfaces, key=lambda one: one.id):
        if interface.status != "InUse":
            continue
        decision = policy.decide(interface, instances.get(interface.instance_id or ""))
        if decision.pool is None:
            excluded[decision.rule or decision.reason] += 1
        elif interface.instance_id in targets:
            excluded["target_instance"] += 1
        else:
            holding = _holding(interface.id, policy.pools[decision.pool].session_ids, sessions)
            standing[_standing(holding)].append(interface.id)
            if len(holding) > 1:
                standing["twice"].append(interface.id)
    return Coverage(**{name: tuple(ids) for name, ids in standing.items()}, excluded=dict(excluded))


def _target_instances(
    interfaces: tuple[NetworkInterface, ...], sessions: Mapping[str, Session]
) -> set[str]:
    targets = {session.target_id for session in sessions.values()}
    return {i.instance_id for i in interfaces if i.id in targets and i.instance_id}


def _holding(
    network_interface_id: str, session_ids: Iterable[str], sessions: Mapping[str, Session]
) -> list[Session]:
    listed = (sessions.get(session_id) for session_id in session_ids)
    return [s for s in listed if s is not None and network_interface_id in s.source_ids]


def _standing(holding: list[Session]) -> str:
    if not holding:
        return "missing"
    works = any(s.enabled and s.business_status == "Normal" for s in holding)
    return "mirrored" if works else "ineffective"
