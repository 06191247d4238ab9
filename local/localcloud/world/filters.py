"""Traffic mirror filters: one change at a time, like sessions, and their rules change with them."""

from __future__ import annotations

import copy
import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

from localcloud.world.filter_objects import Filter, FilterChange, Rule
from localcloud.world.moments import after
from localcloud.world.objects import SessionStatus
from localcloud.world.records import update_record
from localcloud.world.tags import changed_tags


class Filters:
    """All filters, found by id and by rule. What is due is done when `settle` is asked."""

    def __init__(self, filters: Iterable[Filter], now: float) -> None:
        self._by_id: dict[str, Filter] = {}
        self._ids: list[str] = []
        self._of_rule: dict[str, str] = {}
        self._due: dict[str, float] = {}
        self._agenda: list[tuple[float, str]] = []
        for listed in filters:
            record = copy.copy(listed)
            record.rules = tuple(copy.copy(rule) for rule in listed.listed_rules())
            self._take_in(record, now)

    @property
    def ids(self) -> list[str]:
        """Every id, sorted; not to be changed."""
        return self._ids

    def find(self, filter_id: str) -> Filter | None:
        return self._by_id.get(filter_id)

    def find_rule(self, rule_id: str) -> tuple[Filter, Rule] | None:
        """A rule and the filter that it belongs to."""
        owner = self._by_id.get(self._of_rule.get(rule_id, ""))
        if owner is None:
            return None
        return next((owner, rule) for rule in owner.listed_rules() if rule.id == rule_id)

    def create(self, created: Filter, change: FilterChange, now: float) -> None:
        """Take in a new filter, Creating until the change is done."""
        created.status = "Creating"
        created.change = change
        self._take_in(created, now)

    def begin(
        self,
        changed: Filter,
        change: FilterChange,
        now: float,
        status: SessionStatus = "Modifying",
    ) -> None:
        """Start a change; the rules that it is about have got their status already."""
        changed.status = status
        changed.change = change
        self._of_rule.update((rule.id, changed.id) for rule in changed.listed_rules())
        self._schedule(changed.id, after(now, change.remaining_s))

    def retag(self, tagged: Filter, changes: Mapping[str, str | None], _now: float) -> None:
        """Set tags, and take those off that are None."""
        tagged.tags = changed_tags(tagged.tags, changes)

    def settle(self, now: float) -> None:
        """Finish every change that is due by now."""
        while self._agenda and self._agenda[0][0] <= now:
            due, filter_id = heapq.heappop(self._agenda)
            changed = self._by_id.get(filter_id)
            if changed is None or changed.change is None or self._due.get(filter_id) != due:
                continue
            self._finish(changed, changed.change)

    def records(self, now: float) -> tuple[Filter, ...]:
        """A copy of everything for the fleet file, with what is left of changes in it."""
        records = []
        for filter_id in self._ids:
            record = copy.copy(self._by_id[filter_id])
            record.rules = tuple(copy.copy(rule) for rule in record.listed_rules())
            if record.change is not None:
                record.change = copy.copy(record.change)
                record.change.remaining_s = max(0.0, self._due[filter_id] - now)
            records.append(record)
        return tuple(records)

    def _finish(self, changed: Filter, change: FilterChange) -> None:
        del self._due[changed.id]
        if changed.status == ("Creating" if change.fails else "Deleting"):
            self._drop(changed)
            return
        changed.status = "Created"
        changed.change = None
        left = []
        for rule in changed.listed_rules():
            if rule.id in change.rules and not _survives(rule, fails=change.fails):
                del self._of_rule[rule.id]
            else:
                left.append(rule)
        changed.rules = tuple(left)

    def _drop(self, gone: Filter) -> None:
        del self._by_id[gone.id]
        del self._ids[bisect_left(self._ids, gone.id)]
        for rule in gone.listed_rules():
            del self._of_rule[rule.id]

    def _take_in(self, record: Filter, now: float) -> None:
        self._by_id[record.id] = record
        insort(self._ids, record.id)
        self._of_rule.update((rule.id, record.id) for rule in record.listed_rules())
        if record.change is not None:
            record.status = "Modifying" if record.status == "Created" else record.status
            self._schedule(record.id, after(now, record.change.remaining_s))

    def _schedule(self, filter_id: str, due: float) -> None:
        self._due[filter_id] = due
        heapq.heappush(self._agenda, (due, filter_id))


def _survives(rule: Rule, *, fails: bool) -> bool:
    """Finish the change of one rule; whether the rule is still there afterwards."""
    if rule.status == ("Creating" if fails else "Deleting"):
        return False
    if not fails:
        update_record(rule, rule.update)
    rule.status = "Created"
    rule.update = None
    return True
