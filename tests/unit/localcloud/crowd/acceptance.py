"""What an accepted call begins, written into the book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.unit.localcloud.crowd.book import UPDATES, Book, Doing, FilterPage, SessionPage

SETTLE_S = 3.0
Parameters = Mapping[str, Any]


class Acceptance:
    """Writes accepted calls into a book. `rules_touch_sessions` as in `behaviour`."""

    def __init__(self, book: Book, *, rules_touch_sessions: bool) -> None:
        self._book = book
        self._rules_touch_sessions = rules_touch_sessions
        self._begin: Mapping[str, Callable[[Parameters, Mapping[str, Any], Doing], None]] = {
            "AddSourcesToTrafficMirrorSession": self._add,
            "RemoveSourcesFromTrafficMirrorSession": self._remove,
            "CreateTrafficMirrorSession": self._create,
            "UpdateTrafficMirrorSessionAttribute": self._update,
            "DeleteTrafficMirrorSession": self._delete,
            "CreateTrafficMirrorFilter": self._create_filter,
            "UpdateTrafficMirrorFilterAttribute": self._rename_filter,
            "DeleteTrafficMirrorFilter": self._delete_filter,
            "CreateTrafficMirrorFilterRules": self._create_rules,
            "UpdateTrafficMirrorFilterRuleAttribute": self._update_rule,
            "DeleteTrafficMirrorFilterRules": self._delete_rules,
        }

    def write(
        self, action: str, parameters: Parameters, answer: Mapping[str, Any], doing: Doing
    ) -> None:
        """An accepted call, with its answer and when its change is due."""
        self._begin[action](parameters, answer, doing)

    def _busy(self, parameters: Parameters, doing: Doing, status: str = "Modifying") -> None:
        session = self._book.sessions[parameters["TrafficMirrorSessionId"]]
        assert session.status == "Created", "a change was accepted beside another"
        session.status, session.doing = status, doing

    def _add(self, parameters: Parameters, _answer: Mapping[str, Any], doing: Doing) -> None:
        doing.adds = tuple(parameters["TrafficMirrorSourceIds"])
        self._busy(parameters, doing)

    def _remove(self, parameters: Parameters, _answer: Mapping[str, Any], doing: Doing) -> None:
        doing.removes = tuple(parameters["TrafficMirrorSourceIds"])
        self._busy(parameters, doing)

    def _update(self, parameters: Parameters, _answer: Mapping[str, Any], doing: Doing) -> None:
        doing.sets = {UPDATES[one]: parameters[one] for one in UPDATES if one in parameters}
        self._busy(parameters, doing)

    def _delete(self, parameters: Parameters, _answer: Mapping[str, Any], doing: Doing) -> None:
        self._busy(parameters, doing, "Deleting")

    def _create(self, parameters: Parameters, answer: Mapping[str, Any], doing: Doing) -> None:
        doing.adds = tuple(parameters["TrafficMirrorSourceIds"])
        session = SessionPage(
            filter=parameters["TrafficMirrorFilterId"],
            target=parameters["TrafficMirrorTargetId"],
            target_type=parameters["TrafficMirrorTargetType"],
            priority=parameters["Priority"],
            enabled=parameters["Enabled"],
            status="Creating",
            doing=doing,
        )
        self._book.sessions[answer["TrafficMirrorSessionId"]] = session

    def _create_filter(
        self, parameters: Parameters, answer: Mapping[str, Any], doing: Doing
    ) -> None:
        rules = _asked_rules(parameters)
        # The answer names no rules: what they are called is taken from the state.
        named = dict(zip(answer["rule_ids"], rules, strict=True))
        doing.rules = tuple(named)
        page = FilterPage(rules=named, status="Creating", doing=doing)
        self._book.filters[answer["TrafficMirrorFilterId"]] = page

    def _rename_filter(
        self, parameters: Parameters, _answer: Mapping[str, Any], _doing: Doing
    ) -> None:
        page = self._book.filters[parameters["TrafficMirrorFilterId"]]
        page.name = parameters["TrafficMirrorFilterName"]

    def _delete_filter(
        self, parameters: Parameters, _answer: Mapping[str, Any], doing: Doing
    ) -> None:
        self._filter_busy(parameters["TrafficMirrorFilterId"], doing, "Deleting")

    def _filter_busy(self, filter_id: str, doing: Doing, status: str = "Modifying") -> FilterPage:
        page = self._book.filters[filter_id]
        assert page.status == "Created", "a change was accepted beside another"
        page.status, page.doing = status, doing
        return page

    def _rules_change(self, filter_id: str, doing: Doing, rules: Mapping[str, str]) -> None:
        page = self._filter_busy(filter_id, doing)
        doing.rules = tuple(rules)
        for rule_id, status in rules.items():
            direction, priority, _ = page.rules[rule_id]
            page.rules[rule_id] = (direction, priority, status)
        if not self._rules_touch_sessions:
            return
        for session in self._book.sessions.values():
            if filter_id in session.either("filter") and session.status == "Created":
                session.status, session.doing = "Modifying", Doing(doing.due)

    def _create_rules(
        self, parameters: Parameters, answer: Mapping[str, Any], doing: Doing
    ) -> None:
        filter_id = parameters["TrafficMirrorFilterId"]
        ids = [one["InstanceId"] for one in (*answer["IngressRules"], *answer["EgressRules"])]
        made = dict(zip(ids, _asked_rules(parameters), strict=True))
        self._book.filters[filter_id].rules.update(made)
        self._rules_change(filter_id, doing, dict.fromkeys(made, "Creating"))

    def _update_rule(
        self, parameters: Parameters, _answer: Mapping[str, Any], doing: Doing
    ) -> None:
        rule_id = parameters["TrafficMirrorFilterRuleId"]
        owner = next(one for one, page in self._book.filters.items() if rule_id in page.rules)
        doing.sets = {"priority": parameters["Priority"]}
        self._rules_change(owner, doing, {rule_id: "Modifying"})

    def _delete_rules(
        self, parameters: Parameters, _answer: Mapping[str, Any], doing: Doing
    ) -> None:
        rules = dict.fromkeys(parameters["TrafficMirrorFilterRuleIds"], "Deleting")
        self._rules_change(parameters["TrafficMirrorFilterId"], doing, rules)


def _asked_rules(parameters: Parameters) -> list[tuple[str, int, str]]:
    """The rules that a call asks for, ingress first, each as the book has it."""
    found = []
    for kind, direction in (("IngressRules", "ingress"), ("EgressRules", "egress")):
        for number in range(1, 3):
            priority = parameters.get(f"{kind}.{number}.Priority")
            if priority is not None:
                found.append((direction, priority, "Creating"))
    return found
