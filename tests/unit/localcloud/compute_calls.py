"""A fleet, and for each ECS call that makes it move the parameters with which it succeeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DeskOf = Callable[..., Any]
RUNNING, STOPPED, PENDING = "i-j6crunning", "i-j6cstopped", "i-j6cpending"
PRIMARY, ATTACHED, FREE = "eni-j6cprimary", "eni-j6cattached", "eni-j6cfree"
MANAGED, ELSEWHERE, ABROAD = "eni-j6cmanaged", "eni-j6celsewhere", "eni-j6cabroad"
VSWITCH, GROUP = "vsw-j6c00000000000000001", "sg-j6c0000000000000001"
OTHER_VSWITCH, OTHER_GROUP = "vsw-j6cother", "sg-j6cother"
FLEET: dict[str, Any] = {
    "fleet": {},
    "vswitches": [{"id": OTHER_VSWITCH, "vpc": "vpc-j6cother", "zone": "cn-hongkong-c"}],
    "security_groups": [{"id": OTHER_GROUP, "vpc": "vpc-j6cother"}],
    "instances": [
        {"id": RUNNING},
        {"id": STOPPED, "status": "Stopped"},
        {"id": PENDING, "status": "Pending"},
        {"id": "i-j6clocked", "status": "Stopped", "locked": True},
        {"id": "i-j6cprotected", "status": "Stopped", "deletion_protection": True},
    ],
    "network_interfaces": [
        {"id": PRIMARY, "instance": RUNNING, "type": "Primary"},
        {"id": ATTACHED, "instance": RUNNING},
        {"id": FREE, "status": "Available", "private_ip": "10.0.0.9"},
        {"id": MANAGED, "status": "Available", "service_managed": True},
        {"id": ELSEWHERE, "status": "Available", "zone": "cn-hongkong-c"},
        {"id": ABROAD, "status": "Available", "vpc": "vpc-j6cother"},
    ],
}
LAUNCH = {
    "ImageId": "m-j6cimage",
    "InstanceType": "ecs.g7.large",
    "VSwitchId": VSWITCH,
    "SecurityGroupId": GROUP,
}
GOOD: dict[str, dict[str, Any]] = {
    "RunInstances": LAUNCH,
    "StartInstance": {"InstanceId": STOPPED},
    "StartInstances": {"InstanceId": [STOPPED]},
    "StopInstance": {"InstanceId": RUNNING},
    "StopInstances": {"InstanceId": [RUNNING]},
    "DeleteInstance": {"InstanceId": STOPPED},
    "DeleteInstances": {"InstanceId": [STOPPED]},
    "CreateNetworkInterface": {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP},
    "AttachNetworkInterface": {"NetworkInterfaceId": FREE, "InstanceId": RUNNING},
    "DetachNetworkInterface": {"NetworkInterfaceId": ATTACHED, "InstanceId": RUNNING},
    "DeleteNetworkInterface": {"NetworkInterfaceId": FREE},
}
Row = tuple[int, str, tuple[str, ...], dict[str, Any], dict[str, Any]]
"""A refusal: status, code, the calls that give it, keys of the fleet, parameters of the call."""
