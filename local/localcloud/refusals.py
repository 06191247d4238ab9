"""Every error code that the local cloud can answer with, its HTTP status, and its words, once.

Statuses of the traffic mirror family are those of the VPC API 2016-04-28 error tables, where
every error is 400; those of the gateway are those seen in published answers. The words are our
own: clients go by the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from localcloud.messages import NO_HEADERS


class RefusedError(Exception):
    """The service says no. `headers` go out with the answer."""

    def __init__(
        self, code: str, status: int, message: str, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.status = status
        self.message = message
        self.headers = headers


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
    "IllegalParam.ClientToken": (400, "ClientToken is at most 64 ASCII characters."),
    "IllegalParam.NextToken": (400, "NextToken is not one of this list."),
}

CATALOGUE: Mapping[str, tuple[int, str]] = MappingProxyType({**_GATEWAY, **_TRAFFIC_MIRROR})


def refused(
    code: str, detail: str = "", status: int | None = None, headers: Mapping[str, str] = NO_HEADERS
) -> RefusedError:
    """The error to raise for a code; one that the catalogue lacks answers 400 and its own name."""
    usual, words = CATALOGUE.get(code, (400, code))
    return RefusedError(code, status or usual, words.replace("{detail}", detail), headers)


def missing(name: str) -> RefusedError:
    """A parameter that the action requires was not sent."""
    return RefusedError(f"Missing{name}", 400, f"{name} is mandatory for this action.")
