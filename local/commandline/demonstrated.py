"""What a demonstration brought about, and what of it is not as it should be.

It is judged by the state of the cloud, so that a mirror that only claims success is found out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evermirror.coverage import Coverage
from evermirror.events import parse
from evermirror.model import Outcome, Parsed, Place, Verdict

PLACE = Place("1234567890123456", "cn-hongkong")
"""Where the fleet of the demonstration is."""

COVERED = {"mirrored", "already_mirrored", "healed"}


@dataclass(frozen=True, slots=True)
class Sent:
    """An event file as it was sent, and the rules of the bus that let it through."""

    name: str
    payload: bytes
    rules: tuple[str, ...]

    def causes(self) -> set[str]:
        """The ids of the causes for which something must be told."""
        parsed = self._parsed()
        told = (one.cause for one in parsed.outcomes if one.verdict is not Verdict.IGNORED)
        return {cause.id for cause in (*(intent.cause for intent in parsed.intents), *told)}

    def ignored(self) -> list[Outcome]:
        """The parts of it that ask for nothing, with the reason for each."""
        return [one for one in self._parsed().outcomes if one.verdict is Verdict.IGNORED]

    def _parsed(self) -> Parsed:
        return parse(self.payload, PLACE, 0.0, "demonstration")


@dataclass(frozen=True, slots=True)
class Shown:
    """What happened, as far as it can be seen from outside: the local cloud's own answers.

    Coverage is that `before` the events, `after` them, and when a sweep has closed what they left
    (`swept`); `explained` is why one of the interfaces is still missing then. `idle` and `state`
    are of the end, `outcomes` are those of the events.
    """

    sent: tuple[Sent, ...]
    outcomes: tuple[dict[str, Any], ...]
    idle: dict[str, Any]
    state: dict[str, Any]
    before: Coverage
    after: Coverage
    swept: Coverage
    explained: dict[str, Any] | None = None


def problems(shown: Shown) -> Iterable[str]:
    """A sentence for everything that must hold after any run, and does not."""
    yield from _problems_of_the_way(shown)
    yield from _problems_of_coverage(shown)
    sources = {one["id"]: set(one["sources"]) for one in shown.state["sessions"]}
    for one in shown.outcomes:
        listed = sources.get(one["session_id"], set())
        if one["outcome"] in COVERED and one["network_interface_id"] not in listed:
            yield f"{one['network_interface_id']} was told to be in {one['session_id']}, and is not"


def _problems_of_the_way(shown: Shown) -> Iterable[str]:
    if not shown.idle["idle"]:
        yield f"work was still under way at the end: {shown.idle['under_way']}"
    if shown.idle["dead_letters"]:
        yield f"{shown.idle['dead_letters']} dead letter(s)"
    answered = {one["cause"]["id"] for one in shown.outcomes}
    for sent in shown.sent:
        if sent.rules and not sent.causes() <= answered:
            yield f"{sent.name} reached mirror, and not everything was told about it"


def _problems_of_coverage(shown: Shown) -> Iterable[str]:
    before, after = set(shown.before.mirrored), set(shown.after.mirrored)
    swept = set(shown.swept.mirrored)
    if shown.swept.twice:
        yield f"mirrored twice: {', '.join(shown.swept.twice)}"
    if (before | after) - swept:
        yield f"not mirrored any more: {', '.join(sorted((before | after) - swept))}"
    if not after - before:
        yield "no interface was mirrored by its event"
    if not swept - after:
        yield "the sweep closed no gap"
