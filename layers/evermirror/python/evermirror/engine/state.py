"""What one run knows: the wishes, what was seen last, and what became of the calls so far.

All of it is frozen. The planner reads it, `memory` makes the next version of it out of answers
and observations, and nothing of it outlives the run: the truth is kept by the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from evermirror.errors import StopError
from evermirror.model import (
    Cause,
    Filter,
    Instance,
    Intent,
    NetworkInterface,
    NewSession,
    Session,
)
from evermirror.placement.eligibility import Targets
from evermirror.placement.snapshot import Lookup, Snapshot
from evermirror.results import ReadError, Refused
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """One interface and everybody who asked for it, in an order that does not depend on arrival."""

    network_interface_id: str
    intents: tuple[Intent, ...]

    @property
    def causes(self) -> tuple[Cause, ...]:
        return tuple(sorted({intent.cause for intent in self.intents}))

    @property
    def changed(self) -> frozenset[str]:
        """The sessions that somebody changed, as the records say that led here."""
        return frozenset(i.session_id for i in self.intents if i.session_id is not None)

    @property
    def dry_run(self) -> bool:
        return all(intent.dry_run for intent in self.intents)

    @property
    def first_seen(self) -> float:
        return min(intent.first_seen for intent in self.intents)


@dataclass(frozen=True, slots=True)
class Call:
    """One Add as it is sent: sent again after an unknown outcome, it is the very same call."""

    session_id: str
    network_interface_ids: tuple[str, ...]
    client_token: str


@dataclass(frozen=True, slots=True)
class Creation:
    """One Create as it is sent: the session of this number of a pool, with its first sources.

    Attempt 0 has the number's own token, which others may have used before.
    """

    pool: str
    number: int
    new: NewSession
    client_token: str
    attempt: int = 0

    @property
    def network_interface_ids(self) -> tuple[str, ...]:
        return self.new.network_interface_ids


class Standing(str, Enum):
    """How an interface stands with the session it is bound to."""

    FREE = "free"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Progress:
    """What happened to one interface in this run.

    `session_id` is where it is bound after an unknown or accepted outcome; `attempt` rises with
    whatever spends a token, wherever that was, so that none is used twice: an interface may come
    back to a session. `refused` holds, by session, the definite refusals of this very interface,
    `refused_at` when each was said.
    `without_effect_at` is when the session was first seen settled without it, after the last change
    that was accepted or may have been; `without_effect` how often that has been waited out after an
    accepted one. `absent_since` is when it was first seen
    missing or unattached. `changed` says that a change was accepted, or may have been; `alone`
    that a call with company was refused. `creation` is the Create that carried it, after an
    unknown or accepted outcome; `ungrown` the refusal to begin any new session with it.
    """

    standing: Standing = Standing.FREE
    session_id: str | None = None
    call: Call | None = None
    attempt: int = 0
    sent: int = 0
    refused: Mapping[str, Refused] = field(default_factory=lambda: MappingProxyType({}))
    refused_at: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    never: Refused | None = None
    excuse: Refused | None = None
    changed: bool = False
    without_effect_at: float | None = None
    without_effect: int = 0
    absent_since: float | None = None
    alone: bool = False
    request_id: str | None = None
    client_token: str | None = None
    creation: Creation | None = None
    ungrown: Refused | None = None


UNTOUCHED = Progress()


@dataclass(frozen=True, slots=True)
class Observation:
    """The world as last read. An id that was asked for and is not here was not in the answer.

    `at` is when its sessions began to be read (epoch seconds), `since` the same on the clock that
    is never set. `sessions` are those of the pools in question, and strangers seen beside them.
    `pools` are those that were looked at, None for all; `unread` those of them whose sessions could
    not be read, with what the service said.
    `unseen_instance_ids` are instances that a decision hangs on and that are not shown.
    `holders` are sessions, of anybody, that were asked for by their priority; `elsewhere` are those
    of pools that nothing is to be placed in, as they were within the last minute. `targets` and
    `target_instances` are what was read of mirror targets, `receiving` what is never mirrored,
    None where that follows from what was read.
    """

    at: float
    interfaces: Mapping[str, NetworkInterface]
    instances: Mapping[str, Instance]
    sessions: Mapping[str, Session]
    since: float = 0.0
    filters: Lookup[Filter] = field(default_factory=lambda: Lookup({}, None))
    targets: Lookup[NetworkInterface] = field(default_factory=Lookup)
    target_instances: Mapping[str, Instance] = field(default_factory=dict)
    receiving: Targets | None = None
    pools: frozenset[str] | None = None
    unread: Mapping[str, ReadError | StopError] = field(default_factory=dict)
    unseen_instance_ids: frozenset[str] = frozenset()
    holders: tuple[Session, ...] = ()
    elsewhere: Mapping[str, Session] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def snapshot(self) -> Snapshot:
        """The facts, as everybody who decides asks them."""
        return Snapshot(
            at=self.at,
            sessions=self.sessions,
            interfaces=self.targets,
            instances=Lookup({**self.target_instances, **self.instances}),
            filters=self.filters,
        )

    def holder_of(self, priority: int) -> Session | None:
        """Any session seen that has this priority, which is unique in account and region."""
        seen = (*self.holders, *self.sessions.values())
        return next((session for session in seen if session.priority == priority), None)
