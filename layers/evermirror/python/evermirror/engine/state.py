"""What one run knows: the wishes, what was seen last, and what became of the calls so far.

All of it is frozen. The planner reads it, `memory` makes the next version of it out of answers
and observations, and nothing of it outlives the run: the truth is kept by the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from evermirror.model import Cause, Instance, Intent, NetworkInterface, NewSession, Session
from evermirror.results import Refused
from evermirror.values import dataclass

CREATED = "Created"
IN_USE = "InUse"
ATTACHING = "Attaching"
"""The states that decide something: of a session (VPC API 2016-04-28), and of an interface (ECS
API 2014-05-26)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers the cloud does not guarantee, so each is a setting.

    `sources_per_session` and `sources_per_call` are the quota page's and the API page's defaults
    for VPC 2016-04-28; `sources_per_create` is how many sources one Create may bring along, and
    `allow_growth` says whether one may be sent at all; `stale_bound_s` is how old a List answer
    may be; `visible_within_s` how long an interface that an event named may stay invisible or
    unattached; `tries` how many accepted changes may stay without effect before the interface is
    given up as unconfirmed; `max_sources` the ceiling on mirrored sources, None for no ceiling;
    `doubt_bound_s` how old a wish gets before other people's changes to other sessions of its
    pool hold it up no longer.
    """

    sources_per_session: int = 10
    sources_per_call: int = 1
    sources_per_create: int = 10
    allow_growth: bool = False
    stale_bound_s: float = 10.0
    visible_within_s: float = 10.0
    tries: int = 3
    max_sources: int | None = None
    doubt_bound_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Want:
    """One interface and everybody who asked for it, in an order that does not depend on arrival."""

    network_interface_id: str
    intents: tuple[Intent, ...]

    @property
    def causes(self) -> tuple[Cause, ...]:
        return tuple(sorted({intent.cause for intent in self.intents}))

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
    """One Create as it is sent: the session of this number of a pool, with its first sources."""

    pool: str
    number: int
    new: NewSession
    client_token: str

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
    back to a session. `refused` holds, by session, the definite refusals of this very interface.
    `without_effect_at` is when its accepted change was first seen settled without effect,
    `without_effect` how often that has been waited out. `absent_since` is when it was first seen
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

    `unseen_instance_ids` are instances that a decision hangs on and that nobody could see.
    `holders` are sessions, anybody's, that were asked for by their priority; `elsewhere` are those
    of pools that nothing is to be placed in, as they were within the last minute. `target_ids` are
    interfaces that the policy names as targets.
    """

    at: float
    interfaces: Mapping[str, NetworkInterface]
    instances: Mapping[str, Instance]
    sessions: Mapping[str, Session]
    target_ids: frozenset[str] = frozenset()
    target_instance_ids: frozenset[str] = frozenset()
    unseen_instance_ids: frozenset[str] = frozenset()
    holders: tuple[Session, ...] = ()
    elsewhere: Mapping[str, Session] = field(default_factory=lambda: MappingProxyType({}))

    def holder_of(self, priority: int) -> Session | None:
        """Any session seen that has this priority, which is unique in account and region."""
        seen = (*self.holders, *self.sessions.values())
        return next((session for session in seen if session.priority == priority), None)
