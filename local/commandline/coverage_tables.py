"""How coverage looks to people: the number first, then what keeps it from being more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from commandline.tables import Cell, say, show
from evermirror.reasons import CLAIMED_BY_STRANGER, SESSIONS_NOT_LISTED, WHY

LISTED = 10
GAPS = ("missing", "claimed_by_stranger", "ineffective", "impossible")
WITH_AN_AGE = {"missing", "ineffective", "impossible"}
"""Of these the ids are listed oldest first."""
ASKING_NOBODY = {"observe", "paused"}
COLOURS = {"full": "green", "pending": "yellow", "gaps": "red", "unknown": "red"}
MEANINGS = {
    "mirrored": "in a session of their pool that works",
    "pending": "not mirrored yet, and younger than the grace time",
    "missing": "in no session of their pool",
    CLAIMED_BY_STRANGER: WHY[CLAIMED_BY_STRANGER],
    "ineffective": "in a session of their pool that does not mirror",
    "undecided": "their instance cannot be seen, and the policy asks about it",
    "unattached": "attached to no instance: nothing to mirror",
    "shadowed": "also in a session outside their pool that takes the packets first",
    "twice": "in more than one session of their pool",
    "extra": "sources of a pool's session that the policy does not want there",
    "gone": "sources whose interface is gone",
    SESSIONS_NOT_LISTED: WHY[SESSIONS_NOT_LISTED],
    "untagged": "sessions that have lost the tag of the pool that made them",
    "unknown_pool": "sessions with the tag of a pool that the policy does not have",
    "one_direction": "sessions whose filter takes one direction only",
    "target_not_read": "sessions whose target cannot be looked at, as a load balancer's",
}

SHOWN = {*MEANINGS, "impossible"}
"""The kinds of which ids are shown."""


def show_coverage(told: Mapping[str, Any], paper: Console) -> None:
    """The share, a row for every kind that is not empty, some ids of each, and what to do."""
    share = "unknown" if told["share"] is None else percent(told["mirrored"], told["eligible"])
    because = f" ({told['unknown']})" if told["unknown"] else ""
    counted = f"{told['mirrored']} of {told['eligible']} eligible interfaces mirrored"
    say(Text(f"coverage: {share}{because}, {counted}", COLOURS[told["status"]]), paper)
    show(("", "number", "which"), _rows(told), paper)
    for sentence in _sentences(told):
        say(f"  → {sentence}", paper)


def percent(mirrored: int, eligible: int, digits: int = 2) -> str:
    """Never rounded up: a hundred percent are all of them."""
    one = 10**digits
    return f"{100 * one * mirrored // eligible / one:.{digits}f}%"


def _rows(told: Mapping[str, Any]) -> Iterator[tuple[Cell, ...]]:
    for kind, meaning in MEANINGS.items():
        if told.get(kind):
            yield kind, str(told[kind]), _because(told, kind) or meaning
            yield from _ids(told, kind)
            if kind == "mirrored":
                yield from _targets(told.get("targets", {}))
    for reason, number in told["impossible"].items():
        yield "impossible", str(number), reason
    yield from _ids(told, "impossible")
    for rule, number in told["excluded"].items():
        yield "excluded", str(number), f"by {rule}"


def _targets(targets: Mapping[str, int]) -> Iterator[tuple[Cell, ...]]:
    """Where the packets of what is mirrored go."""
    for target, number in list(targets.items())[:LISTED]:
        yield "", Text(str(number), "dim"), Text(f"to {target}", "dim")
    rest = list(targets.values())[LISTED:]
    if rest:
        yield "", Text(str(sum(rest)), "dim"), Text("to others: --json names them", "dim")


def _because(told: Mapping[str, Any], kind: str) -> str:
    """How many for which reason, where a kind has more than one."""
    reasons = told.get(f"{kind}_because", {})
    return ", ".join(f"{number} {reason}" for reason, number in reasons.items())


def _ids(told: Mapping[str, Any], kind: str) -> Iterator[tuple[Cell, ...]]:
    listed = told["listed"].get(kind, ())
    if not listed:
        return
    number = sum(told[kind].values()) if isinstance(told[kind], dict) else told[kind]
    more = number - LISTED
    yield (
        "",
        "",
        Text(", ".join(listed[:LISTED]) + (f" and {more} more" if more > 0 else ""), "dim"),
    )


def _sentences(told: Mapping[str, Any]) -> Iterator[str]:
    if told["oldest_gap_s"] is not None:
        oldest = _oldest(told)
        named = f", {oldest}," if oldest else ""
        yield f"The oldest gap{named} is at most {_span(told['oldest_gap_s'])} old."
    if told["event_source_silent"]:
        yield (
            "Interfaces made since the last sweep are still not mirrored: events may not arrive. "
            "Look at the queue, the dead letters and mirror's log."
        )
    yield from told["remedies"]
    if told.get("asked"):
        yield f"Mirror was asked for {told['asked']} of them."
    elif told["missing"] and told.get("mode") in ASKING_NOBODY:
        yield f"Mode {told['mode']}: mirror was asked for none of them."
    if any(len(listed) > LISTED for kind, listed in told["listed"].items() if kind in SHOWN):
        yield "--json lists more of the ids."


def _oldest(told: Mapping[str, Any]) -> str | None:
    """Ids of a kind are listed oldest first; which of several kinds is older is not told."""
    kinds = [kind for kind in GAPS if told["listed"].get(kind)]
    reasons = {**told["impossible"], **told.get("ineffective_because", {})}
    if len(kinds) != 1 or len(reasons) > 1 or kinds[0] not in WITH_AN_AGE:
        return None
    oldest: str = told["listed"][kinds[0]][0]
    return oldest


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"
