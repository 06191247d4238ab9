"""The reasons that are Evermirror's own, each with what a person should do about it.

Reasons that the cloud gives are its error codes; their remedies stand in `aliyun.refusal_table`.
"""

from __future__ import annotations

INTERFACE_NOT_VISIBLE = "interface_not_visible"
INTERFACE_NOT_ATTACHED = "interface_not_attached"
INSTANCE_NOT_VISIBLE = "instance_not_visible"
NO_INSTANCE = "no_instance"
TARGET_INSTANCE = "target_instance"
SESSION_DISABLED = "session_disabled"
SESSION_LOCKED = "session_locked"
SESSION_NOT_CREATED = "session_not_created"
FILTER_ACCEPTS_NOTHING = "filter_accepts_nothing"
WITHOUT_EFFECT = "without_effect"
POOL_FULL = "pool_full"
POOL_EMPTY = "pool_empty"
SESSIONS_NOT_LISTED = "sessions_not_listed"
GROWTH_NOT_ALLOWED = "growth_not_allowed"
WOULD_CREATE_SESSION = "would_create_session"
CEILING_REACHED = "ceiling_reached"
OUT_OF_TIME = "out_of_time"
RECLAIM_OFF = "reclaim_off"
HEALING_OFF = "healing_off"
HEAL_LIMIT = "heal_limit"
SENSORS_NOT_READ = "sensors_not_read"
NOTHING_LOST = "nothing_lost"
WOULD_RECLAIM = "would_reclaim"
INTERFACE_EXISTS = "interface_exists"
SESSION_OF_NO_POOL = "session_of_no_pool"
SESSION_NOT_LISTED = "session_not_listed"
NOTHING_VISIBLE = "nothing_visible"

REMEDIES = {
    INTERFACE_NOT_VISIBLE: "The interface is deleted, belongs to another account or region, or "
    "mirror's role may not call ecs:DescribeNetworkInterfaces. Check the role first.",
    INTERFACE_NOT_ATTACHED: "The interface is attached to no instance. Nothing to do: attaching it "
    "again raises a new event.",
    INSTANCE_NOT_VISIBLE: "The instance is released, belongs to another account or region, or "
    "mirror's role may not call ecs:DescribeInstances. Check the role first.",
    NO_INSTANCE: "The interface is in use, but on no instance: another cloud service has it, and "
    "the policy asks about its instance. Nothing to do.",
    TARGET_INSTANCE: "The interface is a mirror target, or sits on the instance of one; mirroring "
    "it would mirror the mirrored traffic again. Nothing to do.",
    SESSION_DISABLED: "The session lists the interface but is switched off. Enable the session.",
    SESSION_LOCKED: "The session lists the interface but its business status is not Normal. "
    "Settle the account's bill.",
    SESSION_NOT_CREATED: "The session lists the interface but is being deleted, or does not say "
    "that it is Created. Nothing to do: the next sweep finds what became of it.",
    FILTER_ACCEPTS_NOTHING: "The session lists the interface, but its filter has no rule that "
    "accepts traffic. Add a rule to the filter.",
    WITHOUT_EFFECT: "The service accepted the change three times and never applied it. Look at "
    "the session in the console, and open a ticket with the request id.",
    POOL_FULL: "Every session of the pool is full. Add a session to the pool, or raise the quota "
    "trafficmirror_quota_source_num_per_session; the next sweep or event then mirrors it.",
    POOL_EMPTY: "The pool has no session: it names none, and none was found for it. Add one to the "
    "policy, or create one that the pool's discovery finds.",
    SESSIONS_NOT_LISTED: "The service lists none of the sessions that the pool names, so whether "
    "one of them holds the interface is not known. Correct their ids in the policy if it stays.",
    GROWTH_NOT_ALLOWED: "The policy lets the pool make sessions, and the deployment does "
    "not. Set the parameter AllowGrowth (EVERMIRROR_ALLOW_GROWTH, and "
    "vpc:CreateTrafficMirrorSession for the role), or take `grow` out of the policy.",
    CEILING_REACHED: "EVERMIRROR_MAX_SOURCES is reached. Raise it if the cost is wanted.",
    OUT_OF_TIME: "The interface was still waiting when its time was up. The next sweep or event "
    "asks again; if this repeats, see what keeps the session or interface busy.",
    HEAL_LIMIT: "It was healed as often as EVERMIRROR_HEALS_PER_HOUR allows, and is left to the "
    "sweep. If Terraform manages its sources, let it ignore changes to them.",
    RECLAIM_OFF: "Sources whose interface is gone are removed only where EVERMIRROR_RECLAIM is on.",
    WOULD_RECLAIM: "The source would be removed in act mode.",
    INTERFACE_EXISTS: "The interface exists and is attached, so it stays a source. Nothing to do.",
    SESSION_OF_NO_POOL: "The session belongs to no pool of the policy; nothing is removed from it.",
    SESSION_NOT_LISTED: "The service does not list the session. Nothing to do if it was deleted.",
    NOTHING_VISIBLE: "No interface that exists was shown, so none was taken for gone. Check that "
    "mirror's role may call ecs:DescribeNetworkInterfaces.",
}

GROWN_OUT = (
    "Every session of the pool is full and it may make no more. Raise max_sessions, or widen its "
    "range of priorities; the next sweep or event then mirrors it."
)
TARGETS_FULL = (
    "Every session of the pool is full and no target takes another one. Give the pool one more "
    "target, or raise the quota of sources per target; the next sweep or event then mirrors it."
)
