"""Where pools mirror to, remembered for a while by an instance of the function.

Whatever sits on the instance of a target must not be mirrored, whichever pool it belongs to, and a
look reads no pool but those in question. Targets hardly change, so the other pools are read once,
and for a policy of one pool there is nothing to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

REMEMBERED_FOR_S = 600.0


class Sensors:
    """By pool, the interfaces that its sessions mirror to and the instances that they sit on."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[float, Mapping[str, str | None]]] = {}

    def note(self, pool: str, targets: Mapping[str, str | None], at: float) -> None:
        """Remember what was read at `at` (epoch seconds): the instance of each target, if seen."""
        self._of[pool] = (at, targets)

    def unknown(self, pools: Iterable[str], now: float) -> set[str]:
        """Those of the pools that were not read lately."""
        oldest = now - REMEMBERED_FOR_S
        return {pool for pool in pools if pool not in self._of or self._of[pool][0] < oldest}

    def known(self) -> dict[str, str | None]:
        """Every target that is remembered, with its instance."""
        return {one: instance for _, of in self._of.values() for one, instance in of.items()}
