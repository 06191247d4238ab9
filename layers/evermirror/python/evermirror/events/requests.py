"""The request: how a person, the webhook, the sweep and mirror itself ask mirror for a look.

A request names interfaces or instances and nothing else of weight: the policy decides, so there
is no key here that could override it. What mirror hands over to itself takes the same form, which
is why everything an intent carries can travel in a request and come back unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from evermirror import ids
from evermirror.events.problems import InvalidEventError, Where, shown, validated
from evermirror.events.records import LONGEST_IDENTITY
from evermirror.model import Cause, Intent

VERSION = 1
MOST_IDS = 500
MOST_BYTES = 100_000
"""An asynchronous invocation takes 128 KB (Function Compute, limits); this leaves a margin."""

_Text = Annotated[str, Field(min_length=1, max_length=LONGEST_IDENTITY)]
_Seconds = Annotated[float, Field(allow_inf_nan=False)]


class _Wire(BaseModel):
    # Only what an event turns out to need is built: a cold start pays for nothing else.
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, defer_build=True)


class _CauseWire(_Wire):
    source: _Text
    id: _Text


class _RequestWire(_Wire):
    cause: _CauseWire | None = None  # checked here, read by the one module that knows identities
    reason: Annotated[str, Field(max_length=1000)] | None = None
    dry_run: bool = False
    generation: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    first_seen: _Seconds | None = None
    occurred_at: _Seconds | None = None
    network_interface_ids: Annotated[list[Any], Field(min_length=1)] | None = None
    instance_ids: Annotated[list[Any], Field(min_length=1)] | None = None


@dataclass(slots=True)
class Asked:
    """What one request amounts to: the good ids as intents, each bad one as a problem."""

    intents: list[Intent] = field(default_factory=list)
    problems: list[InvalidEventError] = field(default_factory=list)


def is_request(value: dict[str, object]) -> bool:
    return "request" in value


def _named(wire: _RequestWire, where: Where) -> tuple[str, list[Any]]:
    interfaces, instances = wire.network_interface_ids, wire.instance_ids
    if interfaces is not None and instances is not None:
        raise InvalidEventError(
            where, "has both network_interface_ids and instance_ids: ask for one kind at a time"
        )
    key = "network_interface_ids" if interfaces is not None else "instance_ids"
    listed = interfaces if interfaces is not None else instances
    if listed is None:
        raise InvalidEventError(where, "has neither network_interface_ids nor instance_ids")
    if len(listed) > MOST_IDS:
        problem = f"has {len(listed)} ids: a request takes at most {MOST_IDS}, so split it"
        raise InvalidEventError((*where, key), problem)
    return key, listed


_PATTERNS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "network_interface_ids": ("a network interface id", ids.is_network_interface_id),
    "instance_ids": ("an instance id", ids.is_instance_id),
}


def read(value: dict[str, object], where: Where, cause: Cause, now: float) -> Asked:
    """Return what a request asks for, for this cause.

    Raises InvalidEventError when the request as a whole cannot be used.
    """
    version = value["request"]
    if version != VERSION or isinstance(version, bool):
        problem = f"is {shown(version)}: this version understands only {VERSION}"
        raise InvalidEventError((*where, "request"), problem)
    wire = validated(_RequestWire, value, where)
    key, listed = _named(wire, where)
    asked = Asked()
    noun, matches = _PATTERNS[key]
    for index, named in enumerate(listed):
        if not matches(named):
            problem = f"is {shown(named)}, not {noun}"
            asked.problems.append(InvalidEventError((*where, key, index), problem))
            continue
        asked.intents.append(
            Intent(
                cause,
                network_interface_id=named if key == "network_interface_ids" else None,
                instance_id=named if key == "instance_ids" else None,
                occurred_at=wire.occurred_at,
                first_seen=now if wire.first_seen is None else wire.first_seen,
                generation=wire.generation,
                dry_run=wire.dry_run,
            )
        )
    return asked


_Group = tuple[Cause, float, float, int, bool, bool]
_NEVER = float("-inf")


def _group(intent: Intent) -> _Group:
    occurred_at = _NEVER if intent.occurred_at is None else intent.occurred_at
    of_instance = intent.network_interface_id is None
    first_seen, generation = intent.first_seen, intent.generation
    return intent.cause, first_seen, occurred_at, generation, intent.dry_run, of_instance


def _id(intent: Intent) -> str:
    return intent.network_interface_id or intent.instance_id or ""


def _request(group: _Group, named: Sequence[str]) -> bytes:
    cause, first_seen, occurred_at, generation, dry_run, of_instance = group
    request = {
        "request": VERSION,
        "cause": {"source": cause.source, "id": cause.id},
        "dry_run": dry_run,
        "generation": generation,
        "first_seen": first_seen,
        "occurred_at": None if occurred_at == _NEVER else occurred_at,
        "instance_ids" if of_instance else "network_interface_ids": list(named),
    }
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()


def _requests(intents: Sequence[Intent]) -> Iterator[bytes]:
    ordered = sorted(intents, key=lambda intent: (_group(intent), _id(intent)))
    for group, members in groupby(ordered, key=_group):
        named = list(dict.fromkeys(_id(intent) for intent in members))
        for start in range(0, len(named), MOST_IDS):
            yield _request(group, named[start : start + MOST_IDS])


def encode_requests(intents: Sequence[Intent]) -> list[bytes]:
    """Return payloads that parse back to these intents, for mirror to be invoked with later.

    Each is a JSON array of requests of at most 100,000 bytes. The same set of intents gives the
    same bytes in whatever order it comes. Intents with one cause and history share a request.
    """
    payloads: list[list[bytes]] = []
    room = 0
    for request in _requests(intents):
        cost = len(request) + 1
        if cost > room:
            payloads.append([])
            room = MOST_BYTES - 1
        payloads[-1].append(request)
        room -= cost
    return [b"[" + b",".join(requests) + b"]" for requests in payloads]
