"""The parameters of RunInstances (ECS API 2014-05-26): those with an effect here, and the rest."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from localcloud.api.ecs import naming
from localcloud.api.parameters import Boolean, IdempotentParameters, Identifier, Integer, Text

_Amount = Annotated[Integer, Field(ge=1, le=100)]


class NewInterface(BaseModel):
    """An interface of a launch: the primary one, a new secondary one, or one that exists."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    network_interface_id: Identifier | None = None
    instance_type: Literal["Primary", "Secondary"] = "Secondary"
    v_switch_id: Identifier | None = None
    security_group_id: Identifier | None = None
    security_group_ids: naming.Groups = ()
    primary_ip_address: Identifier | None = None
    network_interface_name: naming.Name | None = None
    description: naming.Description | None = None
    delete_on_release: Boolean = True


class RunInstances(IdempotentParameters):
    """Parameters of RunInstances."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset(
        {
            "Affinity",
            "Arn",
            "AutoPay",
            "AutoReleaseTime",
            "AutoRenew",
            "AutoRenewPeriod",
            "ClockOptions",
            "CpuOptions",
            "CreditSpecification",
            "DataDisk",
            "DedicatedHostId",
            "DeploymentSetGroupNo",
            "DeploymentSetId",
            "HibernationOptions",
            "HostNames",
            "HpcClusterId",
            "HttpEndpoint",
            "HttpPutResponseHopLimit",
            "HttpTokens",
            "ImageOptions",
            "InstanceChargeType",
            "InternetChargeType",
            "InternetMaxBandwidthIn",
            "InternetMaxBandwidthOut",
            "IoOptimized",
            "Ipv6Address",
            "Ipv6AddressCount",
            "Isp",
            "KeyPairName",
            "LaunchTemplateVersion",
            "ManagedHostId",
            "NetworkInterfaceQueueNumber",
            "NetworkOptions",
            "Password",
            "PasswordInherit",
            "Period",
            "PeriodUnit",
            "PrivateDnsNameOptions",
            "PrivatePoolOptions",
            "RamRoleName",
            "SchedulerOptions",
            "SecurityEnhancementStrategy",
            "SecurityOptions",
            "SpotDuration",
            "SpotInterruptionBehavior",
            "SpotPriceLimit",
            "SpotStrategy",
            "StorageSetId",
            "StorageSetPartitionNumber",
            "SystemDisk",
            "Tenancy",
            "UserData",
        }
    )

    image_id: Identifier | None = None
    image_family: Identifier | None = None
    instance_type: Identifier | None = None
    launch_template_id: Identifier | None = None
    launch_template_name: Identifier | None = None
    amount: _Amount = 1
    min_amount: _Amount | None = None
    instance_name: Text | None = None
    host_name: Annotated[str, Field(min_length=2, max_length=64)] | None = None
    unique_suffix: Boolean = False
    description: naming.Description | None = None
    zone_id: Identifier | None = None
    v_switch_id: Identifier | None = None
    security_group_id: Identifier | None = None
    security_group_ids: naming.Groups = ()
    private_ip_address: Identifier | None = None
    network_interface: Annotated[tuple[NewInterface, ...], Field(max_length=16)] = ()
    resource_group_id: Identifier | None = None
    deletion_protection: Boolean = False
    tag: naming.NewTags = ()
