"""Hands outcomes to the notification function, and unfinished work to mirror itself.

Both are asynchronous invocations with a deduplication id made from the bytes that are sent, and
from the stack's key where there is one, so that sending the same again is accepted and does nothing
(Function Compute, asynchronous tasks).

The bytes of a publication hold when it was told, so an id that the platform knows stands for that
very telling. What is told again, as the sweep does with what stands, is a telling of its own: that
one came too late, or failed at notify, never keeps the next from being heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evermirror.errors import HandOverError, InvocationError, PublishError
from evermirror.events import encode_requests
from evermirror.invocation import Invoker
from evermirror.invocation.arn import parse
from evermirror.model import Intent, Verdict
from evermirror.outcomes import chunks
from evermirror.stack_key import StackKey

LAST_GENERATION = 20
LONGEST_WAIT_S = 3600.0
"""After so many hand-overs, or so long, the sweep is the better place for what still waits."""


def publish(
    invoker: Invoker,
    function_arn: str,
    wire_outcomes: Iterable[Mapping[str, object]],
    key: StackKey,
) -> None:
    """Every outcome but the ignored ones; raises PublishError after trying all chunks."""
    told = [wire for wire in wire_outcomes if wire["outcome"] != Verdict.IGNORED.value]
    failures = [
        failure
        for chunk in chunks(told)
        if (failure := _invoke(invoker, function_arn, chunk, publication_id(chunk, key)))
    ]
    if failures:
        raise PublishError(f"{len(failures)} publications failed, the first: {failures[0]}")


def publication_id(payload: bytes, key: StackKey) -> str:
    """`p-` and a digest of the bytes: the deduplication id under which they are sent."""
    return key.deduplication_id("p", payload)


def may_go_on(intent: Intent, now: float) -> bool:
    """Whether an intent may be handed over once more."""
    young = now - intent.first_seen < LONGEST_WAIT_S
    return young and intent.generation < LAST_GENERATION


def hand_over(
    invoker: Invoker, function_arn: str, intents: Sequence[Intent], key: StackKey, prefix: str = "h"
) -> None:
    """The work goes on in an invocation of mirror; raises HandOverError after trying all requests.

    Each is signed for mirror, and sent under the prefix and a digest of its bytes.
    """
    recipient = parse(function_arn).recipient
    failures = [
        failure
        for payload in encode_requests(intents, lambda request: key.mac(request, recipient))
        if (
            failure := _invoke(
                invoker, function_arn, payload, key.deduplication_id(prefix, payload)
            )
        )
    ]
    if failures:
        raise HandOverError(f"{len(failures)} requests failed, the first: {failures[0]}")


def _invoke(
    invoker: Invoker, function_arn: str, payload: bytes, deduplication_id: str
) -> InvocationError | None:
    try:
        invoker.invoke(function_arn, payload, deduplication_id)
    except InvocationError as error:
        return error
    return None
