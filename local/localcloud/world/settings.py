"""The rules of the world that can be set: quotas, and a choice wherever the documents are silent.

Quotas are those of the page "Traffic mirroring overview"; where nothing is documented the
default is the reading that is hardest on a client. A limit of null is no limit.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from localcloud.world.moments import Seconds
from localcloud.world.objects import BusinessStatus

_Count = Annotated[int, Field(ge=0)]


def _ordered(duration: float | tuple[float, float]) -> float | tuple[float, float]:
    if isinstance(duration, tuple) and duration[0] > duration[1]:
        raise ValueError("a range begins with its smaller end")
    return duration


Duration = Annotated[Seconds | tuple[Seconds, Seconds], AfterValidator(_ordered)]
"""Seconds: a number, or a range to draw from each time."""

Check = Literal["status", "sources", "associated", "quotas"]
_CHECKS: tuple[Check, ...] = ("status", "sources", "associated", "quotas")
Paging = Literal["cursor", "offset"]


def _each_once(order: tuple[Check, ...]) -> tuple[Check, ...]:
    if sorted(order) != sorted(_CHECKS):
        raise ValueError(f"names each of {', '.join(_CHECKS)} once")
    return order


OpeningRefusal = Literal[
    "OperationFailed.ExceedPurchaseLimit",
    "Forbidden.RAM",
    "OperationFailed.AliGroupUserCanNotBuyInnerCommodity",
    "OperationFailed.QuotaNotEnough",
    "Order.NoRealNameAuthentication",
    "OperationFailed.BasicInfoUncompleted",
]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Settings):
    """How many of what. `requests_per_minute` counts per action; null is no limit."""

    sources_per_session: _Count = 10
    sources_per_call: _Count = 1
    sources_per_create: _Count = 10
    sessions_per_source: _Count = 3
    sources_per_target: _Count = 20
    sources_per_large_target: _Count = 200
    sources_per_slb_target: _Count = 500
    sessions: _Count = 20000
    filters: _Count = 100
    sessions_per_filter: _Count = 2000
    rules_per_filter: _Count = 20
    sessions_per_slb_target: _Count | None = None
    instances: _Count | None = None
    network_interfaces: _Count | None = None
    interfaces_per_instance: _Count | None = 8
    requests_per_minute: _Count | None = 600


class Behaviour(_Settings):
    """What the documents leave open, one key each."""

    pending_listed: bool = Field(
        default=False, description="Whether a source is listed while it is still being added."
    )
    modifying_visible_after_s: Seconds = Field(
        default=0.0, description="How long a changed session is still listed as Created."
    )
    stale_list_s: Seconds = Field(
        default=0.0, description="Lists of sessions answer as of this many seconds ago."
    )
    stale_describe_s: Seconds = Field(
        default=0.0,
        description="DescribeInstances and DescribeNetworkInterfaces answer as of this many "
        "seconds ago.",
    )
    list_paging: Paging = Field(
        default="cursor",
        description="Whether NextToken of a list of sessions or filters says behind which id the "
        "list goes on, or (`offset`) how many came before: of the list as it is by then.",
    )
    describe_paging: Paging = Field(
        default="cursor",
        description="The same for DescribeNetworkInterfaces and DescribeInstances.",
    )
    total_count_extra: _Count = Field(
        default=0,
        description="By how much TotalCount of sessions and filters is too high, on every page.",
    )
    total_count_stale_s: Seconds = Field(
        default=0.0,
        description="TotalCount of sessions counts as of this many seconds ago. It is counted anew "
        "for every page in any case.",
    )
    token_ttl_s: Seconds = Field(
        default=86400.0, description="How long a client token is remembered."
    )
    token_in_flight_s: Seconds = Field(
        default=0.0, description="How long a client token counts as in flight after its call."
    )
    remember_failures: bool = Field(
        default=False, description="Whether a token also replays the error it once led to."
    )
    gone_interfaces: Literal["keep", "drop"] = Field(
        default="keep",
        description="Whether an interface that is deleted, or detached from its instance, stays in "
        "the sessions it is a source of.",
    )
    check_order: Annotated[tuple[Check, ...], AfterValidator(_each_once)] = Field(
        default=_CHECKS,
        description="In which order Add, Remove and Create look at the session's status, at the "
        "sources (there, attached, supported, no target), whether they are in the session "
        "already, and at quotas.",
    )
    bad_sources: Literal["refuse_all", "leave_out"] = Field(
        default="refuse_all",
        description="What some refused sources of a call with several lead to: an error for all, "
        "or 200 and only the others taken.",
    )
    busy_code: str = Field(
        default="IncorrectStatus.TrafficMirrorSession",
        description="The error of a change to a session that is busy with another.",
    )
    in_flight_code: str = Field(
        default="OperationFailed.LastTokenProcessing",
        description="The error of a client token whose first call is still going on.",
    )
    ecs_in_flight_code: str = Field(
        default="IdempotentProcessing",
        description="The same for calls of ECS, which has a code of its own.",
    )
    too_many_sources_code: str = Field(
        default="IllegalParam.TrafficMirrorSourceIds",
        description="The error of more sources in one call than limits.sources_per_call.",
    )
    service_managed_code: str | None = Field(
        default="OperationDenied.EcsNotSupportTrafficMirror",
        description="The error of an interface managed by a service as source; null accepts it.",
    )
    member_code: str | None = Field(
        default=None,
        description="The error of a trunk's member interface as source; null accepts it.",
    )
    throttle_status: Literal[400, 429] = Field(
        default=400, description="Status of Throttling.User; 429 also says x-acs-retry-after."
    )
    denied_describe: Literal["empty", "refuse", "announced"] = Field(
        default="empty",
        description="What a Describe of ECS answers a key that is not allowed it: an empty list; "
        "`Forbidden.RAM`; or, as announced for 2025-12-20, the latter for DescribeInstances alone.",
    )
    unknown_parameters: Literal["ignore", "refuse"] = Field(
        default="ignore", description="What a parameter leads to that the action does not have."
    )
    tags_arrive_after_s: Seconds = Field(
        default=0.0, description="How long a session that is created with tags is without them."
    )
    tags_rewritten: dict[str, str | None] = Field(
        default={},
        description="Tags that another system sets, or with null takes off, on every session that "
        "is created: without a call, and without an event.",
    )
    tags_rewritten_after_s: Seconds = Field(
        default=0.0, description="How long after a session's creation that system does so."
    )
    create_enabled_default: bool = Field(
        default=False, description="Whether a session created without Enabled is enabled."
    )
    rule_changes_modify_sessions: bool = Field(
        default=True, description="Whether sessions are Modifying while a rule of theirs changes."
    )
    pending_s: Duration = Field(
        default=1.0, description="How long a launched instance is Pending before it is Starting."
    )
    boot_s: Duration = Field(default=5.0, description="How long an instance is Starting.")
    stop_s: Duration = Field(default=5.0, description="How long an instance is Stopping.")
    release_s: Duration = Field(
        default=2.0, description="How long a stopped instance that is deleted is still there."
    )
    attach_s: Duration = Field(default=3.0, description="How long an interface is Attaching.")
    detach_s: Duration = Field(default=3.0, description="How long an interface is Detaching.")
    delete_interface_s: Duration = Field(
        default=2.0, description="How long an interface is Deleting."
    )
    types_without_mirror: tuple[str, ...] = Field(
        default=(),
        description="Types of launched instances that cannot be mirrored; `*` is a wildcard, as in "
        "`ecs.t5-*`.",
    )
    sold_out: tuple[str, ...] = Field(
        default=(), description="Types that cannot be launched: `OperationDenied.NoStock`."
    )
    actiontrail_delay_s: Duration = Field(
        default=0.0, description="How long after a call its record of ActionTrail is on the bus."
    )
    state_change_delay_s: Duration = Field(
        default=0.0, description="How long after a change of an instance its event is on the bus."
    )
    refused_calls_recorded: bool = Field(
        default=True,
        description="Whether a refused call is on the bus too, with errorCode and errorMessage.",
    )
    interface_events: bool = Field(
        default=False,
        description="Whether `NetworkInterfaceOperateCompleted`, a preview, is on the bus.",
    )
    duplicate_events: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0, description="How likely an event is on the bus twice, 1 being always."
    )


class Service(_Settings):
    """The traffic mirror service of the account in this region; `cannot_open` says why not."""

    enabled: bool = True
    business_status: BusinessStatus = "Normal"
    region_supported: bool = True
    business_type_supported: bool = True
    ipv6_supported: bool = False
    cannot_open: OpeningRefusal | None = None
