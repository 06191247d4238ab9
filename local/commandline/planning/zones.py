"""Sources whose packets cross zones, because their target lies in another one.

Where an interface is, the service says; of load balancers it does not, so nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from commandline.planning.finding import Finding, listed
from commandline.planning.placed import Placed
from evermirror.placement.placement import Placement
from evermirror.placement.snapshot import Missing


def across_zones(placement: Placement, placed: Sequence[Placed]) -> Iterator[Finding]:
    """Pool by pool, what is mirrored across zones or could only be."""
    zones = {name: _zones(name, placement) for name in placement.policy.pools}
    crossing: dict[str, list[str]] = {}
    for one in placed:
        if one.pool is not None and _crosses(one, one.pool, placement, zones[one.pool]):
            crossing.setdefault(one.pool, []).append(one.interface.id)
    for pool, ids in crossing.items():
        yield Finding(
            "another_zone",
            f"pools.{pool}",
            f"{len(ids)} of its sources ({listed(ids)}) have their target in another zone, so "
            "mirrored packets cross zones; a pool with targets there, and a rule that asks for "
            "`zone`, avoids it",
        )


def _zones(pool: str, placement: Placement) -> Mapping[str, str | None]:
    """By target of the pool its zone, None where nobody knows it."""
    growth = placement.policy.pools[pool].growth
    made = [target.id for target in growth.targets] if growth else []
    used = [session.target_id for session in placement.membership.sessions(pool)]
    return {target: _zone_of(target, placement) for target in (*used, *made)}


def _zone_of(target_id: str, placement: Placement) -> str | None:
    found = placement.snapshot.interfaces.of(target_id)
    return None if isinstance(found, Missing) else found.zone_id


def _crosses(one: Placed, pool: str, placement: Placement, zones: Mapping[str, str | None]) -> bool:
    zone = one.interface.zone_id
    best = placement.best_listing(one.interface.id, pool)
    possible = set(zones.values()) if best is None else {zones.get(best[0].target_id)}
    return zone is not None and bool(possible) and possible.isdisjoint({zone, None})
