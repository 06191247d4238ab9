"""What is known of a region when something is decided: each fact is known, absent, or not read.

Whoever read less may answer that something cannot be told. Nobody takes what was not read for
absent, so two callers never give different definite answers about one region.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field
from enum import Enum
from typing import Generic, TypeVar

from evermirror.model import Filter, Instance, NetworkInterface, Session
from evermirror.values import dataclass

Fact = TypeVar("Fact")


class Missing(Enum):
    """Why there is no value: the service does not show it, or was not asked for it."""

    ABSENT = "absent"
    NOT_READ = "not_read"


ABSENT, NOT_READ = Missing.ABSENT, Missing.NOT_READ


@dataclass(frozen=True, slots=True)
class Lookup(Generic[Fact]):
    """Values by id. `asked` are the ids that the service was asked for, None for all there are."""

    found: Mapping[str, Fact] = field(default_factory=dict)
    asked: AbstractSet[str] | None = frozenset()

    def of(self, key: str | None) -> Fact | Missing:
        """The value, or why there is none; nothing has the id None."""
        if key is None:
            return ABSENT
        value = self.found.get(key)
        if value is not None:
            return value
        return ABSENT if self.asked is None or key in self.asked else NOT_READ


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts of one moment, `at` in epoch seconds.

    `sessions` may hold sessions of others as well. `interfaces` are needed for targets, `instances`
    for those of targets and for what a rule asks about.
    """

    at: float = 0.0
    sessions: Mapping[str, Session] = field(default_factory=dict)
    interfaces: Lookup[NetworkInterface] = field(default_factory=Lookup)
    instances: Lookup[Instance] = field(default_factory=Lookup)
    filters: Lookup[Filter] = field(default_factory=Lookup)
