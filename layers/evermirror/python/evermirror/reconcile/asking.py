"""What the sweep asks mirror for: never more than mirror can do before the next one.

A backlog that is asked for again by the next tick costs mirror a look.
"""

from __future__ import annotations

from collections.abc import Iterable

from evermirror.model import Intent
from evermirror.reconcile.ticks import Tick

CALLS_AN_INTERFACE = 1.25
"""What a burst costs mirror at one source a call; see the benchmarks."""


def capacity(calls_per_minute: int, interval_s: float, sources_per_call: int) -> int:
    """How many interfaces mirror can place in half the time between two sweeps; at least one."""
    calls = calls_per_minute / 60 * interval_s / 2
    return max(1, int(calls * sources_per_call / CALLS_AN_INTERFACE))


def to_mirror(network_interface_ids: Iterable[str], tick: Tick) -> list[Intent]:
    """The wishes; how long they wait counts from when mirror hears of them, not from the tick."""
    return [Intent(tick.cause, one) for one in network_interface_ids]
