"""What is refused of instances that are to be started, stopped or deleted."""

from __future__ import annotations

from .compute_calls import PENDING, RUNNING, STOPPED, Row

ONE_INSTANCE = ("StartInstance", "StopInstance", "DeleteInstance")
TOO_MANY = [f"i-{number}" for number in range(101)]
OF_INSTANCES: list[Row] = [
    (404, "InvalidInstanceId.NotFound", ONE_INSTANCE, {}, {"InstanceId": "i-j6cnone"}),
    (
        404,
        "InvalidInstanceId.NotFound",
        ("StopInstances", "DeleteInstances"),
        {},
        {"InstanceId": [RUNNING, "i-j6cnone"]},
    ),
    (
        404,
        "InvalidInstanceId.NotFound",
        ("StartInstances",),
        {},
        {"InstanceId": [STOPPED, "i-j6cnone"]},
    ),
    (
        403,
        "IncorrectInstanceStatus",
        ("StartInstance", "DeleteInstance"),
        {},
        {"InstanceId": RUNNING},
    ),
    (
        403,
        "IncorrectInstanceStatus",
        ("StartInstances", "DeleteInstances"),
        {},
        {"InstanceId": [STOPPED, RUNNING]},
    ),
    (403, "IncorrectInstanceStatus", ("StopInstance",), {}, {"InstanceId": STOPPED}),
    (403, "IncorrectInstanceStatus", ("StopInstances",), {}, {"InstanceId": [RUNNING, STOPPED]}),
    (
        403,
        "IncorrectInstanceStatus.Initializing",
        ("DeleteInstance",),
        {},
        {"InstanceId": PENDING, "Force": True},
    ),
    (
        403,
        "IncorrectInstanceStatus.Initializing",
        ("DeleteInstances",),
        {},
        {"InstanceId": [PENDING], "Force": True},
    ),
    (
        403,
        "InstanceLockedForSecurity",
        ("StartInstance", "StopInstance"),
        {},
        {"InstanceId": "i-j6clocked"},
    ),
    (
        403,
        "InstanceLockedForSecurity",
        ("StartInstances", "StopInstances"),
        {},
        {"InstanceId": ["i-j6clocked"]},
    ),
    (
        403,
        "InvalidOperation.DeletionProtection",
        ("DeleteInstance",),
        {},
        {"InstanceId": "i-j6cprotected"},
    ),
    (
        403,
        "InvalidOperation.DeletionProtection",
        ("DeleteInstances",),
        {},
        {"InstanceId": [STOPPED, "i-j6cprotected"]},
    ),
    (400, "InvalidParameter", ("StartInstances",), {}, {"BatchOptimization": "Some"}),
    (400, "InvalidParameter", ("DeleteInstances",), {}, {"InstanceId": TOO_MANY}),
]
