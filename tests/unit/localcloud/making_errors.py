"""What RunInstances and CreateNetworkInterface refuse to make."""

from __future__ import annotations

from .compute_calls import ABROAD, ATTACHED, ELSEWHERE, FREE, GROUP, OTHER_GROUP, OTHER_VSWITCH, Row

SOLD_OUT = {"behaviour": {"sold_out": ["ecs.g7.*"]}}
NO_ROOM = {"limits": {"instances": 5}}
NO_INTERFACES = {"limits": {"network_interfaces": 6}}
SECONDARY = "NetworkInterface.1."
TWO = {"Amount": 2, f"{SECONDARY}NetworkInterfaceId": FREE}
TAG_TWICE = {"Tag.1.Key": "a", "Tag.2.Key": "a"}
LONG_TAG = {"Tag.1.Key": "a", "Tag.1.Value": "http://x"}
BOTH = ("CreateNetworkInterface", "RunInstances")
OF_MAKING: list[Row] = [
    (
        404,
        "InvalidEniId.NotFound",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": "eni-j6cnone"},
    ),
    (
        400,
        "InvalidOperation.InvalidEniState",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": ATTACHED},
    ),
    (
        403,
        "InvalidOperation.AvailabilityZoneMismatch",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": ELSEWHERE},
    ),
    (
        403,
        "InvalidOperation.AvailabilityZoneMismatch",
        ("RunInstances",),
        {"vswitches": [{"id": "vsw-j6cc", "zone": "cn-hongkong-c"}]},
        {"NetworkInterface.1.VSwitchId": "vsw-j6cc"},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("CreateNetworkInterface",),
        {},
        {"SecurityGroupId": OTHER_GROUP},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": ABROAD},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.VSwitchId": OTHER_VSWITCH},
    ),
    (
        403,
        "EniPerInstanceLimitExceeded",
        ("RunInstances",),
        {"limits": {"interfaces_per_instance": 1}},
        {"NetworkInterface.1.NetworkInterfaceName": "second"},
    ),
    (403, "MaxEniCountExceeded", BOTH, NO_INTERFACES, {}),
    (404, "InvalidVSwitchId.NotFound", BOTH, {}, {"VSwitchId": "vsw-j6cnone"}),
    (404, "InvalidSecurityGroupId.NotFound", BOTH, {}, {"SecurityGroupId": "sg-j6cnone"}),
    (
        400,
        "InvalidSecurityGroupId.SingleIdAndMultiIdConflict",
        BOTH,
        {},
        {"SecurityGroupIds": [GROUP]},
    ),
    (
        400,
        "InvalidParameter.SecurityGroupIdRepeated",
        BOTH,
        {},
        {"SecurityGroupId": "", "SecurityGroupIds": [GROUP, GROUP]},
    ),
    (
        403,
        "InvalidVSwitchId.IpInvalid",
        ("CreateNetworkInterface",),
        {},
        {"PrimaryIpAddress": "10.0.0"},
    ),
    (
        403,
        "InvalidIp.IpAssigned",
        ("CreateNetworkInterface",),
        {},
        {"PrimaryIpAddress": "10.0.0.9"},
    ),
    (400, "InvalidInstanceName.Malformed", ("RunInstances",), {}, {"InstanceName": "x"}),
    (403, "OperationDenied.NoStock", ("RunInstances",), SOLD_OUT, {}),
    (
        403,
        "OperationDenied.InconsistentNetwork",
        ("RunInstances",),
        {},
        {"SecurityGroupId": OTHER_GROUP},
    ),
    (
        403,
        "OperationDenied.InconsistentNetwork",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.SecurityGroupId": OTHER_GROUP},
    ),
    (403, "InvalidParam.Amount", ("RunInstances",), {}, TWO),
    (400, "InvalidMinAmount.Malformed", ("RunInstances",), {}, {"MinAmount": 2}),
    (400, "QuotaExceed.AfterpayInstance", ("RunInstances",), NO_ROOM, {}),
    (
        400,
        "QuotaExceed.AfterpayInstance",
        ("RunInstances",),
        NO_ROOM,
        {"Amount": 9, "MinAmount": 2},
    ),
    (400, "InvalidParameter.Mismatch", ("RunInstances",), {}, {"ZoneId": "cn-hongkong-c"}),
    (
        400,
        "InvalidParameter.Conflict",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.InstanceType": "Primary"},
    ),
    (
        400,
        "InvalidParameter.Conflict",
        ("RunInstances",),
        {},
        {
            "PrivateIpAddress": "10.0.0.20",
            "Amount": 2,
            "NetworkInterface.1.NetworkInterfaceName": "second",
        },
    ),
    (
        400,
        "InvalidPrivateIpAddress.Malformed",
        ("RunInstances",),
        {},
        {"PrivateIpAddress": "10.0.0"},
    ),
    (
        400,
        "InvalidIPAddress.AlreadyUsed",
        ("RunInstances",),
        {},
        {"PrivateIpAddress": "10.0.0.8", "Amount": 2},
    ),
    (400, "InvalidTagKey.Malformed", BOTH, {}, {"Tag.1.Key": "acs:x"}),
    (400, "InvalidTagValue.Malformed", BOTH, {}, LONG_TAG),
    (400, "Duplicate.TagKey", BOTH, {}, TAG_TWICE),
    (
        404,
        "InvalidLaunchTemplate.NotFound",
        ("RunInstances",),
        {},
        {"LaunchTemplateId": "lt-j6cnone"},
    ),
    (404, "InvalidLaunchTemplate.NotFound", ("RunInstances",), {}, {"LaunchTemplateName": "none"}),
    (400, "InvalidParameter", ("RunInstances",), {}, {"Amount": 101}),
    (400, "InvalidParameter", ("RunInstances",), {}, {"Amount": "two"}),
    (400, "InvalidParameter", ("RunInstances",), {}, {"HostName": "x"}),
]
