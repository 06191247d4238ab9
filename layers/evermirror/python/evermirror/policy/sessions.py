"""How a pool knows its sessions: by what they look like, or because the pool made them itself.

Both are pure questions to a session as the List shows it, so that a plan, a sweep and a person
who asks all see the same pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from evermirror.model import Session
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
        return range(min(self.max_sessions, self.last_priority - self.first_priority + 1))

    def priority(self, number: int) -> int:
        return self.first_priority + number

    def target(self, number: int) -> Target:
        return self.targets[number % len(self.targets)]

    def session_name(self, number: int) -> str:
        return f"{self.name}-{number}"

    def session_tags(self, pool: str) -> dict[str, str]:
        return {**self.tags, POOL_TAG: pool}

    def made(self, pool: str, session: Session) -> bool:
        """Say whether this session is one that the pool made: its tag, its priority and name."""
        number = session.priority - self.first_priority
        return (
            number in self.numbers
            and session.tags.get(POOL_TAG) == pool
            and session.name == self.session_name(number)
        )

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
