"""How coverage looks to others: JSON values, bounded, and what is published of them.

A fleet may have a hundred thousand gaps, and the record of a publication that failed 64 KB: numbers
are always whole, lists are cut and say so by being shorter than their number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from evermirror.coverage.report import Coverage, Listed
from evermirror.failure_record import fits
from evermirror.outcomes import SCHEMA_VERSION

LONGEST_LIST = 50
MOST_COUNTS = 100
_SIZES = ((50, 50), (50, 25), (25, 25), (25, 10), (10, 10), (5, 5), (1, 1), (0, 0))
"""How long lists, and how many counts by name, are tried until a publication is small enough."""

OTHERS = "(others)"


def to_wire(coverage: Coverage, longest_list: int = LONGEST_LIST) -> dict[str, object]:
    """The coverage as JSON values: numbers, and under `listed` at most so many ids of a kind."""
    impossible = {reason: len(ids) for reason, ids in coverage.impossible.items()}
    return {
        "status": coverage.status.value,
        "unknown": coverage.unknown,
        "share": _share(coverage),
        "eligible": coverage.eligible,
        "mirrored": len(coverage.mirrored),
        "ineffective": sum(map(len, coverage.ineffective.values())),
        "ineffective_because": {reason: len(ids) for reason, ids in coverage.ineffective.items()},
        "pending": len(coverage.pending),
        "missing": len(coverage.missing),
        "claimed_by_stranger": len(coverage.claimed_by_stranger),
        "impossible": impossible,
        "excluded": _most(coverage.excluded),
        "unattached": coverage.unattached,
        "undecided": len(coverage.undecided),
        "shadowed": len(coverage.shadowed),
        "twice": len(coverage.twice),
        "extra": len(coverage.extra),
        "gone": len(coverage.gone),
        "sessions_not_listed": len(coverage.sessions_not_listed),
        "untagged": len(coverage.untagged),
        "unknown_pool": len(coverage.unknown_pool),
        "target_not_read": len(coverage.target_not_read),
        "one_direction": len(coverage.one_direction),
        "targets": _most(coverage.targets),
        "oldest_gap_s": None if coverage.oldest_gap_s is None else round(coverage.oldest_gap_s, 3),
        "event_source_silent": bool(coverage.silent),
        "listed": {name: list(ids[:longest_list]) for name, ids in _lists(coverage).items() if ids},
    }


def _share(coverage: Coverage) -> float | None:
    """The share, never rounded up: 1 means that everything is mirrored."""
    if coverage.share is None:
        return None
    return len(coverage.mirrored) * 10**6 // coverage.eligible / 10**6


def _most(counts: Mapping[str, int], most: int = MOST_COUNTS) -> dict[str, int]:
    """The largest of the counts, and the rest of them in one number."""
    named = {name: count for name, count in counts.items() if name != OTHERS}
    ordered = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[most:]) + counts.get(OTHERS, 0)
    return {**dict(ordered[:most]), **({OTHERS: rest} if rest else {})}


def moment(seconds: float) -> str:
    """Epoch seconds as UTC in ISO 8601."""
    written = datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def _lists(coverage: Coverage) -> dict[str, list[str]]:
    return {
        "missing": list(coverage.missing),
        "claimed_by_stranger": _with_session(coverage.claimed_by_stranger),
        "ineffective": [one for ids in coverage.ineffective.values() for one in ids],
        "impossible": [one for ids in coverage.impossible.values() for one in ids],
        "pending": list(coverage.pending),
        "undecided": list(coverage.undecided),
        "shadowed": list(coverage.shadowed),
        "twice": list(coverage.twice),
        "extra": _with_session(coverage.extra),
        "gone": _with_session(coverage.gone),
        "silent": list(coverage.silent),
        "sessions_not_listed": list(coverage.sessions_not_listed),
        "untagged": list(coverage.untagged),
        "unknown_pool": list(coverage.unknown_pool),
        "one_direction": list(coverage.one_direction),
    }


def _with_session(listed: Iterable[Listed]) -> list[str]:
    return [f"{one.network_interface_id} in {one.session_id}" for one in listed]


def publication(told: Mapping[str, Any]) -> bytes:
    """What is published of a coverage in its wire form, so small that a record of its failure fits.

    Lists are cut further for it, and of long names fewer have a number of their own.
    """
    payload = _payload(told)
    for longest_list, most_counts in _SIZES:
        if fits(payload):
            break
        payload = _payload(_shortened(told, longest_list, most_counts))
    return payload


def _payload(told: Mapping[str, Any]) -> bytes:
    document = {"schema_version": SCHEMA_VERSION, "outcomes": [], "coverage": told}
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


def _shortened(told: Mapping[str, Any], longest_list: int, most_counts: int) -> dict[str, Any]:
    counts = {name: _most(told[name], most_counts) for name in ("excluded", "targets")}
    listed = {name: ids[:longest_list] for name, ids in told["listed"].items()}
    return {**told, **counts, "listed": listed}
