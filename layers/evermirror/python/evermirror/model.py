"""The values that everything else speaks in: frozen, without behaviour that needs the outside.

Times are seconds since the epoch (UTC, float); ids are the cloud's own strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from evermirror.values import dataclass


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
    """Who changed a session behind the policy's back, by which call, and when (epoch seconds)."""

    actor: str
    action: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """Look at this interface, at the interfaces of this instance, or at those of this session.

    Exactly one of the interface and instance ids is set, or neither and `session_id` alone; with
    an interface, `session_id` is the session that a reclaim or a heal is about. `occurred_at` is
    the event's own time where it could be read, `first_seen` the moment mirror first heard of it
    (0: not yet), `generation` how often mirror has handed this on to itself. `tampering` is set
    when healing.
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
    status: str = "Running"
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

    @property
    def accepts(self) -> bool:
        """Say whether it lets anything through at all."""
        return self.ingress or self.egress


class Verdict(str, Enum):
    """What became of an interface for one cause. Receivers switch on these words."""

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
    pool: str | None = None
    rule: str | None = None
    reason: str | None = None
    remedy: str | None = None
    client_token: str | None = None
    request_id: str | None = None
    attempts: int = 0
    attached_to_mirrored_s: float | None = None
    tampering: Tampering | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a delivery amounts to: work to do, and answers that need no work."""

    intents: tuple[Intent, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
