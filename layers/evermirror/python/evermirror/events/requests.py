"""The request: how a person, the webhook, the sweep and mirror itself ask mirror for a look.

A request names interfaces, instances or a session and nothing else of weight: the policy decides,
so there is no key here that could override it. What mirror hands over to itself takes the same
form, which is why everything an intent carries can travel in a request and come back unchanged.
Anybody who may invoke mirror can write one, so what is more than a plain look needs the code that
only mirror and the sweep can make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from evermirror import ids
from evermirror.events.problems import InvalidEventError, Where, shown, validated
from evermirror.events.records import LONGEST_IDENTITY
from evermirror.events.times import LATEST
from evermirror.model import Cause, Intent, Purpose, Request, Tampering
from evermirror.values import dataclass

VERSION = 1
MOST_IDS = 500
FIRST_IDS = 20
"""Of a request, for the log."""

_Text = Annotated[str, Field(min_length=1, max_length=LONGEST_IDENTITY)]
_Seconds = Annotated[float, Field(allow_inf_nan=False)]

IsSigned = Callable[[Mapping[str, object]], bool]
"""Whether a request has a code that holds."""


class _Wire(BaseModel):
    # Only what an event turns out to need is built: a cold start pays for nothing else.
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, defer_build=True)


class _CauseWire(_Wire):
    source: _Text
    id: _Text


class _TamperingWire(_Wire):
    actor: Annotated[str, Field(max_length=LONGEST_IDENTITY)]
    action: Annotated[str, Field(max_length=LONGEST_IDENTITY)]
    # It is told as a date, and not every number is one.
    at: Annotated[float, Field(gt=0, le=LATEST)] | None = None
    changed: Annotated[list[_Text], Field(max_length=20)] = Field(default_factory=list)


class _RequestWire(_Wire):
    cause: _CauseWire | None = None  # checked here, read by the one module that knows identities
    reason: Annotated[str, Field(max_length=1000)] | None = None
    dry_run: bool = False
    question: bool = False
    generation: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    first_seen: _Seconds | None = None
    occurred_at: _Seconds | None = None
    network_interface_ids: Annotated[list[Any], Field(min_length=1)] | None = None
    instance_ids: Annotated[list[Any], Field(min_length=1)] | None = None
    purpose: Literal["mirror", "heal", "reclaim"] = "mirror"
    session_id: Any = None
    tampering: _TamperingWire | None = None
    filter_id: Any = None


@dataclass(slots=True)
class Asked:
    """What one request amounts to: the good ids as intents, each bad one as a problem."""

    request: Request
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
        if wire.purpose == "heal" and wire.session_id is not None:
            return "session_id", [wire.session_id]
        if wire.purpose == "heal" and wire.filter_id is not None:
            return "filter_id", [wire.filter_id]
        raise InvalidEventError(where, "has neither network_interface_ids nor instance_ids")
    if len(listed) > MOST_IDS:
        problem = f"has {len(listed)} ids: a request takes at most {MOST_IDS}, so split it"
        raise InvalidEventError((*where, key), problem)
    return key, listed


def _plain_unless_signed(wire: _RequestWire, signed: bool, where: Where) -> _RequestWire:
    """What a stranger's request is worth: a look at what it names, without a word about anybody.

    Raises InvalidEventError where nothing is left of it.
    """
    if signed or wire.purpose == "mirror":
        return wire
    named = wire.network_interface_ids is not None or wire.instance_ids is not None
    if wire.purpose == "reclaim" or not named:
        problem = f"is {wire.purpose}, which counts only with a code under the stack's key"
        raise InvalidEventError((*where, "purpose"), problem)
    return wire.model_copy(update={"purpose": "mirror", "tampering": None})


def _check_question(wire: _RequestWire, where: Where) -> None:
    if wire.question and not (wire.dry_run and wire.purpose == "mirror"):
        problem = "is true, which only a dry run that would mirror can be"
        raise InvalidEventError((*where, "question"), problem)


def _check_session(wire: _RequestWire, key: str, where: Where) -> None:
    if wire.session_id is not None and not ids.is_session_id(wire.session_id):
        problem = f"is {shown(wire.session_id)}, not a session id"
        raise InvalidEventError((*where, "session_id"), problem)
    if wire.purpose == "reclaim" and (wire.session_id is None or key != "network_interface_ids"):
        problem = "is reclaim, which needs session_id and network_interface_ids"
        raise InvalidEventError((*where, "purpose"), problem)


_PATTERNS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "network_interface_ids": ("a network interface id", ids.is_network_interface_id),
    "instance_ids": ("an instance id", ids.is_instance_id),
    "session_id": ("a session id", ids.is_session_id),
    "filter_id": ("the id of a filter or rule", ids.is_filter_or_rule_id),
}


def read(
    value: dict[str, object], where: Where, cause: Cause, now: float, *, signed: bool = False
) -> Asked:
    """Return what a request asks for, for this cause; `signed` says that its code holds.

    Raises InvalidEventError when the request as a whole cannot be used.
    """
    version = value["request"]
    if version != VERSION or isinstance(version, bool):
        problem = f"is {shown(version)}: this version understands only {VERSION}"
        raise InvalidEventError((*where, "request"), problem)
    wire = validated(_RequestWire, value, where)
    key, listed = _named(wire, where)
    _check_session(wire, key, where)
    _check_question(wire, where)
    wanted = Purpose(wire.purpose)
    wire = _plain_unless_signed(wire, signed, where)
    purpose = Purpose(wire.purpose)
    special = purpose is not Purpose.MIRROR
    plain = Intent(
        cause,
        occurred_at=wire.occurred_at,
        first_seen=now if wire.first_seen is None else wire.first_seen,
        generation=wire.generation,
        dry_run=wire.dry_run,
        question=wire.question,
        purpose=purpose,
        # Which session an interface is mirrored to, the policy decides alone.
        session_id=wire.session_id if special else None,
        tampering=_tampering(wire.tampering) if special else None,
    )
    first = tuple(shown(one).strip('"') for one in listed[:FIRST_IDS])
    seen = Request(cause, wire.reason, wanted, wire.dry_run, signed, len(listed), first)
    asked = Asked(seen)
    noun, matches = _PATTERNS[key]
    for index, named in enumerate(listed):
        if not matches(named):
            problem = f"is {shown(named)}, not {noun}"
            asked.problems.append(InvalidEventError((*where, key, index), problem))
            continue
        asked.intents.append(
            replace(
                plain,
                network_interface_id=named if key == "network_interface_ids" else None,
                instance_id=named if key == "instance_ids" else None,
                filter_id=named if key == "filter_id" else None,
            )
        )
    return asked


def _tampering(wire: _TamperingWire | None) -> Tampering | None:
    if wire is None:
        return None
    return Tampering(wire.actor, wire.action, wire.at, tuple(wire.changed))
