"""How a pool knows its sessions: by id, by what they look like, or because it made them itself.

All are pure questions to a session as the List shows it, so that a plan, a sweep and a person
who asks all see the same pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from evermirror.model import Session
from evermirror.policy.matchers import Matcher
from evermirror.values import dataclass

POOL_TAG = "evermirror-pool"
"""The tag that a grown session carries, with its pool's name as the value."""

NETWORK_INTERFACE = "NetworkInterface"
"""The type of a target that is an interface, whose instance must not be mirrored."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Every session that has all of these; what is None or empty is not asked for."""

    filter_id: str | None = None
    target_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    name_prefix: str | None = None

    def finds(self, session: Session) -> bool:
        return (
            (self.filter_id is None or session.filter_id == self.filter_id)
            and (self.target_id is None or session.target_id == self.target_id)
            and (self.name_prefix is None or session.name.startswith(self.name_prefix))
            and all(session.tags.get(key) == value for key, value in self.tags.items())
        )

    def plain(self) -> dict[str, object]:
        plain: dict[str, object] = {}
        if self.filter_id is not None:
            plain["filter"] = self.filter_id
        if self.target_id is not None:
            plain["target"] = self.target_id
        if self.tags:
            plain["tags"] = dict(self.tags)
        if self.name_prefix is not None:
            plain["name_prefix"] = self.name_prefix
        return plain


@dataclass(frozen=True, slots=True)
class Target:
    """Where mirrored traffic goes: `type` is NetworkInterface or SLB."""

    id: str
    type: str

    def plain(self) -> dict[str, object]:
        return {"id": self.id, "type": self.type}


@dataclass(frozen=True, slots=True)
class Growth:
    """How a pool makes its next session, all of it fixed by the session's number alone.

    Session number k, from 0, has the k-th priority of the range, the target that comes round, and
    a name of its own; so whoever makes number k makes the same session, and the cloud's rule that
    a priority is unique lets only one of them do it. `first_priority` and `last_priority` are
    both usable.
    """

    filter_id: str
    targets: tuple[Target, ...]
    first_priority: int
    last_priority: int
    max_sessions: int
    name: str
    packet_length: int | None = None
    resource_group_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def numbers(self) -> range:
        """The numbers of all sessions that the pool may ever have."""
        return range(min(self.max_sessions, self._highest + 1))

    def priority(self, number: int) -> int:
        return self.first_priority + number

    def target(self, number: int) -> Target:
        return self.targets[number % len(self.targets)]

    def session_name(self, number: int) -> str:
        return f"{self.name}-{number}"

    def session_tags(self, pool: str) -> dict[str, str]:
        return {**self.tags, POOL_TAG: pool}

    def number_at(self, priority: int) -> int | None:
        """Tell whose priority this is, in the whole range: `max_sessions` may have been higher."""
        number = priority - self.first_priority
        return number if 0 <= number <= self._highest else None

    def number_named(self, name: str) -> int | None:
        """Tell which number a session of this name has, in the whole range as well."""
        digits = name.rpartition("-")[2]
        number = int(digits) if digits.isascii() and digits.isdigit() else -1
        fits = 0 <= number <= self._highest and name == self.session_name(number)
        return number if fits else None

    def fences(self, session: Session) -> bool:
        """Say whether name and priority are those of one number, whatever the tag says."""
        number = self.number_at(session.priority)
        return number is not None and self.number_named(session.name) == number

    @property
    def _highest(self) -> int:
        return self.last_priority - self.first_priority

    def plain(self) -> dict[str, object]:
        plain: dict[str, object] = {
            "filter": self.filter_id,
            "targets": [target.plain() for target in self.targets],
            "priorities": [self.first_priority, self.last_priority],
            "max_sessions": self.max_sessions,
            "name": self.name,
        }
        if self.packet_length is not None:
            plain["packet_length"] = self.packet_length
        if self.resource_group_id is not None:
            plain["resource_group"] = self.resource_group_id
        if self.tags:
            plain["tags"] = dict(self.tags)
        return plain


@dataclass(frozen=True, slots=True)
class Pool:
    """Sessions that stand in for one another, and the interfaces that receive their traffic.

    An interface that matches `sensors` is never mirrored: its traffic is mirrored traffic, which
    would be mirrored again and again, and the cloud refuses that only for the target itself.
    Sessions belong to the pool by id, by what `discovery` asks for, or because the pool made them.
    What `target_ids`, `filter_id` and `directions` pin, a session must have for its sources to
    count as mirrored; empty pins nothing. `was` are the names that the pool had before.
    """

    name: str
    session_ids: tuple[str, ...] = ()
    sensors: Matcher | None = None
    discovery: Discovery | None = None
    growth: Growth | None = None
    target_ids: frozenset[str] = frozenset()
    filter_id: str | None = None
    directions: frozenset[str] = frozenset()
    was: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the pool is called and was called: what the tag of a session that it made says."""
        return (self.name, *self.was)

    @property
    def makes_sessions(self) -> bool:
        """Say whether sessions are the pool's by their tag: it makes them, or did as `was` says."""
        return self.growth is not None or bool(self.was)

    @property
    def has_unnamed_sessions(self) -> bool:
        """Say whether a session may be the pool's whose id the policy does not name."""
        return self.discovery is not None or self.makes_sessions

    @property
    def pins(self) -> bool:
        """Say whether the target or the filter of a session of the pool may be a wrong one."""
        return bool(self.target_ids or self.filter_id or self.growth)

    @property
    def named_targets(self) -> frozenset[str]:
        """Everything that the policy says this pool mirrors to."""
        found = self.discovery.target_id if self.discovery is not None else None
        return self.target_ids.union(self._grown_targets, () if found is None else (found,))

    def holds(self, session: Session) -> bool:
        """Say whether a session, as the List shows it, is one of this pool's."""
        return (
            session.id in self.session_ids
            or (self.discovery is not None and self.discovery.finds(session))
            or self.made(session)
        )

    def made(self, session: Session) -> bool:
        """Say whether the pool made this session, as its tag alone tells.

        Name and priority may have been changed since, by hand or in the policy.
        """
        return self.makes_sessions and session.tags.get(POOL_TAG) in self.names

    def untagged(self, session: Session) -> bool:
        """Say whether this is a session that the pool made, as name and priority tell, whose tag
        was taken off.

        Whether it is the pool's all the same, by id or because it is found, is not asked here.
        """
        growth = self.growth
        return growth is not None and POOL_TAG not in session.tags and growth.fences(session)

    def allowed_targets(self, session: Session) -> frozenset[str] | None:
        """Where a session of the pool may mirror to; None where the policy does not say."""
        if self.target_ids:
            return self.target_ids
        return self._grown_targets if self.growth is not None and self.made(session) else None

    def allowed_filter(self, session: Session) -> str | None:
        """The filter that a session of the pool must have; None where the policy names none."""
        if self.filter_id is not None:
            return self.filter_id
        return self.growth.filter_id if self.growth is not None and self.made(session) else None

    @property
    def _grown_targets(self) -> frozenset[str]:
        targets = self.growth.targets if self.growth is not None else ()
        return frozenset(target.id for target in targets)

    def plain(self) -> dict[str, object]:
        said = {
            "sessions": list(self.session_ids),
            "targets": sorted(self.target_ids),
            "filter": self.filter_id,
            "directions": sorted(self.directions),
            "was": list(self.was),
        }
        parts = {"discover": self.discovery, "sensors": self.sensors, "grow": self.growth}
        plain: dict[str, object] = {key: value for key, value in said.items() if value}
        plain.update({key: part.plain() for key, part in parts.items() if part is not None})
        return plain
