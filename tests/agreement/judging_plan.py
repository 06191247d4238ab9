"""Holds a plan against the oracle: whom it wants where, who is to be added, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from .answers import Answers
from .oracle import EXCLUDED, INEFFECTIVE, UNDECIDED, Oracle, Truth
from .verdicts import Disagreement

WHO = "plan"
ALL = "the whole"


def of_plan(oracle: Oracle, answers: Answers) -> Iterator[Disagreement]:
    """Everything in it that others say as well."""
    told = answers.plan
    if told["unknown"] != answers.coverage["unknown"]:
        right = f"unknown as coverage says, {answers.coverage['unknown']}"
        yield Disagreement(WHO, ALL, right, str(told["unknown"]))
    if "pools" not in told:
        yield Disagreement(WHO, ALL, "numbers all the same", "none")
        return
    yield from _wanted(oracle, told)
    yield from _unwanted(oracle, told)
    for pool in told["pools"]:
        yield from _Pool(oracle, pool["pool"]).judged(pool)


def _wanted(oracle: Oracle, told: Mapping[str, Any]) -> Iterator[Disagreement]:
    said = {one["network_interface_id"]: one for one in told["changes"]["become_wanted"]}
    for truth in oracle.truths.values():
        if not truth.is_attached:
            continue
        pool = said.get(truth.id, {}).get("to")
        if pool != truth.eligibility.pool:
            right = "wanted" if truth.eligibility.pool else truth.eligibility.reason
            yield Disagreement(WHO, truth.id, right, "wanted" if pool else "not wanted")
        elif pool is not None and said[truth.id]["because"] != (
            truth.eligibility.rule or truth.eligibility.reason
        ):
            yield Disagreement(WHO, truth.id, "wanted by another rule", "this one")


def _unwanted(oracle: Oracle, told: Mapping[str, Any]) -> Iterator[Disagreement]:
    truths = oracle.truths.values()
    excluded = Counter(
        one.eligibility.rule or one.eligibility.reason for one in truths if one.kind == EXCLUDED
    )
    if told["excluded"] != dict(excluded):
        about = f"{dict(excluded)} against {told['excluded']}"
        yield Disagreement(WHO, about, "excluded", "other numbers")
    if told["undecided"] != sum(one.kind == UNDECIDED for one in truths):
        yield Disagreement(WHO, ALL, "undecided", "another number")


class _Pool:
    def __init__(self, oracle: Oracle, pool: str) -> None:
        self._oracle = oracle
        self._pool = pool
        self._truths = [
            one
            for one in oracle.truths.values()
            if one.is_attached and one.eligibility.pool == pool
        ]

    def judged(self, told: Mapping[str, Any]) -> Iterator[Disagreement]:
        """A pool's need, in sets where there are sets and in numbers where there are none."""
        yield from self._same("wanted", len(self._truths), told["wanted"])
        asking = [one for one in self._truths if one.asks]
        yield from self._same("to_add", {one.id for one in asking}, set(told["to_add"]))
        stuck = {one.id for one in asking if one.in_three_sessions}
        yield from self._same("at_session_quota", stuck, set(told["at_session_quota"]))
        yield from self._ineffective(told)
        yield from self._missing([one for one in asking if one.id not in stuck], told)

    def _ineffective(self, told: Mapping[str, Any]) -> Iterator[Disagreement]:
        right = {one.id: one for one in self._truths if one.kind == INEFFECTIVE}
        said = {one["network_interface_id"]: one for one in told["ineffective"]}
        yield from self._same("ineffective", set(right), set(said))
        for id_ in right.keys() & said.keys():
            flaw = right[id_].listing.get(said[id_]["session_id"])
            if flaw != said[id_]["reason"]:
                yield Disagreement(WHO, id_, str(flaw), said[id_]["reason"])

    def _missing(self, asking: list[Truth], told: Mapping[str, Any]) -> Iterator[Disagreement]:
        """Seats that are missing; the ceiling is a number of its own."""
        if self._oracle.places.absent(self._pool):
            return  # nobody knows what those have, and the plan says that it does not
        given = self._oracle.places.seated([one.id for one in asking], self._pool)
        unseated = [one.reason for one in given if one.place is None]
        yield from self._same("missing_seats", len(unseated), told["missing_seats"])
        last = unseated[-1] if unseated else None
        if told["missing_because"] != last:
            yield Disagreement(WHO, self._pool, f"missing, {last}", str(told["missing_because"]))

    def _same(self, what: str, right: object, said: object) -> Iterator[Disagreement]:
        if right != said:
            about = f"{self._pool}: {right} against {said}"
            yield Disagreement(WHO, about, f"{what} of a pool", "others")
