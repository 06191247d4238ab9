"""Random calls of the traffic mirror family: well formed, and now and then too much or unknown."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tests.unit.localcloud.crowd.book import Book

ENIS = tuple(f"eni-j6c{number:015d}" for number in range(1, 9))
SLBS = ("lb-j6c1", "lb-j6c2")
ATTACHING, UNKNOWN = "eni-j6cattaching", "eni-j6cunknown"
Call = tuple[str, dict[str, Any]]


class Draw:
    """Draws calls against what the book says there is, so that most of them mean something."""

    def __init__(self, book: Book, random_: random.Random) -> None:
        self._book = book
        self._random = random_

    def call(self) -> Call:
        """An action and its parameters."""
        kinds = (
            (self._add, 6),
            (self._remove, 3),
            (self._create, 4),
            (self._update, 5),
            (self._delete, 2),
            (self._create_filter, 1),
            (self._update_filter, 1),
            (self._delete_filter, 1),
            (self._create_rules, 2),
            (self._update_rule, 2),
            (self._delete_rules, 1),
        )
        (drawn,) = self._random.choices([one[0] for one in kinds], [one[1] for one in kinds])
        return drawn()

    def _one(self, known: Sequence[str], unknown: str) -> str:
        return self._random.choice(sorted(known) * 8 + [unknown])

    def _session(self) -> str:
        return self._one(list(self._book.sessions), "tms-unknown")

    def _filter(self) -> str:
        return self._one(list(self._book.filters), "tmf-unknown")

    def _sources(self) -> list[str]:
        count = self._random.choice((1, 1, 1, 2, 2, 3))
        return self._random.choices((*ENIS * 4, ATTACHING, UNKNOWN), k=count)

    def _target(self) -> dict[str, str]:
        target = self._random.choice((*ENIS, *SLBS, *SLBS, *SLBS, "lb-unknown"))
        kind = "SLB" if target.startswith("lb-") else "NetworkInterface"
        return {"TrafficMirrorTargetId": target, "TrafficMirrorTargetType": kind}

    def _priority(self) -> int:
        return self._random.randint(1, 9)

    def _add(self) -> Call:
        parameters = {
            "TrafficMirrorSessionId": self._session(),
            "TrafficMirrorSourceIds": self._sources(),
        }
        return "AddSourcesToTrafficMirrorSession", parameters

    def _remove(self) -> Call:
        session = self._session()
        page = self._book.sessions.get(session)
        known = list(page.held) if page is not None and self._random.random() < 0.8 else []
        sources = [self._random.choice(known)] if known else self._sources()
        return "RemoveSourcesFromTrafficMirrorSession", {
            "TrafficMirrorSessionId": session,
            "TrafficMirrorSourceIds": sources,
        }

    def _create(self) -> Call:
        return "CreateTrafficMirrorSession", {
            "TrafficMirrorSourceIds": self._sources(),
            **self._target(),
            "TrafficMirrorFilterId": self._filter(),
            "Priority": self._priority(),
            "Enabled": self._random.random() < 0.5,
        }

    def _update(self) -> Call:
        parts: list[dict[str, Any]] = [
            self._target(),
            {"TrafficMirrorFilterId": self._filter()},
            {"Priority": self._priority()},
            {"Enabled": self._random.random() < 0.5},
            {"TrafficMirrorSessionName": self._random.choice(("a", "b"))},
        ]
        chosen = self._random.sample(parts, k=self._random.choice((1, 2, 3)))
        merged = {name: value for part in chosen for name, value in part.items()}
        session = {"TrafficMirrorSessionId": self._session()}
        return "UpdateTrafficMirrorSessionAttribute", {**session, **merged}

    def _delete(self) -> Call:
        return "DeleteTrafficMirrorSession", {"TrafficMirrorSessionId": self._session()}

    def _rules(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number in range(1, self._random.choice((1, 1, 2)) + 1):
            rule = {"Action": "accept", "Protocol": "ALL", "Priority": self._random.randint(1, 4)}
            direction = self._random.choice(("IngressRules", "EgressRules"))
            found.update((f"{direction}.{number}.{name}", value) for name, value in rule.items())
        return found

    def _create_filter(self) -> Call:
        return "CreateTrafficMirrorFilter", self._rules() if self._random.random() < 0.5 else {}

    def _update_filter(self) -> Call:
        parameters = {
            "TrafficMirrorFilterId": self._filter(),
            "TrafficMirrorFilterName": self._random.choice(("a", "b")),
        }
        return "UpdateTrafficMirrorFilterAttribute", parameters

    def _delete_filter(self) -> Call:
        return "DeleteTrafficMirrorFilter", {"TrafficMirrorFilterId": self._filter()}

    def _create_rules(self) -> Call:
        parameters = {"TrafficMirrorFilterId": self._filter(), **self._rules()}
        return "CreateTrafficMirrorFilterRules", parameters

    def _rule(self, filter_id: str) -> str:
        page = self._book.filters.get(filter_id)
        return self._one(list(page.rules) if page else [], "tmr-unknown")

    def _update_rule(self) -> Call:
        parameters = {
            "TrafficMirrorFilterRuleId": self._rule(self._filter()),
            "Priority": self._random.randint(1, 4),
        }
        return "UpdateTrafficMirrorFilterRuleAttribute", parameters

    def _delete_rules(self) -> Call:
        filter_id = self._filter()
        return "DeleteTrafficMirrorFilterRules", {
            "TrafficMirrorFilterId": filter_id,
            "TrafficMirrorFilterRuleIds": [self._rule(filter_id)],
        }
