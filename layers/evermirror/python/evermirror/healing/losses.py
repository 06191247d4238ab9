"""What a deleted session left unmirrored: nobody can say what it had, so all is looked at."""

from __future__ import annotations

from collections.abc import Callable

from evermirror.coverage import Coverage, Terms, coverage
from evermirror.fleet import Fleet, FleetReader
from evermirror.model import NetworkInterface
from evermirror.policy import Policy, Pool
from evermirror.values import dataclass

MOST = 500
"""Interfaces looked at for one deleted session; the sweep finds what is beyond."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Finds what the policy wants in a pool that could have held a session, and no session lists.

    Raises ReadError or StopError; a full read that takes too long ends as `check` says.
    """

    policy: Policy
    reader: FleetReader
    terms: Terms

    def after(self, session_id: str, check: Callable[[], None]) -> tuple[str, ...]:
        """Interface ids, oldest first, at most MOST; `check` is called after every page."""
        pools = {n for n, pool in self.policy.pools.items() if _could_hold(pool, session_id)}
        if not pools:
            return ()
        fleet = self.reader.read(self.policy, lambda _what, _read: check())
        away = set(_away(coverage(self.policy, fleet, self.terms)))
        lost = [
            one for one in fleet.interfaces if one.id in away and self._pool(one, fleet) in pools
        ]
        lost.sort(key=lambda one: (one.created_at or 0.0, one.id))
        return tuple(one.id for one in lost[:MOST])

    def _pool(self, interface: NetworkInterface, fleet: Fleet) -> str | None:
        instance = fleet.instances.get(interface.instance_id or "")
        return self.policy.decide(interface, instance).pool


def _could_hold(pool: Pool, session_id: str) -> bool:
    found = pool.discovery is not None or pool.growth is not None
    return session_id in pool.session_ids or found


def _away(found: Coverage) -> tuple[str, ...]:
    impossible = (one for ids in found.impossible.values() for one in ids)
    return (*found.missing, *found.pending, *impossible)
