"""Asks mirror for what the sweep found missing: never more than mirror can do before the next one.

A request is an asynchronous invocation under an id made of its bytes, so that the same tick
delivered twice asks once; a backlog asked for again by the next tick costs mirror a look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from evermirror.errors import HandOverError, InvocationError
from evermirror.events import encode_requests
from evermirror.invocation import Invoker
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


def ask(invoker: Invoker, function_arn: str, intents: Sequence[Intent]) -> None:
    """Invoke mirror with these wishes; raises HandOverError after trying all requests."""
    failures: list[InvocationError] = []
    for payload in encode_requests(intents):
        name = f"s-{hashlib.sha256(payload).hexdigest()[:48]}"
        try:
            invoker.invoke(function_arn, payload, name)
        except InvocationError as failure:
            failures.append(failure)
    if failures:
        raise HandOverError(f"{len(failures)} requests failed, the first: {failures[0]}")
