"""Writes requests to mirror: what it hands over to itself, and what the sweep asks it for.

Whatever an intent carries comes back unchanged when the request is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from evermirror.events.requests import MOST_IDS, VERSION
from evermirror.failure_record import MOST_QUOTED, quoted
from evermirror.model import Intent, Purpose, Tampering
from evermirror.stack_key import MAC

Sign = Callable[[Mapping[str, object]], "str | None"]
"""The code that a request gets, or none."""

_NEVER = float("-inf")


def _order(intent: Intent) -> tuple[object, ...]:
    """Equal for intents that share a request; without None, so that it can be sorted by."""
    tampering = intent.tampering
    return (
        intent.cause,
        intent.first_seen,
        _NEVER if intent.occurred_at is None else intent.occurred_at,
        intent.generation,
        intent.dry_run,
        intent.question,
        _key(intent),
        intent.purpose.value,
        intent.session_id or "",
        intent.filter_id or "",
        () if tampering is None else _order_of(tampering),
    )


def _order_of(tampering: Tampering) -> tuple[object, ...]:
    at = _NEVER if tampering.at is None else tampering.at
    return (tampering.actor, tampering.action, at, tampering.changed)


_LISTED = {"network_interface_ids", "instance_ids"}


def _key(intent: Intent) -> str:
    if intent.network_interface_id is not None:
        return "network_interface_ids"
    if intent.instance_id is not None:
        return "instance_ids"
    return "session_id" if intent.filter_id is None else "filter_id"


def _id(intent: Intent) -> str:
    return intent.subject_id or ""


def _request(intent: Intent, named: Sequence[str], sign: Sign) -> bytes:
    request: dict[str, object] = {
        "request": VERSION,
        "cause": {"source": intent.cause.source, "id": intent.cause.id},
        "dry_run": intent.dry_run,
        "generation": intent.generation,
        "first_seen": intent.first_seen or None,
        "occurred_at": intent.occurred_at,
    }
    # Left out where they say nothing new, so that an older mirror understands the rest.
    if intent.purpose is not Purpose.MIRROR:
        request["purpose"] = intent.purpose.value
    if intent.question:
        request["question"] = True
    if intent.session_id is not None:
        request["session_id"] = intent.session_id
    if intent.tampering is not None:
        request["tampering"] = _plain(intent.tampering)
    if intent.filter_id is not None:
        request["filter_id"] = intent.filter_id
    if _key(intent) in _LISTED:
        request[_key(intent)] = list(named)
    code = sign(request)
    if code is not None:
        request[MAC] = code
    return json.dumps(request, separators=(",", ":")).encode("ascii")


def _plain(tampering: Tampering) -> dict[str, object]:
    plain: dict[str, object] = {
        "actor": tampering.actor,
        "action": tampering.action,
        "at": tampering.at,
    }
    return {**plain, "changed": list(tampering.changed)} if tampering.changed else plain


def _requests(intents: Sequence[Intent], sign: Sign) -> Iterator[bytes]:
    ordered = sorted(intents, key=lambda intent: (_order(intent), _id(intent)))
    for _, members in groupby(ordered, key=_order):
        alike = list(members)
        named = list(dict.fromkeys(map(_id, alike)))
        for start in range(0, len(named), MOST_IDS):
            yield _request(alike[0], named[start : start + MOST_IDS], sign)


def unsigned(_request: Mapping[str, object]) -> None:
    """The code of a request that gets none."""


def encode_requests(intents: Sequence[Intent], sign: Sign = unsigned) -> list[bytes]:
    """Return payloads that parse back to these intents, for mirror to be invoked with later.

    Each is a JSON array of requests, so small that the record of its failure is kept. The same set
    of intents gives the same bytes in whatever order it comes. Intents with one cause and history
    share a request.
    """
    payloads: list[list[bytes]] = []
    room = 0
    for request in _requests(intents, sign):
        cost = quoted(request) + 1
        if cost > room:
            payloads.append([])
            room = MOST_QUOTED - 1
        payloads[-1].append(request)
        room -= cost
    return [b"[" + b",".join(requests) + b"]" for requests in payloads]
