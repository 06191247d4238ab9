"""The values that everything else speaks in: frozen, without behaviour that needs the outside.

Times are seconds since the epoch (UTC, float); ids are the cloud's own strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import Enum

from evermirror.reasons import remedy_for
from evermirror.values import dataclass

CREATED, CREATING = "Created", "Creating"
MODIFYING, DELETING = "Modifying", "Deleting"
"""The states of a session (VPC API 2016-04-28)."""

IN_USE, ATTACHING, AVAILABLE = "InUse", "Attaching", "Available"
"""States of an interface that decide something (ECS API 2014-05-26)."""

RUNNING = "Running"
"""The state of an instance that has traffic (ECS API 2014-05-26)."""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """Why an interface is looked at: `source` and `id` identify an event (CloudEvents 1.0)."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Place:
    """The account and region that a function serves; everything else is somebody else's."""

    account_id: str
    region: str


class Purpose(str, Enum):
    """What an intent is for.

    `mirror` mirrors what the policy wants; `heal` looks again at what somebody changed and puts
    back what the policy wants; `reclaim` takes a source whose interface is gone out of its session.
    """

    MIRROR = "mirror"
    HEAL = "heal"
    RECLAIM = "reclaim"


@dataclass(frozen=True, slots=True, order=True)
class Tampering:
    """Who changed a session behind the policy's back, by which call, and when (epoch seconds).

    `changed` are the parameters of an update that say where, or what, the session mirrors.
    """

    actor: str
    action: str
    at: float | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """Look at this interface, at the interfaces of this instance, or at those of this session.

    Exactly one of the interface and instance ids is set, or neither and `session_id` alone; with
    an interface, `session_id` is the session that a reclaim or a heal is about. `filter_id` stands
    alone too: for the sessions with this filter, or with the one of this rule. `occurred_at` is
    the event's own time where it could be read, `first_seen` the moment mirror first heard of it
    (0: not yet), `generation` how often mirror has handed this on to itself. `tampering` is set
    when healing. A `question` is a dry run whose answer is told to nobody but who asks.
    """

    cause: Cause
    network_interface_id: str | None = None
    instance_id: str | None = None
    occurred_at: float | None = None
    first_seen: float = 0.0
    generation: int = 0
    dry_run: bool = False
    purpose: Purpose = Purpose.MIRROR
    session_id: str | None = None
    tampering: Tampering | None = None
    filter_id: str | None = None
    question: bool = False

    @property
    def subject_id(self) -> str | None:
        """What is to be looked at, by its id."""
        alone = self.session_id or self.filter_id
        return self.network_interface_id or self.instance_id or alone


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """An elastic network interface as ECS DescribeNetworkInterfaces shows it."""

    id: str
    status: str
    type: str = "Primary"
    instance_id: str | None = None
    vpc_id: str | None = None
    vswitch_id: str | None = None
    zone_id: str | None = None
    security_group_ids: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None
    service_managed: bool = False
    trunk_network_interface_id: str | None = None
    created_at: float | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """An ECS instance as DescribeInstances shows it, as far as rules look at instances."""

    id: str
    status: str = RUNNING
    type: str = ""
    family: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    network_interface_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """A traffic mirror session as VPC ListTrafficMirrorSessions shows it.

    `status` is Creating, Created, Modifying or Deleting; `business_status` is Normal or
    FinancialLocked.
    """

    id: str
    status: str
    source_ids: tuple[str, ...] = ()
    name: str = ""
    business_status: str = "Normal"
    enabled: bool = True
    target_id: str = ""
    target_type: str = "NetworkInterface"
    filter_id: str = ""
    priority: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: float | None = None
    packet_length: int | None = None
    virtual_network_id: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A traffic mirror filter, and whether its rules let anything through in each direction."""

    id: str
    ingress: bool
    egress: bool
    rule_ids: tuple[str, ...] = ()

    @property
    def accepts(self) -> bool:
        """Say whether it lets anything through at all."""
        return self.ingress or self.egress


@dataclass(frozen=True, slots=True)
class SessionQuery:
    """Which sessions to list: those that have all of these; what is None or empty is not asked."""

    target_id: str | None = None
    filter_id: str | None = None
    priority: int | None = None
    source_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be created with its first sources. It is always created enabled."""

    name: str
    priority: int
    target_id: str
    target_type: str
    filter_id: str
    network_interface_ids: tuple[str, ...]
    packet_length: int | None = None
    resource_group_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class Verdict(str, Enum):
    """What became of an interface, or of a session, for one cause. Receivers switch on these."""

    MIRRORED = "mirrored"
    ALREADY_MIRRORED = "already_mirrored"
    INEFFECTIVE = "ineffective"
    UNCONFIRMED = "unconfirmed"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    WOULD_MIRROR = "would_mirror"
    HEALED = "healed"
    RECLAIMED = "reclaimed"
    SESSION_CHANGED = "session_changed"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer for one interface and one cause: what happened, why, and what to do about it.

    `tampering` tells who changed the session, where that is what led to the answer.
    """

    verdict: Verdict
    cause: Cause
    network_interface_id: str | None = None
    instance_id: str | None = None
    session_id: str | None = None
    target_id: str | None = None
    pool: str | None = None
    rule: str | None = None
    reason: str | None = None
    remedy: str | None = None
    client_token: str | None = None
    request_id: str | None = None
    attempts: int = 0
    attached_to_mirrored_s: float | None = None
    tampering: Tampering | None = None


def outcome_of(
    asked: Intent | Cause, verdict: Verdict, reason: str | None = None, remedy: str | None = None
) -> Outcome:
    """Answer an intent, or what else has this cause: every outcome begins here.

    The remedy is the reason's own unless another is given. What is ignored asks nothing of anybody
    and accuses nobody.
    """
    cause = asked if isinstance(asked, Cause) else asked.cause
    outcome = Outcome(verdict, cause, reason=reason)
    if verdict is not Verdict.IGNORED:
        outcome = replace(outcome, remedy=remedy_for(reason) if remedy is None else remedy)
    if isinstance(asked, Cause):
        return outcome
    return replace(
        outcome,
        network_interface_id=asked.network_interface_id,
        instance_id=asked.instance_id,
        session_id=asked.session_id,
        tampering=None if verdict is Verdict.IGNORED else asked.tampering,
    )


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, as the log tells it: `first` of so many ids, and why."""

    cause: Cause
    reason: str | None
    purpose: Purpose
    dry_run: bool
    signed: bool
    number: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a delivery amounts to: work to do, answers that need no work, and the requests in it.

    Of the requests, the first few; what mirror handed to itself is none of them.
    """

    intents: tuple[Intent, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    requests: tuple[Request, ...] = ()
