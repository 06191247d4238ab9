"""What is refused of interfaces that are to be attached, detached or deleted."""

from __future__ import annotations

from .compute_calls import (
    ABROAD,
    ATTACHED,
    ELSEWHERE,
    FREE,
    MANAGED,
    PENDING,
    PRIMARY,
    STOPPED,
    Row,
)

FULL = {"limits": {"interfaces_per_instance": 2}}
ENI_CALLS = ("AttachNetworkInterface", "DetachNetworkInterface", "DeleteNetworkInterface")
AT_INSTANCE = ("AttachNetworkInterface", "DetachNetworkInterface")
OF_ATTACHING: list[Row] = [
    (404, "InvalidEniId.NotFound", ENI_CALLS, {}, {"NetworkInterfaceId": "eni-j6cnone"}),
    (400, "InvalidParams.EniId", ENI_CALLS, {}, {"NetworkInterfaceId": "odd"}),
    (404, "InvalidEcsId.NotFound", AT_INSTANCE, {}, {"InstanceId": "i-j6cnone"}),
    (400, "InvalidInstanceID.Malformed", AT_INSTANCE, {}, {"InstanceId": "odd"}),
    (400, "InvalidOperation.InvalidEcsState", AT_INSTANCE, {}, {"InstanceId": PENDING}),
    (
        400,
        "InvalidOperation.InvalidEniState",
        ("AttachNetworkInterface", "DeleteNetworkInterface"),
        {},
        {"NetworkInterfaceId": ATTACHED},
    ),
    (
        400,
        "InvalidOperation.InvalidEniState",
        ("DetachNetworkInterface",),
        {},
        {"NetworkInterfaceId": FREE},
    ),
    (
        400,
        "InvalidOperation.DetachPrimaryEniNotAllowed",
        ("DetachNetworkInterface",),
        {},
        {"NetworkInterfaceId": PRIMARY},
    ),
    (
        403,
        "InvalidOperation.InvalidEniType",
        ("AttachNetworkInterface", "DeleteNetworkInterface"),
        {},
        {"NetworkInterfaceId": PRIMARY},
    ),
    (403, "InvalidOperation.EniServiceManaged", ENI_CALLS, {}, {"NetworkInterfaceId": MANAGED}),
    (
        403,
        "InvalidOperation.AvailabilityZoneMismatch",
        ("AttachNetworkInterface",),
        {},
        {"NetworkInterfaceId": ELSEWHERE},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("AttachNetworkInterface",),
        {},
        {"NetworkInterfaceId": ABROAD},
    ),
    (403, "EniPerInstanceLimitExceeded", ("AttachNetworkInterface",), FULL, {}),
    (403, "InvalidInstanceId.NotFound", ("DetachNetworkInterface",), {}, {"InstanceId": STOPPED}),
]
