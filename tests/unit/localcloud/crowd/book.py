"""What should have come of every accepted call: kept apart from the local cloud, and far simpler.

The book applies effects and knows no check: it is told what was accepted. Whether something
should have been refused shows in `broken`, which counts everything anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

UPDATES = {
    "TrafficMirrorTargetId": "target",
    "TrafficMirrorTargetType": "target_type",
    "TrafficMirrorFilterId": "filter",
    "Priority": "priority",
    "Enabled": "enabled",
    "TrafficMirrorSessionName": "name",
}


@dataclass
class Doing:
    """A change under way; `fails` comes to nothing when it is due."""

    due: float
    fails: bool = False
    adds: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[str, ...] = ()


@dataclass
class SessionPage:
    """A session as it should be."""

    filter: str
    target: str
    target_type: str
    priority: int
    enabled: bool
    name: str = ""
    sources: tuple[str, ...] = ()
    status: str = "Created"
    doing: Doing | None = None

    @property
    def held(self) -> tuple[str, ...]:
        """Its sources, with those that are on their way."""
        return (*self.sources, *(self.doing.adds if self.doing else ()))

    def either(self, attribute: str) -> set[Any]:
        """What an attribute is, and what it is about to be."""
        coming = self.doing.sets.get(attribute) if self.doing else None
        return {getattr(self, attribute)} | ({coming} if coming is not None else set())


@dataclass
class FilterPage:
    """A filter as it should be; `rules` by id, each with direction, priority and status."""

    name: str = ""
    rules: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    status: str = "Created"
    doing: Doing | None = None


class Book:
    """All sessions and filters as they should be."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.sessions = {one["id"]: _session(one) for one in state["sessions"]}
        self.filters = {one["id"]: _filter(one) for one in state["filters"]}

    def settle(self, now: float) -> None:
        """Let everything come out that is due."""
        for session_id, session in list(self.sessions.items()):
            if session.doing is not None and session.doing.due <= now:
                self._come_out(session_id, session, session.doing)
        for filter_id, one in list(self.filters.items()):
            if one.doing is not None and one.doing.due <= now:
                self._filter_comes_out(filter_id, one, one.doing)

    def _come_out(self, session_id: str, session: SessionPage, doing: Doing) -> None:
        if session.status == ("Creating" if doing.fails else "Deleting"):
            del self.sessions[session_id]
            return
        if not doing.fails:
            kept = (one for one in session.sources if one not in doing.removes)
            session.sources = (*kept, *doing.adds)
            for name, value in doing.sets.items():
                setattr(session, name, value)
        session.status, session.doing = "Created", None

    def _filter_comes_out(self, filter_id: str, one: FilterPage, doing: Doing) -> None:
        if one.status == ("Creating" if doing.fails else "Deleting"):
            del self.filters[filter_id]
            return
        for rule_id in doing.rules:
            direction, priority, status = one.rules[rule_id]
            if status == ("Creating" if doing.fails else "Deleting"):
                del one.rules[rule_id]
            else:
                new = doing.sets.get("priority") if not doing.fails else None
                one.rules[rule_id] = (direction, new or priority, "Created")
        one.status, one.doing = "Created", None

    def differences(self, state: Mapping[str, Any]) -> Iterator[str]:
        """Where the state of the local cloud is not what the book says."""
        found = {one["id"]: _session(one) for one in state["sessions"]}
        yield from _different("session", self.sessions, found)
        filters = {one["id"]: _filter(one) for one in state["filters"]}
        yield from _different("filter", self.filters, filters)

    def broken(self, limits: Mapping[str, Any]) -> Iterator[str]:
        """Which rules of the service do not hold in the book."""
        yield from self._twice()
        yield from self._too_many_sources(limits)
        sessions, filters = self.sessions.values(), self.filters.values()
        for what, count, most in (
            ("sessions", len(sessions), "sessions"),
            ("filters", len(filters), "filters"),
            ("sessions of a filter", _most(self.sessions_at("filter")), "sessions_per_filter"),
            (
                "sessions of a load balancer",
                _most(self.sessions_at("target", "lb-")),
                "sessions_per_slb_target",
            ),
            ("rules", max((len(one.rules) for one in filters), default=0), "rules_per_filter"),
        ):
            if count > limits[most]:
                yield f"{count} {what}, more than {limits[most]}"

    def _too_many_sources(self, limits: Mapping[str, Any]) -> Iterator[str]:
        if any(len(one.held) > limits["sources_per_session"] for one in self.sessions.values()):
            yield "a session has too many sources"
        if _most(self.sessions_of_source()) > limits["sessions_per_source"]:
            yield "a source is in too many sessions"
        for target, count in self.sources_at_target().items():
            kind = "sources_per_slb_target" if target.startswith("lb-") else "sources_per_target"
            if count > limits[kind]:
                yield f"{target} has {count} sources"

    def _twice(self) -> Iterator[str]:
        pages = self.sessions.values()
        if _most(Counter(one for page in pages for one in page.either("priority"))) > 1:
            yield "two sessions have one priority"
        if any(len(set(page.held)) < len(page.held) for page in pages):
            yield "a session has a source twice"
        if set(self.sessions_of_source()) & set(self.sessions_at("target")):
            yield "an interface is source and target"
        for page in self.filters.values():
            places = [(rule[0], rule[1]) for rule in page.rules.values()]
            if len(set(places)) < len(places):
                yield "a filter has two rules of one direction and priority"

    def sessions_of_source(self) -> Counter[str]:
        return Counter(one for page in self.sessions.values() for one in page.held)

    def sessions_at(self, attribute: str, prefix: str = "") -> Counter[str]:
        """How many sessions have, or are about to have, each target or filter."""
        found = Counter(one for page in self.sessions.values() for one in page.either(attribute))
        return Counter({one: count for one, count in found.items() if one.startswith(prefix)})

    def sources_at_target(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for page in self.sessions.values():
            for target in page.either("target"):
                found[target] += len(page.held)
        return found


def _most(counts: Counter[Any]) -> int:
    return max(counts.values(), default=0)


def _session(shown: Mapping[str, Any]) -> SessionPage:
    names = ("filter", "target", "target_type", "priority", "enabled", "name", "status")
    return SessionPage(**{name: shown[name] for name in names}, sources=tuple(shown["sources"]))


def _filter(shown: Mapping[str, Any]) -> FilterPage:
    rules = shown["rules"] if not isinstance(shown["rules"], int) else []
    return FilterPage(
        shown["name"],
        {one["id"]: (one["direction"], one["priority"], one["status"]) for one in rules},
        shown["status"],
    )


def _different(
    kind: str, ours: Mapping[str, SessionPage | FilterPage], theirs: Mapping[str, Any]
) -> Iterator[str]:
    if ours.keys() != theirs.keys():
        yield f"{kind}s are {sorted(theirs)} and should be {sorted(ours)}"
        return
    for one, page in ours.items():
        mine = {**vars(page), "doing": None}
        if mine != {**vars(theirs[one]), "doing": None}:
            yield f"{kind} {one} is {theirs[one]} and should be {page}"
