"""The things in the world: plain records whose fields are the keys of the fleet file.

Everything but an id may be left out. The world owns its records and changes them in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, with_config

from localcloud.world.moments import Moment, Seconds

STRICT = ConfigDict(extra="forbid")
LONG_AGO = 1767225600.0  # 2026-01-01T00:00:00Z

Id = Annotated[str, Field(min_length=1, max_length=128)]
InstanceStatus = Literal["Pending", "Running", "Starting", "Stopping", "Stopped"]
InterfaceStatus = Literal[
    "Creating", "Available", "Attaching", "InUse", "Detaching", "Deleting", "CreateFailed"
]
Deleted = Literal["Deleted"]
InterfaceOperation = Literal[
    "",
    "CreateNetworkInterface",
    "AttachNetworkInterface",
    "DetachNetworkInterface",
    "DeleteNetworkInterface",
]
SessionStatus = Literal["Creating", "Created", "Modifying", "Deleting"]
BusinessStatus = Literal["Normal", "FinancialLocked"]
TargetType = Literal["NetworkInterface", "SLB"]
Priority = Annotated[int, Field(ge=0, le=32766)]
VirtualNetworkId = Annotated[int, Field(ge=0, le=16777215)]
PacketLength = Annotated[int, Field(ge=64, le=8500)]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class InstanceTurn:
    """A status that an instance takes by itself, `after_s` seconds from now; Deleted ends it.

    `request_id` is that of the call that brings it about.
    """

    status: InstanceStatus | Deleted
    after_s: Seconds
    request_id: str = ""


@with_config(STRICT)
@dataclass(slots=True)
class Instance:
    """An ECS instance. `supports_mirror` false refuses its interfaces as sources.

    `locked` is a lock for security reasons. `becomes` lists statuses taken later:
    `[{"status": "Running", "after_s": 4}]`.
    """

    id: Id
    type: str = "ecs.g7.large"
    status: InstanceStatus = "Running"
    supports_mirror: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    name: str = ""
    description: str = ""
    host_name: str = ""
    image: str = "aliyun_3_x64_20G_alibase.vhd"
    zone: str = "cn-hongkong-b"
    resource_group: str = ""
    deletion_protection: bool = False
    locked: bool = False
    created: Moment = LONG_AGO
    becomes: tuple[InstanceTurn, ...] = ()

    @property
    def family(self) -> str:
        """`ecs.g7` of `ecs.g7.large`."""
        return self.type.rpartition(".")[0]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Turn:
    """A status that an interface takes by itself, `after_s` seconds from now; Deleted ends it.

    `operation` and `request_id` name the call that brings it about, if one does.
    """

    status: InterfaceStatus | Deleted
    after_s: Seconds
    operation: InterfaceOperation = ""
    request_id: str = ""


@with_config(STRICT)
@dataclass(slots=True)
class NetworkInterface:
    """An elastic network interface.

    `instance` may name an instance that the fleet does not list: then it does not exist.
    `trunk` is the trunk interface of a member interface. `nat_gateway` marks the interface of
    a NAT gateway, `bond_without_slave` a bond that has no member. `delete_on_release` lets a
    secondary interface go with its instance, as a primary one always does. `becomes` lists
    statuses taken later: `[{"status": "InUse", "after_s": 4}]`; one that becomes Available is
    attached to nothing from then on.
    """

    id: Id
    instance: Id | None = None
    type: Literal["Primary", "Secondary"] = "Secondary"
    status: InterfaceStatus = "InUse"
    vpc: str = "vpc-j6c00000000000000001"
    vswitch: str = "vsw-j6c00000000000000001"
    zone: str = "cn-hongkong-b"
    security_groups: tuple[str, ...] = ("sg-j6c0000000000000001",)
    tags: dict[str, str] = field(default_factory=dict)
    service_managed: bool = False
    bond_without_slave: bool = False
    nat_gateway: bool = False
    trunk: Id | None = None
    name: str = ""
    description: str = ""
    private_ip: str | None = None
    resource_group: str = ""
    delete_on_release: bool = True
    created: Moment = LONG_AGO
    becomes: tuple[Turn, ...] = ()


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class VSwitch:
    """A virtual switch, which places what is connected to it in a VPC and a zone."""

    id: Id
    vpc: str = "vpc-j6c00000000000000001"
    zone: str = "cn-hongkong-b"


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group of a VPC."""

    id: Id
    vpc: str = "vpc-j6c00000000000000001"


@with_config(STRICT)
@dataclass(slots=True)
class Slb:
    """A load balancer that may be a target. `classic` is one of the classic network."""

    id: Id
    in_vpc: bool = True
    classic: bool = False


@with_config(STRICT)
@dataclass(slots=True)
class SessionUpdate:
    """What an update of a session sets; None leaves an attribute as it is."""

    name: str | None = None
    description: str | None = None
    filter: Id | None = None
    target: Id | None = None
    target_type: TargetType | None = None
    priority: Priority | None = None
    enabled: bool | None = None
    virtual_network_id: VirtualNetworkId | None = None
    packet_length: PacketLength | None = None


@with_config(STRICT)
@dataclass(slots=True)
class Change:
    """A change that a session is busy with: done in `remaining_s`, without effect if it fails."""

    remaining_s: Seconds
    add: tuple[Id, ...] = ()
    fails: bool = False
    remove: tuple[Id, ...] = ()
    update: SessionUpdate | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class TagTurn:
    """Tags that something gets by itself, `after_s` seconds from now; null takes one off."""

    after_s: Seconds
    tags: dict[str, str | None]


@with_config(STRICT)
@dataclass(slots=True)
class Session:
    """A traffic mirror session. Without a `priority` it gets the lowest free one.

    A status other than Created needs no `change`: without one it stays as it is for ever.
    `tags_become` lists what another system makes of its tags later.
    """

    id: Id
    name: str = ""
    description: str = ""
    filter: str = ""
    target: str = ""
    target_type: TargetType = "NetworkInterface"
    priority: Priority = 0
    enabled: bool = True
    virtual_network_id: VirtualNetworkId = 0
    packet_length: PacketLength = 1500
    sources: tuple[Id, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    resource_group: str = ""
    business_status: BusinessStatus = "Normal"
    created: Moment = LONG_AGO
    status: SessionStatus = "Created"
    change: Change | None = None
    tags_become: tuple[TagTurn, ...] = ()
