"""Instances: found by id, taking the statuses of their lives as time passes."""

from __future__ import annotations

import copy
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from localcloud.world.agenda import Agenda
from localcloud.world.history import History
from localcloud.world.objects import Instance, InstanceStatus, InstanceTurn
from localcloud.world.tags import changed_tags


@dataclass(frozen=True, slots=True)
class InstanceChange:
    """An instance took the status of a turn at the moment `at`."""

    at: float
    instance: Instance
    turn: InstanceTurn


class Instances:
    """All instances. A status that is due is taken when `settle` is asked."""

    def __init__(self, instances: Iterable[Instance], now: float) -> None:
        self._by_id: dict[str, Instance] = {}
        self._agenda: Agenda[InstanceTurn] = Agenda()
        self._history: History[Instance] = History()
        for instance in instances:
            self._take_in(instance, now)
        self._ids = sorted(self._by_id)

    @property
    def ids(self) -> list[str]:
        """Every id, sorted; not to be changed."""
        return self._ids

    @property
    def history(self) -> History[Instance]:
        """What instances were before they changed."""
        return self._history

    def find(self, instance_id: str | None) -> Instance | None:
        return self._by_id.get(instance_id or "")

    def add(self, instance: Instance, now: float) -> None:
        """Take in a new instance, with what it becomes."""
        self._take_in(instance, now)
        insort(self._ids, instance.id)
        self._history.begin(instance.id, None)
        self._history.note(instance.id, now, instance)

    def begin(
        self,
        instance: Instance,
        status: InstanceStatus,
        turns: Iterable[InstanceTurn],
        now: float,
    ) -> None:
        """Let an instance be in a status from now on, and in those of the turns later."""
        self._agenda.plan(instance.id, turns, now)
        self._take_status(instance, status, now)

    def retag(self, instance: Instance, changes: Mapping[str, str | None], now: float) -> None:
        """Set tags, and take those off that are None."""
        self._history.begin(instance.id, instance)
        instance.tags = changed_tags(instance.tags, changes)
        self._history.note(instance.id, now, instance)

    def is_leaving(self, instance: Instance) -> bool:
        """Whether an instance is on its way to being deleted."""
        return any(turn.status == "Deleted" for turn in self._agenda.to_come(instance.id))

    def next(self) -> float | None:
        """The moment at which the next instance changes."""
        return self._agenda.next()

    def settle(self, now: float) -> Iterator[InstanceChange]:
        """Take every status that is due by now, one after the other."""
        for at, instance_id, turn in self._agenda.due(now):
            instance = self._by_id[instance_id]
            if turn.status == "Deleted":
                self._drop(instance, at)
            else:
                self._take_status(instance, turn.status, at)
            yield InstanceChange(at, instance, turn)

    def records(self, now: float) -> tuple[Instance, ...]:
        """A copy of everything for the fleet file, with the statuses still to come in it."""
        records = []
        for instance_id in self._ids:
            record = copy.copy(self._by_id[instance_id])
            record.becomes = self._agenda.of(instance_id, now)
            records.append(record)
        return tuple(records)

    def _take_status(self, instance: Instance, status: InstanceStatus, at: float) -> None:
        self._history.begin(instance.id, instance)
        instance.status = status
        self._history.note(instance.id, at, instance)

    def _drop(self, instance: Instance, at: float) -> None:
        self._history.begin(instance.id, instance)
        self._history.end(instance.id, at)
        del self._by_id[instance.id]
        del self._ids[bisect_left(self._ids, instance.id)]
        self._agenda.plan(instance.id, (), at)

    def _take_in(self, instance: Instance, now: float) -> None:
        self._by_id[instance.id] = instance
        if instance.becomes:
            self._agenda.plan(instance.id, instance.becomes, now)
            instance.becomes = ()
