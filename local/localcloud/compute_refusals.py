"""Error codes of the ECS calls that create, change and delete instances and interfaces.

Codes and statuses are those of the error tables of ECS API 2014-05-26; unlike in VPC, statuses
differ there. The words are our own, as in `refusals`.
"""

from __future__ import annotations

from collections.abc import Mapping

COMPUTE: Mapping[str, tuple[int, str]] = {
    "InvalidInstanceID.Malformed": (400, "{detail} is not the id of an instance."),
    "InvalidParams.EniId": (400, "{detail} is not the id of a network interface."),
    "InvalidEcsId.NotFound": (404, "There is no instance {detail}."),
    "InvalidInstanceId.NotFound": (404, "There is no instance {detail}."),
    "InvalidEniId.NotFound": (404, "There is no network interface {detail}."),
    "InvalidVSwitchId.NotFound": (404, "There is no vSwitch {detail}."),
    "InvalidSecurityGroupId.NotFound": (404, "There is no security group {detail}."),
    "InvalidOperation.InvalidEcsState": (400, "The status of the instance {detail} forbids this."),
    "InvalidOperation.InvalidEniState": (400, "The status of the interface {detail} forbids this."),
    "InvalidOperation.DetachPrimaryEniNotAllowed": (
        400,
        "The primary interface {detail} stays with its instance.",
    ),
    "InvalidOperation.InvalidEniType": (403, "This cannot be done with a primary interface."),
    "InvalidOperation.EniServiceManaged": (403, "A service manages the interface {detail}."),
    "InvalidOperation.VpcMismatch": (403, "{detail} is in another VPC."),
    "InvalidOperation.AvailabilityZoneMismatch": (403, "{detail} is in another zone."),
    "EniPerInstanceLimitExceeded": (403, "{detail} has as many interfaces as it may."),
    "MaxEniCountExceeded": (403, "There are as many interfaces as there may be."),
    "InvalidVSwitchId.IpInvalid": (403, "{detail} is not an address of the vSwitch."),
    "InvalidIp.IpAssigned": (403, "The address {detail} is taken."),
    "IncorrectInstanceStatus": (403, "The status of the instance {detail} forbids this."),
    "IncorrectInstanceStatus.Initializing": (403, "The instance {detail} is being created."),
    "InstanceLockedForSecurity": (403, "The instance {detail} is locked for security reasons."),
    "InvalidOperation.DeletionProtection": (403, "The instance {detail} is protected."),
    "OperationDenied.NoStock": (403, "{detail} is sold out."),
    "OperationDenied.InconsistentNetwork": (
        403,
        "The security group {detail} is not in the VPC of the vSwitch.",
    ),
    "InvalidParam.Amount": (403, "An existing interface can be attached to one instance only."),
    "InvalidMinAmount.Malformed": (400, "MinAmount is at most Amount."),
    "QuotaExceed.AfterpayInstance": (400, "There are as many instances as there may be."),
    "InvalidParameter.Mismatch": (400, "The vSwitch is not in the zone {detail}."),
    "InvalidParameter.Conflict": (400, "{detail}"),
    "InvalidPrivateIpAddress.Malformed": (400, "{detail} is not an address."),
    "InvalidIPAddress.AlreadyUsed": (400, "The address {detail} is taken."),
    "InvalidInstanceName.Malformed": (400, "{detail} is not a name for an instance."),
    "InvalidTagKey.Malformed": (400, "{detail} is not the key of a tag."),
    "InvalidTagValue.Malformed": (400, "{detail} is not the value of a tag."),
    "Duplicate.TagKey": (400, "The tag {detail} is given twice."),
    "InvalidSecurityGroupId.SingleIdAndMultiIdConflict": (
        400,
        "SecurityGroupId and SecurityGroupIds exclude each other.",
    ),
    "InvalidParameter.SecurityGroupIdRepeated": (
        400,
        "The security group {detail} is given twice.",
    ),
    "InvalidLaunchTemplate.NotFound": (404, "There is no launch template {detail}."),
}
