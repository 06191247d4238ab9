"""Which sources are gone for certain, and the request to mirror to take them out.

Absent from the complete read, or attached to nothing, is a suspicion: the page that held it may
have been read in a bad moment, and a role that may not describe reads nothing at all. So the
suspects are read again by their ids, a minute later where they are to be removed, and every such
call names an interface that is known to exist and must come back with them. Mirror does the same
once more.
"""

from __future__ import annotations

from collections.abc import Sequence

from evermirror.coverage import Listed
from evermirror.engine.ports import Clock
from evermirror.fleet import Fleet, WholeInterfaces
from evermirror.model import AVAILABLE, Cause, Intent, Purpose
from evermirror.reconcile.ticks import Tick, in_turn
from evermirror.settings import Reclaiming
from evermirror.values import dataclass

APART_S = 60.0


@dataclass(frozen=True, slots=True)
class Suspects:
    """Confirms what a complete read suspects. Raises ReadError or StopError."""

    interfaces: WholeInterfaces
    clock: Clock
    reclaiming: Reclaiming
    limit: int

    def confirmed(self, suspected: Sequence[Listed], fleet: Fleet) -> tuple[Listed, ...]:
        """Those of the suspected sources whose interface is gone in this read as well."""
        ids = {one.network_interface_id for one in suspected}
        witness = next((one.id for one in fleet.interfaces if one.id not in ids), None)
        if witness is None:
            return ()
        if ids and self.reclaiming is Reclaiming.ON:
            self.clock.sleep(max(0.0, fleet.at + APART_S - self.clock.now()))
        gone = self._gone(sorted(ids), witness)
        return tuple(one for one in suspected if one.network_interface_id in gone)

    def _gone(self, ids: Sequence[str], witness: str) -> set[str]:
        found = self.interfaces.network_interfaces_beside(witness, ids)
        if found is None:
            return set()
        return set(ids) - {one.id for one in found if one.status != AVAILABLE}

    def to_reclaim(self, gone: Sequence[Listed], tick: Tick) -> list[Intent]:
        """The wishes to take them out, at most `limit`; none unless reclaim is on.

        The cause names the session as well: one interface can be gone from two of them.
        """
        if self.reclaiming is not Reclaiming.ON:
            return []
        return [
            Intent(
                Cause(tick.cause.source, f"{tick.cause.id} {one.session_id}"),
                one.network_interface_id,
                purpose=Purpose.RECLAIM,
                session_id=one.session_id,
            )
            for one in in_turn(gone, self.limit, tick.turn)
        ]
