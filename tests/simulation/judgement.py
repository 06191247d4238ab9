"""What is left after a storm, held against what was promised and what was told.

Everything here is read off the local cloud's own state and the policy as it was drawn, never off
what the library believes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from .answers import Asked
from .editions import DrawnPool, Edition
from .findings import Finding
from .joins import Brought, held_by
from .scene import REMOVE, UPDATE
from .sights import Mirror, Sight
from .standing import Standing
from .truth import holds, of_unknown_pool, sessions_of, untagged, wish

COVERED = frozenset({"mirrored", "already_mirrored"})
LONGEST_LIST = 50
SWEEP = "evermirror.sweep"

Told = Mapping[str, Any]
Change = tuple[str, str, tuple[str, ...]]
"""An action, the session or token it was about, and its sources."""


@dataclass
class Aftermath:
    """What a storm left: anything in `broken` is a broken promise."""

    broken: list[Finding] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    journal: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.broken


def mirrored_twice(
    edition: Edition,
    sight: Sight,
    not_ours: AbstractSet[tuple[str, str]],
    brought: AbstractSet[Brought],
) -> list[Finding]:
    """What is in two sessions of its pool by our doing, whatever became of those sessions since.

    What somebody `brought` into a pool with its session is nobody's doing of ours there.
    """
    broken = []
    for pool in edition.pools:
        sessions = sessions_of(pool, edition, sight)
        for source in sorted({one for session in sessions for one in session.held}):
            wanted = wish(edition, sight, source).pool
            ours = [
                one.id
                for one in held_by(sessions, source)
                if (one.id, source) not in not_ours
                and (pool.name, one.id, source) not in brought
                and not _is_shared_with(wanted, pool, one)
            ]
            if len(ours) > 1:
                sentence = f"{source} is mirrored twice in {pool.name}: {', '.join(ours)}"
                broken.append(Finding("twice", sentence))
    return broken


def _is_shared_with(wanted: DrawnPool | None, pool: DrawnPool, session: Mirror) -> bool:
    """Whether somebody made it a session of two pools, and it holds a source for the other."""
    return wanted is not None and wanted.name != pool.name and holds(wanted, session)


def unplaced(standings: Iterable[Standing], outcomes: Sequence[Told], swept: Told) -> list[Finding]:
    """Every interface that is not where it should be, without a reason that the world confirms."""
    last = {one["network_interface_id"]: one["reason"] for one in outcomes}
    impossible = set(swept["listed"].get("impossible", ()))
    # A list that is cut off does not show which others are counted.
    is_cut = len(impossible) >= LONGEST_LIST
    claimed = _claimed(swept)
    broken = []
    for one in standings:
        if one.held:
            continue
        is_counted = is_cut or one.id in impossible
        told = {last.get(one.id)} | (set(swept["impossible"]) if is_counted else set())
        if one.id in claimed:
            told.add("claimed_by_stranger")
        if not one.reasons:
            broken.append(Finding("unmirrored", f"{one.id} is not in {one.pool.name}: {told}"))
        elif not one.reasons & told:
            sentence = f"{one.id} is not in {one.pool.name}: {told}, true: {sorted(one.reasons)}"
            broken.append(Finding("reason", sentence))
    return broken


def miscounted(
    standings: Sequence[Standing], edition: Edition, sight: Sight, swept: Told
) -> list[Finding]:
    """Where the last coverage that was published is not how it stood when it was read."""
    if len(standings) > LONGEST_LIST:
        return []
    listed = {name: set(ids) for name, ids in swept["listed"].items()}
    off = {one.id for one in standings if one.held and not one.is_mirrored}
    absent = {one.id for one in standings if not one.held}
    claimed = {one.id for one in standings if not one.held and one.claimed}
    known_absent = listed.get("missing", set()) | listed.get("impossible", set())
    known_claimed = _claimed(swept)
    numbers = {
        "mirrored": sum(one.is_mirrored for one in standings),
        "untagged": sum(len(untagged(pool, edition, sight)) for pool in edition.pools),
        "unknown_pool": len(of_unknown_pool(edition, sight)),
    }
    sets = {
        "ineffective": (off, listed.get("ineffective", set())),
        "missing": (absent - claimed, known_absent - claimed),
        # One for which asking cannot help in any case is counted for that.
        "claimed_by_stranger": (claimed - listed.get("impossible", set()), known_claimed),
    }
    return [
        *(
            Finding("coverage", f"{name}: told {swept.get(name)}, true {number}")
            for name, number in numbers.items()
            if swept.get(name, 0) != number
        ),
        *(
            Finding("coverage", f"{name}: told {sorted(told)}, true {sorted(true)}")
            for name, (true, told) in sets.items()
            if told != true
        ),
    ]


def _claimed(swept: Told) -> set[str]:
    return {one.partition(" ")[0] for one in swept["listed"].get("claimed_by_stranger", ())}


def untold(
    accepted: Iterable[Change],
    outcomes: Sequence[Told],
    left: AbstractSet[str],
    dead_letters: Iterable[bytes],
) -> list[Finding]:
    """Changes that were made and of which nobody heard.

    What is kept as a dead letter is told by its alarm. An interface that left its instance may have
    left before anybody could be told of it; what stays of it in a session the sweep counts as gone.
    """
    heard = {one["network_interface_id"] for one in outcomes} | left
    removed = {one["network_interface_id"] for one in outcomes if one["outcome"] == "reclaimed"}
    kept = b"\n".join(dead_letters).decode()
    return [
        Finding("untold", f"{action} of {source} was accepted and never told")
        for action, _, sources in accepted
        if action != UPDATE
        for source in sources
        if source not in kept and source not in (removed if action == REMOVE else heard)
    ]


def unanswered(
    asked: Iterable[Asked], outcomes: Sequence[Told], dead_letters: Iterable[bytes]
) -> list[Finding]:
    """Causes that reached mirror and came to nothing that anybody was told."""
    about: set[Asked] = set()
    causes: set[tuple[str, str]] = set()
    for one in outcomes:
        cause = (one["cause"]["source"], one["cause"]["id"])
        causes.add(cause)
        about.add((*cause, one["network_interface_id"] or ""))
    kept = b"\n".join(dead_letters).decode()
    return [
        Finding("cause", f"{source} {name} asked for {subject} and was not answered")
        for source, name, subject in sorted(asked)
        if name not in kept
        and (source, name, subject) not in about
        and (subject.startswith("eni-") or (source, name) not in causes)
    ]


def _meaning(one: Told) -> list[str]:
    """A changed session is told of once, whatever a later look finds; a sweep says the reason."""
    source, name = one["cause"]["source"], one["cause"]["id"]
    subject = one["network_interface_id"] or one["instance_id"]
    if one["outcome"] != "session_changed":
        outcome = "covered" if one["outcome"] in COVERED else one["outcome"]
        return [source, name, subject or one["reason"], outcome]
    if source == SWEEP:
        return [source, name, one["session_id"], one["reason"]]
    return [source, name, subject or one["session_id"]]


def ambiguous(told: Iterable[Told]) -> list[Finding]:
    """Outcome ids that stand for more than one thing."""
    meanings: dict[str, set[str]] = {}
    for one in told:
        meanings.setdefault(one["outcome_id"], set()).add(json.dumps(_meaning(one)))
    return [
        Finding("ambiguous", f"{outcome_id} stands for {' and '.join(sorted(found))}")
        for outcome_id, found in meanings.items()
        if len(found) > 1
    ]
