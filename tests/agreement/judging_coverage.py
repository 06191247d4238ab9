"""Holds coverage's numbers against the oracle: what it counts without listing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from .answers import Answers
from .oracle import EXCLUDED, IMPOSSIBLE, INEFFECTIVE, MIRRORED, UNATTACHED, UNDECIDED, Oracle
from .verdicts import Disagreement
from .words import of_explain

WHO = "coverage"
ALL = "the whole"


def of_coverage_numbers(oracle: Oracle, answers: Answers) -> Iterator[Disagreement]:
    """Numbers of interfaces and of sessions, and whether coverage is known."""
    told = answers.coverage
    truths = oracle.truths.values()
    yield from _same("mirrored", sum(one.kind == MIRRORED for one in truths), told)
    yield from _same("unattached", sum(one.kind == UNATTACHED for one in truths), told)
    excluded = Counter(
        one.eligibility.rule or one.eligibility.reason for one in truths if one.kind == EXCLUDED
    )
    yield from _same("excluded", dict(excluded), told)
    yield from _reasons(oracle, answers)
    yield from _of_sessions(oracle, told)
    yield from _of_targets(oracle, told)
    yield from _unknown(oracle, told)


def _same(key: str, right: object, told: Mapping[str, Any]) -> Iterator[Disagreement]:
    if key not in told:
        yield Disagreement(WHO, ALL, f"{key} is counted", "nothing")
    elif told[key] != right:
        yield Disagreement(WHO, f"{right} against {told[key]}", key, "another number")


def _between(key: str, least: int, most: int, told: Mapping[str, Any]) -> Iterator[Disagreement]:
    if key not in told:
        yield Disagreement(WHO, ALL, f"{key} is counted", "nothing")
    elif not least <= told[key] <= most:
        about = f"{least} to {most} against {told[key]}"
        yield Disagreement(WHO, about, key, "another number")


def _reasons(oracle: Oracle, answers: Answers) -> Iterator[Disagreement]:
    told = answers.coverage
    flaws = [set(t.listing.values()) for t in oracle.truths.values() if t.kind == INEFFECTIVE]
    if all(len(one) == 1 for one in flaws):
        right = Counter(str(flaw) for one in flaws for flaw in one)
        yield from _same("ineffective_because", dict(right), told)
    explained = [of_explain(one) for one in answers.explained.values()]
    impossible = Counter(str(one.reason) for one in explained if one.kind == IMPOSSIBLE)
    if told["impossible"] != impossible:
        said = " and ".join(sorted(told["impossible"])) or "nothing"
        yield Disagreement(WHO, ALL, f"impossible as explain has it: {sorted(impossible)}", said)


def _of_sessions(oracle: Oracle, told: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Sessions of pools count by what they are, those that mirror nothing as well."""
    sessions, effect = oracle.sessions, oracle.effect
    yield from _same("untagged", len(sessions.untagged), told)
    yield from _same("unknown_pool", len(sessions.of_unknown_pools), told)
    ours = {id_: sessions.by_id[id_] for id_ in sessions.owner}
    unread = sum(not effect.is_told(one) for one in ours.values())
    yield from _same("target_not_read", unread, told)
    pools = oracle.world.policy["pools"]
    # Who names directions knows which ones he gets.
    one_way = sum(
        len(effect.accepting(one)) == 1
        for id_, one in ours.items()
        if not pools[sessions.owner[id_]].get("directions")
    )
    hidden = "filters" in oracle.world.hidden
    yield from _same("one_direction", 0 if hidden else one_way, told)


def _of_targets(oracle: Oracle, told: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Where what is mirrored goes to; one that is in two sessions may count at either target."""
    if "targets" not in told:
        yield Disagreement(WHO, ALL, "targets is counted", "nothing")
        return
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for truth in oracle.truths.values():
        working = [one for one, flaw in truth.listing.items() if flaw is None]
        if truth.kind == MIRRORED:
            at = {oracle.sessions.by_id[one]["target"] for one in working}
            most.update(at)
            least.update(at if len(at) == 1 else ())
    for target in {*most, *told["targets"]}:
        yield from _between(target, least[target], most[target], {target: 0, **told["targets"]})


def _unknown(oracle: Oracle, told: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Some word that is true, or none where none is."""
    kinds = {truth.kind for truth in oracle.truths.values()}
    pools = oracle.world.policy["pools"]
    words = {
        "sessions_not_listed": any(oracle.places.absent(pool) for pool in pools),
        "instances_not_visible": UNDECIDED in kinds,
        "nothing_eligible": kinds <= {UNATTACHED, EXCLUDED, UNDECIDED},
        "filters_not_visible": "filters" in oracle.world.hidden,
    }
    right = {word for word, is_true in words.items() if is_true}
    is_empty = not oracle.sessions.by_id
    if told["unknown"] in right or (is_empty and told["unknown"] == "no_sessions_read"):
        return
    if right or told["unknown"] is not None:
        yield Disagreement(WHO, ALL, " or ".join(sorted(right)) or "known", str(told["unknown"]))
