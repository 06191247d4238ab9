"""Every error code that the local cloud can answer with, its HTTP status, and its words, once.

Statuses of the traffic mirror family are those of the VPC API 2016-04-28 error tables, where
every error is 400; those of the gateway are those seen in published answers. The words are our
own: clients go by the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from localcloud.compute_refusals import COMPUTE
from localcloud.messages import NO_HEADERS
from localcloud.tag_refusals import TAGS

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class RefusedError(Exception):
    """The service says no. `headers` go out with the answer, `detail` into its body."""

    def __init__(
        self,
        code: str,
        status: int,
        message: str,
        headers: Mapping[str, str] = NO_HEADERS,
        detail: Mapping[str, Any] = _NOTHING,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.status = status
        self.message = message
        self.headers = headers
        self.detail = detail


_GATEWAY: Mapping[str, tuple[int, str]] = {
    "MissingParameter": (400, "A parameter that every call needs is missing: {detail}."),
    "UnsupportedHTTPMethod": (403, "The method {detail} is not supported; use GET or POST."),
    "InvalidAction.NotFound": (404, "There is no action {detail}."),
    "InvalidVersion": (400, "There is no version {detail} of this service."),
    "InvalidAccessKeyId.NotFound": (404, "The access key id is not known."),
    "IncompleteSignature": (400, "The signature cannot be checked: {detail}."),
    "SignatureDoesNotMatch": (400, "The signature does not match. {detail}"),
    "SignatureNonceUsed": (400, "The signature nonce was used before."),
    "InvalidTimeStamp.Format": (400, "The date is not of the form yyyy-MM-ddTHH:mm:ssZ."),
    "InvalidTimeStamp.Expired": (400, "The date is outside of the window of {detail}."),
    "InvalidSecurityToken.MismatchWithAccessKey": (
        400,
        "The security token does not belong to the access key.",
    ),
    "MissingSecurityToken": (400, "SecurityToken is mandatory for this access key."),
    "Forbidden.RAM": (403, "The caller is not authorized for {detail}."),
    "InvalidRegionId.NotFound": (404, "The region {detail} is not served here."),
    "Throttling.User": (400, "Too many calls of this action by this account."),
    "Throttling": (400, "Too many calls."),
    "ServiceUnavailable": (503, "The service is not available at the moment."),
    "InternalError": (500, "The service failed for a reason of its own."),
    "SystemBusy": (400, "The service is busy; try again later."),
    "OperationConflict": (409, "Another operation on this resource is going on."),
    "LastTokenProcessing": (403, "The call that first used this client token is still going on."),
    "OperationFailed.LastTokenProcessing": (
        400,
        "The call that first used this client token is still going on.",
    ),
    "OperationFailed.IdempotentTokenProcessing": (
        400,
        "The call that first used this client token is still going on.",
    ),
    "IdempotentProcessing": (403, "A call with this client token is still going on."),
    "IdempotentParameterMismatch": (400, "This client token was used with other parameters."),
    "DryRunOperation": (400, "The dry run found nothing wrong; nothing was done."),
    "InvalidParameter": (400, "The parameter {detail}."),
}

_TRAFFIC_MIRROR: Mapping[str, tuple[int, str]] = {
    "IncorrectBusinessStatus.TrafficMirror": (400, "Traffic mirroring is in arrears or locked."),
    "OptInRequired.TrafficMirror": (400, "Traffic mirroring was never opened in this region."),
    "DuplicatedParam.SourceInstanceIds": (400, "A traffic mirror source is named twice."),
    "ResourceNotFound.TrafficMirrorSession": (400, "There is no such traffic mirror session."),
    "IncorrectStatus.TrafficMirrorSession": (
        400,
        "The traffic mirror session is not in a stable state.",
    ),
    "ResourceAlreadyAssociated.TrafficMirrorSource": (
        400,
        "The source already belongs to this traffic mirror session: {detail}.",
    ),
    "ResourceNotFound.NetworkInterface": (400, "There is no network interface {detail}."),
    "ResourceNotFound.EcsInstance": (400, "There is no ECS instance behind {detail}."),
    "OperationDenied.EcsNotSupportTrafficMirror": (
        400,
        "The instance of {detail} cannot have its traffic mirrored.",
    ),
    "OperationDenied.DuplicateRole": (
        400,
        "A network interface is either source or target, never both: {detail}.",
    ),
    "QuotaExceeded.NetworkInterfaceRelatedSession": (
        400,
        "{detail} belongs to as many traffic mirror sessions as it may.",
    ),
    "OperationDenied.FreeNetworkInterface": (400, "{detail} is attached to no ECS instance."),
    "QuotaExceeded.SourceNumPerSession": (
        400,
        "The traffic mirror session would have more sources than it may.",
    ),
    "QuotaExceeded.SourceNumPerTarget": (
        400,
        "The traffic mirror target would have more sources than it may.",
    ),
    "OperationUnsupported.BondingNetworkInterface": (
        400,
        "{detail} is a bond without a member.",
    ),
    "OperationDenied.UnsupportedTargetType": (
        400,
        "The interface of a NAT gateway needs a load balancer as target: {detail}.",
    ),
    "ResourceNotAssociated.TrafficMirrorSource": (
        400,
        "The source does not belong to this traffic mirror session: {detail}.",
    ),
    "ResourceNotFound.Slb": (400, "There is no load balancer {detail}."),
    "InvalidLoadBalancerId.NotFound": (400, "{detail} is not the id of a load balancer."),
    "OperationDenied.SlbNotInVpc": (400, "The load balancer {detail} is not in a VPC."),
    "OperationDenied.ClassicSLB": (400, "The load balancer {detail} is of the classic network."),
    "OperationFailed.NotSupportBizType": (400, "This kind of business is not supported."),
    "ResourceNotFound.TargetInstance": (
        400,
        "There is no ECS instance behind the target {detail}.",
    ),
    "ResourceNotFound.TrafficMirrorFilter": (400, "There is no traffic mirror filter {detail}."),
    "ResourceNotFound.TrafficMirrorRule": (400, "There is no traffic mirror rule {detail}."),
    "IncorrectStatus.TrafficMirrorFilter": (
        400,
        "The traffic mirror filter {detail} is not in a stable state.",
    ),
    "IncorrectStatus.TrafficMirrorRule": (
        400,
        "The traffic mirror rule {detail} is not in a stable state.",
    ),
    "IncorrectStatus.NetworkInterface": (
        400,
        "The network interface {detail} is not in a stable state.",
    ),
    "DependencyViolation.TrafficMirrorSession": (
        400,
        "Traffic mirror sessions use the filter {detail}.",
    ),
    "QuotaExceeded.SessionNum": (400, "There are as many traffic mirror sessions as there may be."),
    "QuotaExceeded.FilterRelatedSession": (
        400,
        "The filter {detail} has as many sessions as it may.",
    ),
    "QuotaExceeded.SlbRelatedSession": (400, "The target {detail} has as many sessions as it may."),
    "QuotaExceeded.TrafficMirrorFilter": (
        400,
        "There are as many traffic mirror filters as there may be.",
    ),
    "QuotaExceeded.TrafficMirrorRulesPerFilter": (
        400,
        "The filter would have more rules than it may.",
    ),
    "UnsupportedRegion": (400, "Traffic mirroring does not exist in the region {detail}."),
    "UnsupportedFeature.IpVersion": (400, "Rules for {detail} are not supported."),
    "DuplicatedParam.Priority": (400, "The priority {detail} is taken."),
    "IllegalParam.Priority": (400, "The priority {detail} is taken."),
    "IllegalParam.CidrBlock": (400, "{detail} is not a CIDR block."),
    "IllegalParamFormat.SrcCidrBlock": (400, "{detail} is not a CIDR block."),
    "IllegalParamFormat.DstCidrBlock": (400, "{detail} is not a CIDR block."),
    "ORDER.OPEND": (400, "Traffic mirroring is open already."),
    "OperationFailed.ExceedPurchaseLimit": (400, "The account has bought as much as it may."),
    "OperationFailed.AliGroupUserCanNotBuyInnerCommodity": (
        400,
        "This account cannot buy the service.",
    ),
    "OperationFailed.QuotaNotEnough": (400, "The account's quota is not enough."),
    "Order.NoRealNameAuthentication": (400, "The account's holder has not proved who they are."),
    "OperationFailed.BasicInfoUncompleted": (
        400,
        "The account's basic information is not complete.",
    ),
    "IllegalParam.ClientToken": (400, "ClientToken is at most 64 ASCII characters."),
    "IllegalParam.NextToken": (400, "NextToken is not one of this list."),
}

CATALOGUE: Mapping[str, tuple[int, str]] = MappingProxyType(
    {**_GATEWAY, **_TRAFFIC_MIRROR, **COMPUTE, **TAGS}
)


def refused(
    code: str, detail: str = "", status: int | None = None, headers: Mapping[str, str] = NO_HEADERS
) -> RefusedError:
    """The error to raise for a code; one that the catalogue lacks answers 400 and its own name."""
    usual, words = CATALOGUE.get(code, (400, code))
    return RefusedError(code, status or usual, words.replace("{detail}", detail), headers)


def missing(name: str) -> RefusedError:
    """A parameter that the action requires was not sent."""
    return RefusedError(f"Missing{name}", 400, f"{name} is mandatory for this action.")
