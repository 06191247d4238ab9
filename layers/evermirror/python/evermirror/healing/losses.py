"""What a deleted session left unmirrored: nobody can say what it had, so all is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from evermirror.coverage import Coverage, coverage
from evermirror.fleet import Fleet, FleetReader
from evermirror.model import Intent, NetworkInterface, Purpose
from evermirror.placement.limits import Limits
from evermirror.placement.membership import could_hold
from evermirror.policy import Policy
from evermirror.values import dataclass

MOST = 500
"""Interfaces looked at for the deletions of one delivery; the sweep finds what is beyond."""

YOUNG_S = 300.0
"""Age in seconds below which an interface may not have been in any session yet."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Finds what the policy wants in a pool that could have held a session, and no session lists.

    Raises ReadError or StopError; a full read that takes too long ends as `check` says.
    """

    policy: Policy
    reader: FleetReader
    limits: Limits

    def after(self, deletions: Sequence[Intent], check: Callable[[], None]) -> tuple[Intent, ...]:
        """A look at each interface, oldest first, at most MOST; `check` is called at every page.

        A session whose deletion is on record counts as gone even where the read still shows it. Of
        several deletions the last one is told: each interface is lost once.
        """
        told: dict[str, Intent] = {}
        for name, pool in self.policy.pools.items():
            possible = [i for i in deletions if could_hold(pool, i.session_id or "")]
            if possible:
                told[name] = max(possible, key=lambda i: (_moment(i), i.cause))
        if not told:
            return ()
        fleet = self.reader.read(self.policy, lambda _what, _read: check())
        left = _without(fleet, {i.session_id for i in deletions})
        away = set(_away(coverage(self.policy, left, self.limits)))
        lost = sorted(
            (one for one in fleet.interfaces if one.id in away),
            key=lambda one: (one.created_at or 0.0, one.id),
        )
        looks = ((one, told.get(self._pool(one, fleet) or "")) for one in lost)
        return tuple(_look(one, intent) for one, intent in looks if intent is not None)[:MOST]

    def _pool(self, interface: NetworkInterface, fleet: Fleet) -> str | None:
        instance = fleet.instances.get(interface.instance_id or "")
        return self.policy.decide(interface, instance).pool


def _without(fleet: Fleet, session_ids: set[str | None]) -> Fleet:
    left = {i: session for i, session in fleet.sessions.items() if i not in session_ids}
    return replace(fleet, sessions=left)


def _away(found: Coverage) -> tuple[str, ...]:
    impossible = (one for ids in found.impossible.values() for one in ids)
    return (*found.missing, *found.pending, *impossible)


def _look(interface: NetworkInterface, deletion: Intent) -> Intent:
    look = replace(deletion, network_interface_id=interface.id)
    created_at = interface.created_at
    if created_at is None or created_at + YOUNG_S <= _moment(deletion):
        return look
    # It waits for its first session, perhaps.
    return blameless(look)


def blameless(look: Intent) -> Intent:
    """A look at what must be mirrored, where nobody is to blame that it is not."""
    return replace(look, purpose=Purpose.MIRROR, session_id=None, tampering=None)


def _moment(deletion: Intent) -> float:
    at = None if deletion.tampering is None else deletion.tampering.at
    return deletion.first_seen if at is None else at
