"""How coverage looks to others: JSON values, bounded, and the id under which a set is told once.

A fleet may have a hundred thousand gaps, and a publication 64 KB: numbers are always whole, lists
are cut and say so by being shorter than their number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from evermirror.coverage.report import Coverage, Listed, Status
from evermirror.model import Place

LONGEST_LIST = 50
"""So that a publication that fails fits a message of the dead-letter queue, 64 KB."""

MOST_COUNTS = 100
_PASSING = frozenset({"pending", "silent"})
"""Lists that change all the time, and so are not told anew."""
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


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    """The largest of the counts, and the rest of them in one number."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[MOST_COUNTS:])
    return {**dict(ordered[:MOST_COUNTS]), **({OTHERS: rest} if rest else {})}


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


def gaps_id(coverage: Coverage, place: Place, now: float) -> str:
    """`c-` and a digest of everything that is not as it should be, and of the date (UTC).

    So the same set is told once a day, whatever the numbers around it do: the platform takes one
    deduplication id once. What is pending is no gap yet and changes all the time.
    """
    told = {name: ids for name, ids in _lists(coverage).items() if name not in _PASSING}
    status = Status.FULL if coverage.status is Status.PENDING else coverage.status
    named = [
        place.account_id,
        place.region,
        datetime.fromtimestamp(now, timezone.utc).date().isoformat(),
        status.value,
        coverage.unknown,
        {name: sorted(ids) for name, ids in told.items()},
        *(
            {reason: sorted(ids) for reason, ids in lists.items()}
            for lists in (coverage.impossible, coverage.ineffective)
        ),
    ]
    text = json.dumps(named, sort_keys=True, separators=(",", ":"))
    return f"c-{hashlib.sha256(text.encode()).hexdigest()[:40]}"
