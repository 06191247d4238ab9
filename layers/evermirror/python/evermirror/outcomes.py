"""What an outcome looks like to others, and the ids by which they know it again.

Delivery is at least once, so identity is everything: an outcome told again after a crash keeps
its id, and the same bytes sent again keep theirs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone

from evermirror.failure_record import MOST_QUOTED, quoted
from evermirror.model import Outcome, Place, Tampering, Verdict

SCHEMA_VERSION = 1
LONGEST_TEXT = 300
LONGEST_QUOTED = 2_400
"""Characters of one field, and bytes of it as the record of a failure quotes them: an outcome of
nothing but longest fields still fits a publication."""

_LONGEST_CHARACTER = 14
"""Bytes: two halves of a surrogate pair, as JSON escapes them, with their backslashes escaped."""

COVERED = "covered"
SWEEP = "evermirror.sweep"
"""The source of causes that stand for the tick of a timer."""

_CLASSES = {Verdict.MIRRORED: COVERED, Verdict.ALREADY_MIRRORED: COVERED}


def outcome_id(place: Place, outcome: Outcome) -> str:
    """`o-` and a digest of account, region, cause, interface and class.

    Mirrored and already mirrored are one class: after a crash the second run finds done what the
    first one did, and must not seem to tell something new. An outcome about no interface at all
    is told apart by its instance, or else by its reason. That a session was changed is one outcome
    for each session, whatever a later look finds wrong with it; from a sweep, for each reason.
    """
    is_of_session = outcome.verdict is Verdict.SESSION_CHANGED
    has_reason = is_of_session and outcome.cause.source == SWEEP
    subject = outcome.network_interface_id or outcome.instance_id or None
    if subject is None and is_of_session:
        subject = outcome.session_id or None
    identity = (
        place.account_id,
        place.region,
        outcome.cause.source,
        outcome.cause.id,
        subject,
        _CLASSES.get(outcome.verdict, outcome.verdict.value),
        None if subject and not has_reason else outcome.reason,
    )
    return f"o-{_digest(_json(identity))}"


def to_wire(
    outcome: Outcome, place: Place, policy_digest: str | None, now: float, number: int
) -> dict[str, object]:
    """The outcome as JSON values, every key always there, null for unknown.

    `now` (epoch seconds) becomes `time`, UTC in ISO 8601; `number` says which telling it is. Texts
    are cut. Only where somebody changed a session there is a key `tampering` as well.
    """
    tampering = outcome.tampering
    who = {} if tampering is None else {"tampering": _tampering(tampering)}
    return {
        **who,
        "outcome_id": outcome_id(place, outcome),
        "outcome": outcome.verdict.value,
        "network_interface_id": _cut(outcome.network_interface_id),
        "instance_id": _cut(outcome.instance_id),
        "session_id": _cut(outcome.session_id),
        "target_id": _cut(outcome.target_id),
        "pool": _cut(outcome.pool),
        "rule": _cut(outcome.rule),
        "cause": {"source": _cut(outcome.cause.source), "id": _cut(outcome.cause.id)},
        "reason": _cut(outcome.reason),
        "remedy": _cut(outcome.remedy),
        "client_token": _cut(outcome.client_token),
        "request_id": _cut(outcome.request_id),
        "attempts": outcome.attempts,
        "attached_to_mirrored_s": _seconds(outcome.attached_to_mirrored_s),
        "policy_digest": _cut(policy_digest),
        "time": _time(now),
        "number": number,
    }


def _tampering(tampering: Tampering) -> dict[str, object]:
    at = None if tampering.at is None else _time(tampering.at)
    return {"actor": _cut(tampering.actor), "action": _cut(tampering.action), "at": at}


def chunks(wire_outcomes: Iterable[Mapping[str, object]]) -> list[bytes]:
    """Publications in the order of outcome ids, none without outcomes.

    The record of one that fails fits the dead-letter queue. The same outcomes in any order give the
    same bytes.
    """
    ordered = sorted((str(wire.get("outcome_id")), _json(wire)) for wire in wire_outcomes)
    return [_publication(some) for some in _fitting([text for _, text in ordered])]


def _fitting(texts: Iterable[bytes]) -> Iterator[list[bytes]]:
    some: list[bytes] = []
    size = empty = quoted(_publication([]))
    for text in texts:
        cost = quoted(text) + 1
        if some and size + cost > MOST_QUOTED:
            yield some
            some, size = [], empty
        some.append(text)
        size += cost
    if some:
        yield some


def _publication(texts: Iterable[bytes]) -> bytes:
    return b'{"schema_version":%d,"outcomes":[%s]}' % (SCHEMA_VERSION, b",".join(texts))


def _json(value: object) -> bytes:
    # ASCII, so that half a surrogate pair out of an event can be written too.
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:40]


def _cut(text: str | None) -> str | None:
    if text is None or len(text) * _LONGEST_CHARACTER <= LONGEST_QUOTED or _is_short(text):
        return text
    kept = text[: LONGEST_TEXT - 1]
    while not _is_short(f"{kept}…"):
        kept = kept[: len(kept) * 7 // 8]
    return f"{kept}…"


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_TEXT and quoted(_json(text)) <= LONGEST_QUOTED


def _seconds(duration: float | None) -> float | None:
    if duration is None or not math.isfinite(duration):
        return None
    return round(max(0.0, duration), 3)


def _time(now: float) -> str:
    moment = datetime.fromtimestamp(now, tz=timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
