"""Hands outcomes to the notification function, and unfinished work to mirror itself.

Both are asynchronous invocations with a deduplication id made from the bytes that are sent, so
that sending the same again is accepted and does nothing (Function Compute, asynchronous tasks).

The sweep asks again for what it could not have, an unsupported instance type say, every quarter of
an hour and under another cause. What came to nothing for it is therefore published under an id made
of what is said and of the date: told once a day, and logged every time, as coverage is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from evermirror.errors import HandOverError, InvocationError, PublishError
from evermirror.events import encode_requests
from evermirror.invocation import Invoker
from evermirror.model import Intent, Verdict
from evermirror.outcomes import SWEEP, chunks, publication_id

_TO_NO_EFFECT = frozenset(
    verdict.value
    for verdict in (
        Verdict.SKIPPED,
        Verdict.REJECTED,
        Verdict.DEFERRED,
        Verdict.INEFFECTIVE,
        Verdict.UNCONFIRMED,
        Verdict.SESSION_CHANGED,
    )
)


LAST_GENERATION = 20
LONGEST_WAIT_S = 3600.0
"""After so many hand-overs, or so long, the sweep is the better place for what still waits."""


def publish(
    invoker: Invoker, function_arn: str, wire_outcomes: Iterable[Mapping[str, object]]
) -> None:
    """Every outcome but the ignored ones; raises PublishError after trying all chunks."""
    told = [wire for wire in wire_outcomes if wire["outcome"] != Verdict.IGNORED.value]
    daily = [wire for wire in told if _is_told_daily(wire)]
    others = [wire for wire in told if not _is_told_daily(wire)]
    named = [(chunk, publication_id(chunk)) for chunk in chunks(others)]
    today = _daily_id(daily)
    named += [(chunk, f"{today}-{n}") for n, chunk in enumerate(chunks(daily))]
    failures = [
        failure for chunk, name in named if (failure := _invoke(invoker, function_arn, chunk, name))
    ]
    if failures:
        raise PublishError(f"{len(failures)} publications failed, the first: {failures[0]}")


def _is_told_daily(wire: Mapping[str, object]) -> bool:
    cause = wire.get("cause")
    by_sweep = isinstance(cause, Mapping) and cause.get("source") == SWEEP
    return by_sweep and wire["outcome"] in _TO_NO_EFFECT


def _daily_id(wires: Iterable[Mapping[str, object]]) -> str:
    keys = ("network_interface_id", "session_id", "outcome", "reason")
    said = sorted([str(wire.get(key)) for key in keys] + [str(wire["time"])[:10]] for wire in wires)
    return f"d-{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:40]}"


def may_go_on(intent: Intent, now: float) -> bool:
    """Whether an intent may be handed over once more."""
    young = now - intent.first_seen < LONGEST_WAIT_S
    return young and intent.generation < LAST_GENERATION


def hand_over(invoker: Invoker, function_arn: str, intents: Sequence[Intent]) -> None:
    """The work goes on in another invocation; raises HandOverError after trying all requests."""
    failures = [
        failure
        for payload in encode_requests(intents)
        if (failure := _invoke(invoker, function_arn, payload, _hand_over_id(payload)))
    ]
    if failures:
        raise HandOverError(f"{len(failures)} requests failed, the first: {failures[0]}")


def _hand_over_id(payload: bytes) -> str:
    return f"h-{hashlib.sha256(payload).hexdigest()[:48]}"


def _invoke(
    invoker: Invoker, function_arn: str, payload: bytes, deduplication_id: str
) -> InvocationError | None:
    try:
        invoker.invoke(function_arn, payload, deduplication_id)
    except InvocationError as error:
        return error
    return None
