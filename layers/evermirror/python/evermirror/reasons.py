"""The one table of reasons: each word, why it is so in a clause, and what a person should do.

Reasons that the cloud gives are its error codes; their remedies stand in `aliyun.refusal_table`.
"""

from __future__ import annotations

from collections.abc import Sequence

INTERFACE_NOT_VISIBLE = "interface_not_visible"
INTERFACE_NOT_ATTACHED = "interface_not_attached"
INSTANCE_NOT_VISIBLE = "instance_not_visible"
INVALID_EVENT = "invalid_event"

SERVICE_MANAGED = "service_managed"
TRUNK_OR_MEMBER_INTERFACE = "trunk_or_member_interface"
SENSOR = "sensor"
NO_INSTANCE = "no_instance"
TARGET_INSTANCE = "target_instance"
SAFEGUARDS = (SERVICE_MANAGED, TRUNK_OR_MEMBER_INTERFACE, SENSOR, TARGET_INSTANCE, NO_INSTANCE)
"""Why an interface is not wanted before any rule is asked."""

SESSION_DISABLED = "session_disabled"
SESSION_LOCKED = "session_locked"
SESSION_NOT_CREATED = "session_not_created"
WRONG_TARGET = "wrong_target"
WRONG_FILTER = "wrong_filter"
TARGET_GONE = "target_gone"
TARGET_NOT_RUNNING = "target_not_running"
FILTER_ACCEPTS_NOTHING = "filter_accepts_nothing"

WITHOUT_EFFECT = "without_effect"
POOL_FULL = "pool_full"
POOL_EMPTY = "pool_empty"
NO_SESSION_MIRRORS = "no_session_mirrors"
SESSIONS_NOT_LISTED = "sessions_not_listed"
CLAIMED_BY_STRANGER = "claimed_by_stranger"
INSTANCE_TYPE_NOT_SUPPORTED = "instance_type_not_supported"
INTERFACE_TYPE_NOT_SUPPORTED = "interface_type_not_supported"
IN_THREE_SESSIONS = "in_three_sessions"
GROWTH_NOT_ALLOWED = "growth_not_allowed"
WOULD_CREATE_SESSION = "would_create_session"
CEILING_REACHED = "ceiling_reached"
OUT_OF_TIME = "out_of_time"

HEALING_OFF = "healing_off"
HEAL_LIMIT = "heal_limit"
NOTHING_LOST = "nothing_lost"
SOURCE_REMOVED = "source_removed"
SESSION_DELETED = "session_deleted"
SESSION_CHANGED = "session_changed"
SESSION_SWITCHED_OFF = "session_switched_off"

RECLAIM_OFF = "reclaim_off"
RECLAIM_LIMIT = "reclaim_limit"
WOULD_RECLAIM = "would_reclaim"
INTERFACE_EXISTS = "interface_exists"
SESSION_OF_NO_POOL = "session_of_no_pool"
SESSION_NOT_LISTED = "session_not_listed"
NOTHING_VISIBLE = "nothing_visible"

SENSORS_NOT_READ = "sensors_not_read"
NO_INTERFACES_READ = "no_interfaces_read"
NO_SESSIONS_READ = "no_sessions_read"
INSTANCES_NOT_VISIBLE = "instances_not_visible"
FILTERS_NOT_VISIBLE = "filters_not_visible"
NOTHING_ELIGIBLE = "nothing_eligible"
DRY_RUNS_UNANSWERED = "dry_runs_unanswered"

WHY = {
    SERVICE_MANAGED: "another cloud service manages it",
    TRUNK_OR_MEMBER_INTERFACE: "it is a trunk or member interface",
    SENSOR: "it is a sensor of a pool",
    NO_INSTANCE: "it is in use, but on no instance",
    TARGET_INSTANCE: "it is a mirror target, or on the instance of one",
    SESSION_DISABLED: "it is switched off",
    SESSION_LOCKED: "its business status is not Normal",
    SESSION_NOT_CREATED: "it is being deleted, or does not say that it is Created",
    WRONG_TARGET: "its target is not one that the policy allows",
    WRONG_FILTER: "its filter is not the one that the policy names",
    TARGET_GONE: "its target is deleted or attached to nothing",
    TARGET_NOT_RUNNING: "the instance of its target does not run",
    FILTER_ACCEPTS_NOTHING: "its filter accepts nothing, or not in every direction that the policy "
    "names",
    GROWTH_NOT_ALLOWED: "the policy lets a pool make sessions, and the deployment does not",
    SESSIONS_NOT_LISTED: "the policy names sessions that the service does not list",
    CLAIMED_BY_STRANGER: "a session of no pool has it as its target",
    HEAL_LIMIT: "a session is changed again and again, and healed no more for now",
    FILTERS_NOT_VISIBLE: "filters cannot be read, so whether sessions mirror cannot be told",
    SENSORS_NOT_READ: "a pool cannot be read, so of its targets only those last known are spared",
}
"""A clause about the interface or session in question. Alarms match those that the log tells."""

MENDING = {
    SESSION_DISABLED: "Enable the session",
    SESSION_LOCKED: "Settle the account's bill",
    SESSION_NOT_CREATED: "Nothing to do: the next sweep finds what became of it",
    WRONG_TARGET: "Point the session back, or allow the target in the policy",
    WRONG_FILTER: "Give the session its filter back, or change the policy",
    TARGET_GONE: "Give the session a target that exists",
    TARGET_NOT_RUNNING: "Start the instance of the target, or give the session another target",
    FILTER_ACCEPTS_NOTHING: "Add a rule to the session's filter",
}
"""What to do about a session that does not mirror what it lists, without a full stop."""

REMEDIES = {
    **{
        reason: f"The session lists the interface, but {WHY[reason]}. {mending}."
        for reason, mending in MENDING.items()
    },
    INTERFACE_NOT_VISIBLE: "The interface is deleted, belongs to another account or region, or "
    "mirror's role may not call ecs:DescribeNetworkInterfaces. Check the role first.",
    INTERFACE_NOT_ATTACHED: "The interface is attached to no instance. Nothing to do: attaching it "
    "again raises a new event.",
    INSTANCE_NOT_VISIBLE: "The instance is released, belongs to another account or region, or "
    "mirror's role may not call ecs:DescribeInstances. Check the role first.",
    INVALID_EVENT: "Mend it at its source and send it again; nothing was done for it.",
    NO_INSTANCE: "The interface is in use, but on no instance: another cloud service has it, and "
    "the policy asks about its instance. Nothing to do.",
    TARGET_INSTANCE: "The interface is a mirror target, or sits on the instance of one; mirroring "
    "it would mirror the mirrored traffic again. Nothing to do.",
    WITHOUT_EFFECT: "The service accepted the change three times and never applied it. Look at "
    "the session in the console, and open a ticket with the request id.",
    POOL_FULL: "Every session of the pool is full. Add a session, let the pool make more of them, "
    "or raise the quota trafficmirror_quota_source_num_per_session; the next sweep or event then "
    "mirrors it.",
    POOL_EMPTY: "The pool has no session: it names none, and none was found for it. Add one to the "
    "policy, create one that the pool's discovery finds, or let the pool grow.",
    NO_SESSION_MIRRORS: "No session of the pool that has room mirrors anything: evermirror explain "
    "says why. Mend one of them, or add one.",
    CLAIMED_BY_STRANGER: "A session of no pool has the interface as its target, and nothing can be "
    "source and target. Ask who owns that session, or exclude the interface in the policy.",
    SESSIONS_NOT_LISTED: "The policy names sessions that the service does not list. Correct their "
    "ids, take them out of the policy, or make them again.",
    INSTANCE_TYPE_NOT_SUPPORTED: "The service refuses the interface for the type of its instance. "
    "Exclude the instance family by a rule of the policy (instance_family, never: true), or move "
    "the workload to a type that supports traffic mirroring.",
    INTERFACE_TYPE_NOT_SUPPORTED: "The service refuses the interface for what it is: a bond, or of "
    "a service or NAT gateway. Exclude it by a rule of the policy; a NAT gateway's can go to a "
    "pool whose target is a load balancer.",
    IN_THREE_SESSIONS: "The interface is in three sessions outside its pool, the most there can "
    "be. Take it out of one.",
    GROWTH_NOT_ALLOWED: "The policy lets the pool make sessions, and the deployment does "
    "not. Set the parameter AllowGrowth (EVERMIRROR_ALLOW_GROWTH, and "
    "vpc:CreateTrafficMirrorSession for the role), or take `grow` out of the policy.",
    CEILING_REACHED: "EVERMIRROR_MAX_SOURCES is reached. Raise it if the cost is wanted.",
    OUT_OF_TIME: "The interface was still waiting when its time was up. The next sweep or event "
    "asks again; if this repeats, see what keeps the session or interface busy.",
    RECLAIM_LIMIT: "EVERMIRROR_RECLAIM_LIMIT allows no more removals within an hour. The next "
    "sweeps go on; raise it if all of these are gone.",
    HEAL_LIMIT: "It was healed as often as EVERMIRROR_HEALS_PER_HOUR allows, and is left to the "
    "sweep. If Terraform manages its sources, let it ignore changes to them.",
    **dict.fromkeys(
        (SOURCE_REMOVED, SESSION_DELETED, SESSION_CHANGED, SESSION_SWITCHED_OFF),
        "If that was meant, change the policy.",
    ),
    RECLAIM_OFF: "Sources whose interface is gone are removed only where EVERMIRROR_RECLAIM is on.",
    WOULD_RECLAIM: "The source would be removed in act mode.",
    INTERFACE_EXISTS: "The interface exists and is attached, so it stays a source. Nothing to do.",
    SESSION_OF_NO_POOL: "The session belongs to no pool of the policy; nothing is removed from it.",
    SESSION_NOT_LISTED: "The service does not list the session. Nothing to do if it was deleted.",
    NOTHING_VISIBLE: "No interface that exists was shown, so none was taken for gone. Check that "
    "mirror's role may call ecs:DescribeNetworkInterfaces.",
    NO_INTERFACES_READ: "No network interface was shown. Check that the role may call "
    "ecs:DescribeNetworkInterfaces: without permission the service answers an empty list.",
    NO_SESSIONS_READ: "No traffic mirror session was shown, although the policy has pools. Check "
    "the region, the role's vpc:ListTrafficMirrorSessions, and whether the sessions still exist.",
    INSTANCES_NOT_VISIBLE: "The policy asks about instances that cannot be seen. Check that the "
    "role may call ecs:DescribeInstances.",
    FILTERS_NOT_VISIBLE: "Whether the sessions' filters accept any traffic cannot be seen. Check "
    "that the role may call vpc:ListTrafficMirrorFilters.",
    NOTHING_ELIGIBLE: "The policy wants none of the interfaces that were read. If that is not "
    "meant, try an interface: evermirror explain ENI.",
    DRY_RUNS_UNANSWERED: "Some dry runs got no answer, so nobody knows what the service would say. "
    "Ask again later.",
}

GROWN_OUT = (
    "Every session of the pool is full and it may make no more. Raise max_sessions, or widen its "
    "range of priorities; the next sweep or event then mirrors it."
)
TARGETS_FULL = (
    "Every session of the pool is full and no target takes another one. Give the pool one more "
    "target, or raise the quota of sources per target; the next sweep or event then mirrors it."
)
"""More exact than the remedy for POOL_FULL, of a pool that makes its sessions."""

CHANGED_AS_ALLOWED = (
    "By the policy nothing is wrong with the session. Ask whether it was meant, and pin `targets` "
    "and `filter` in its pool."
)
"""Of a session that somebody changed."""

ASK_NOTHING = frozenset(
    {
        SERVICE_MANAGED,
        TRUNK_OR_MEMBER_INTERFACE,
        SENSOR,
        WOULD_CREATE_SESSION,
        HEALING_OFF,
        NOTHING_LOST,
        SENSORS_NOT_READ,
    }
)
"""The words without a remedy: no outcome that bears one asks anything of anybody."""


def excluding_families(families: Sequence[str]) -> str:
    """Return what to do about instances of these families, which cannot be mirrored."""
    listed = families[0] if len(families) == 1 else f"[{', '.join(families)}]"
    return (
        "The service refuses interfaces for the type of their instance. Exclude it by a rule: "
        f"{{name: cannot be mirrored, match: {{instance_family: {listed}}}, never: true}}, or move "
        "the workload to a type that supports traffic mirroring."
    )


def remedy_of_session(reason: str | None) -> str:
    """Return what to do about a session that was changed; `reason` is what is wrong with it now."""
    if reason in MENDING:
        return f"The session does not mirror as it should: {WHY[reason]}. {MENDING[reason]}."
    return REMEDIES.get(reason or "", CHANGED_AS_ALLOWED)


def remedy_for(reason: str | None) -> str | None:
    """Return what to do about it; None where there is nothing to say, or the cloud says it."""
    return REMEDIES.get(reason or "")
