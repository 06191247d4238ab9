"""The error table: every code the cloud documents, what it means and what a person does about it.

Sources: VPC API 2016-04-28 (the traffic mirror actions and "Ensure idempotence"), ECS API
2014-05-26 (DescribeNetworkInterfaces, DescribeInstances) and the common error codes of the
OpenAPI gateway. A new code is one more line here; who decides by a refusal asks what it `means`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from evermirror.results import About, Kind, Meaning


class Refusal(NamedTuple):
    """What a code asks for, why, and a remedy for a security engineer, a sentence each."""

    kind: Kind
    about: About
    sentence: str
    remedy: str
    loud: bool = False
    same_token: bool = False
    means: Meaning | None = None


def _done(about: About, sentence: str, means: Meaning | None = None) -> Refusal:
    return Refusal(Kind.DONE, about, sentence, NOTHING_TO_DO, means=means)


def _wait(about: About, sentence: str, remedy: str, means: Meaning | None = None) -> Refusal:
    return Refusal(Kind.WAIT, about, sentence, remedy, means=means)


def _never(about: About, sentence: str, remedy: str, *, loud: bool = False) -> Refusal:
    return Refusal(Kind.NEVER, about, sentence, remedy, loud=loud)


def _unfit(sentence: str, remedy: str, means: Meaning = Meaning.INTERFACE_TYPE) -> Refusal:
    return _never(About.INTERFACE, sentence, remedy)._replace(means=means)


def _elsewhere(about: About, sentence: str, remedy: str, means: Meaning) -> Refusal:
    return Refusal(Kind.ELSEWHERE, about, sentence, remedy, means=means)


def _stop(sentence: str, remedy: str, means: Meaning | None = None) -> Refusal:
    return Refusal(Kind.STOP, About.SERVICE, sentence, remedy, loud=True, means=means)


NOTHING_TO_DO = "Nothing to do."
WAITS_ALONE = "Nothing to do: it is tried again."
REPORT = "Report this: the request that Evermirror built is at fault."

THROTTLED = _wait(
    About.SERVICE,
    "Too many requests of this account in this minute.",
    "Nothing to do unless it stays: lower the request budget or ask for a higher quota.",
)
UNAVAILABLE = _wait(About.SERVICE, "The service is overloaded or failed for now.", WAITS_ALONE)
BUSY_SESSION = _wait(About.SESSION, "The session takes another change, one at a time.", WAITS_ALONE)
BUSY_FILTER = _wait(About.SESSION, "The filter of the session is taking a change.", WAITS_ALONE)
SAME_REQUEST_RUNNING = _wait(
    About.CALL, "The earlier request with the same token is still being worked on.", WAITS_ALONE
)._replace(same_token=True)
TOKEN_SPENT = _wait(About.CALL, "The token stands for another or a failed request.", WAITS_ALONE)
PRIORITY_TAKEN = _wait(
    About.CALL,
    "Another session of the account holds this priority.",
    "Nothing to do unless it stays: then give the pool a range of priorities of its own.",
    Meaning.TAKEN,
)
NOT_VISIBLE = _wait(
    About.INTERFACE,
    "The service knows no such interface or instance, as happens right after creation.",
    "If the interface still exists, check that it is in this account and region.",
)
NOT_ATTACHED = _wait(
    About.INTERFACE,
    "The interface is attached to no running instance yet.",
    "Attach the interface; attaching it again is noticed by itself.",
)
FORBIDDEN_SESSION = _elsewhere(
    About.SESSION,
    "The role may not change this session.",
    "Grant the role vpc:AddSourcesToTrafficMirrorSession on this session.",
    Meaning.FORBIDDEN,
)._replace(loud=True)
FORBIDDEN_READING = _stop(
    "The role may not read sessions, interfaces or instances.",
    "Grant the role vpc:ListTrafficMirrorSessions, ecs:DescribeNetworkInterfaces and "
    "ecs:DescribeInstances.",
)
BAD_CREDENTIALS = _stop(
    "The access key or its security token is unknown, disabled, expired or does not match.",
    "Check the role of the function, or the access key that was configured.",
)
BAD_SIGNATURE = _stop(
    "The service computed another signature.",
    "Check the access key secret, and that no proxy changes the requests.",
)
WRONG_CLOCK = _stop(
    "The request's time is too far from the service's.",
    "Set the clock of the machine that sent the request.",
)
NO_SUCH_REGION = _stop(
    "The service, or traffic mirroring, does not exist in this region.",
    "Check the region; deploy where traffic mirroring is offered.",
)
ACCOUNT_NOT_READY = _stop(
    "The account cannot open traffic mirroring.",
    "Complete the account's information, real-name registration and payment in the console.",
)
BAD_REQUEST = _never(About.CALL, "The service does not accept the request.", REPORT, loud=True)
BAD_FILTER_RULE = _never(
    About.CALL,
    "A filter rule has an address range or IP version that is not accepted.",
    "Correct the rule of the traffic mirror filter.",
)
NO_TARGET = _never(
    About.TARGET,
    "The target, its load balancer or the filter does not exist.",
    "Correct the target or the filter that the pool names.",
    loud=True,
)
UNFIT_TARGET = _never(
    About.TARGET,
    "The load balancer cannot be a target: it must be an internal one inside a VPC.",
    "Give the pool another target.",
    loud=True,
)
UNFIT_BOND = _unfit(
    "The interface is a bond that cannot be mirrored.",
    "Mirror the traffic on another interface of the instance.",
)
TOO_MANY_OF_ACCOUNT = _never(
    About.SERVICE,
    "The account holds as many of these as its quota allows.",
    "Ask for a higher quota in the quota center, or delete what is not used.",
    loud=True,
)

_GROUPS: tuple[tuple[Refusal, str], ...] = (
    (THROTTLED, "Throttling Throttling.User Throttling.Api Throttling.Resource"),
    (THROTTLED, "Rejected.Throttling"),
    (UNAVAILABLE, "ServiceUnavailable InternalError SystemBusy OperationFailed.SystemBusy"),
    (BUSY_SESSION, "IncorrectStatus.TrafficMirrorSession IncorrectStatus OperationConflict"),
    (BUSY_SESSION, "TaskConflict OperationFailed.ConcurrentOperation"),
    (BUSY_FILTER, "IncorrectStatus.TrafficMirrorFilter IncorrectStatus.TrafficMirrorRule"),
    (SAME_REQUEST_RUNNING, "LastTokenProcessing OperationFailed.LastTokenProcessing"),
    (SAME_REQUEST_RUNNING, "OperationFailed.IdempotentTokenProcessing IdempotentProcessing"),
    (SAME_REQUEST_RUNNING, "SignatureNonceUsed"),
    (TOKEN_SPENT, "IdempotentParameterMismatch Duplicated.ClientToken IdempotentFailed"),
    (PRIORITY_TAKEN, "IllegalParam.Priority DuplicatedParam.Priority"),
    (NOT_VISIBLE, "ResourceNotFound.NetworkInterface ResourceNotFound.EcsInstance"),
    (NOT_VISIBLE, "InvalidEniId.NotFound InvalidEcsId.NotFound"),
    (NOT_ATTACHED, "OperationDenied.FreeNetworkInterface IncorrectStatus.NetworkInterface"),
    (FORBIDDEN_SESSION, "Forbidden Forbidden.RAM"),
    (BAD_CREDENTIALS, "InvalidAccessKeyId.NotFound InvalidAccessKeyId.Inactive"),
    (BAD_CREDENTIALS, "InvalidSecurityToken.Expired InvalidSecurityToken.Malformed"),
    (BAD_CREDENTIALS, "InvalidSecurityToken.MismatchWithAccessKey"),
    (BAD_SIGNATURE, "SignatureDoesNotMatch IncompleteSignature"),
    (WRONG_CLOCK, "InvalidTimeStamp.Expired"),
    (NO_SUCH_REGION, "UnsupportedRegion InvalidRegionId.NotFound InvalidRegionId.MalFormed"),
    (NO_SUCH_REGION, "Forbidden.RegionId"),
    (ACCOUNT_NOT_READY, "OperationFailed.AliGroupUserCanNotBuyInnerCommodity"),
    (ACCOUNT_NOT_READY, "OperationFailed.BasicInfoUncompleted OperationFailed.QuotaNotEnough"),
    (ACCOUNT_NOT_READY, "OperationFailed.ExceedPurchaseLimit Order.NoRealNameAuthentication"),
    (BAD_REQUEST, "DuplicatedParam.SourceInstanceIds IllegalParam.ClientToken MissingParameter"),
    (BAD_REQUEST, "InvalidParameter UnsupportedParameter InvalidAction.NotFound InvalidVersion"),
    (BAD_REQUEST, "UnsupportedHTTPMethod InvalidVSwitchId.NotFound"),
    (BAD_REQUEST, "InvalidSecurityGroupId.NotFound"),
    (BAD_FILTER_RULE, "IllegalParamFormat.SrcCidrBlock IllegalParamFormat.DstCidrBlock"),
    (BAD_FILTER_RULE, "IllegalParam.CidrBlock UnsupportedFeature.IpVersion"),
    (NO_TARGET, "ResourceNotFound.Slb InvalidLoadBalancerId.NotFound"),
    (NO_TARGET, "ResourceNotFound.TargetInstance ResourceNotFound.TrafficMirrorFilter"),
    (NO_TARGET, "ResourceNotFound.TrafficMirrorRule"),
    (UNFIT_TARGET, "OperationDenied.SlbNotInVpc OperationDenied.ClassicSLB"),
    (UNFIT_BOND, "OperationUnsupported.BondingNetworkInterface"),
    (UNFIT_BOND, "OperationDenied.InvalidSourceBondEniType"),
    (TOO_MANY_OF_ACCOUNT, "QuotaExceeded.SessionNum QuotaExceeded.TrafficMirrorFilter"),
    (TOO_MANY_OF_ACCOUNT, "QuotaExceeded.FilterRelatedSession"),
    (TOO_MANY_OF_ACCOUNT, "QuotaExceeded.TrafficMirrorRulesPerFilter"),
)

_SINGLE: Mapping[str, Refusal] = {
    "ResourceAlreadyAssociated.TrafficMirrorSource": _done(
        About.INTERFACE, "The interface is in this session already.", Meaning.ALREADY_ASSOCIATED
    ),
    "ResourceNotAssociated.TrafficMirrorSource": _done(
        About.INTERFACE, "The interface is not in this session.", Meaning.NOT_ASSOCIATED
    ),
    "DryRunOperation": _done(
        About.CALL, "The dry run passed; nothing was changed.", Meaning.DRY_RUN_PASSED
    ),
    "ORDER.OPEND": _done(About.SERVICE, "Traffic mirroring is open already."),
    "IllegalParam.NextToken": _wait(
        About.CALL, "The place in the list is no longer valid.", WAITS_ALONE
    ),
    "QuotaExceeded.SourceNumPerSession": _elsewhere(
        About.SESSION,
        "The session is full.",
        "Add a session to the pool, or raise trafficmirror_quota_source_num_per_session.",
        Meaning.SESSION_FULL,
    ),
    "QuotaExceeded.SourceNumPerTarget": _elsewhere(
        About.TARGET,
        "The target of the session takes no more sources.",
        "Add a session with another target to the pool, or raise the quota of sources per target.",
        Meaning.TARGET_FULL,
    ),
    "QuotaExceeded.SlbRelatedSession": _elsewhere(
        About.TARGET,
        "The load balancer is the target of as many sessions as it may be.",
        "Give the pool one more load balancer as target.",
        Meaning.TARGET_FULL,
    ),
    "QuotaExceeded.NetworkInterfaceRelatedSession": _elsewhere(
        About.INTERFACE,
        "The interface is a source of three sessions, which is the most there can be.",
        "Take the interface out of a session that is not needed.",
        Meaning.IN_THREE_SESSIONS,
    ),
    "ResourceNotFound.TrafficMirrorSession": _elsewhere(
        About.SESSION,
        "The session does not exist.",
        "Correct the session id in the policy, or create the session again.",
        Meaning.NO_SESSION,
    )._replace(loud=True),
    "IncorrectBusinessStatus.TrafficMirror": _stop(
        "Traffic mirroring is locked for an unpaid bill.",
        "Pay the account's bill; mirroring goes on within 15 days of the lock.",
        Meaning.LOCKED,
    ),
    "OptInRequired.TrafficMirror": _stop(
        "Traffic mirroring is not opened in this region.",
        "Open traffic mirroring for this region in the VPC console.",
    ),
    "OperationDenied.EcsNotSupportTrafficMirror": _unfit(
        "The instance's type cannot be mirrored.",
        "Exclude its instance family by a rule of the policy, or move the workload to a type that "
        "supports traffic mirroring.",
        Meaning.INSTANCE_TYPE,
    ),
    "OperationDenied.DuplicateRole": _never(
        About.INTERFACE,
        "The interface is the target of a session and cannot be a source as well.",
        "Exclude the sensor's interfaces by a rule of the policy.",
    ),
    "OperationDenied.UnsupportedTargetType": _unfit(
        "The interface belongs to a NAT gateway, which only a load balancer can receive.",
        "Send interfaces of NAT gateways to a pool whose target is a load balancer.",
    ),
    "OperationFailed.NotSupportBizType": _unfit(
        "An interface used by this kind of service cannot take part in mirroring.",
        "Exclude the interface by a rule of the policy.",
    ),
    "InvalidInstanceID.Malformed": _never(
        About.INTERFACE, "The text is not an instance id.", "Correct the id and ask again."
    ),
    "InvalidSource.TrafficMirrorSession": _never(
        About.INTERFACE,
        "The instance cannot move to another VPC while it is mirrored.",
        "Take its interfaces out of their sessions first.",
    ),
    "InvalidTarget.TrafficMirrorSession": _never(
        About.INTERFACE,
        "The instance cannot move to another VPC while it is the target of a session.",
        "Give the session another target first.",
    ),
    "DependencyViolation.TrafficMirrorSession": _never(
        About.CALL, "A session uses the filter.", "Delete the session first."
    ),
}

TABLE: Mapping[str, Refusal] = MappingProxyType(
    {code: entry for entry, codes in _GROUPS for code in codes.split()} | dict(_SINGLE)
)
"""For every action."""

ON_READING: Mapping[str, Refusal] = MappingProxyType(
    {"Forbidden": FORBIDDEN_READING, "Forbidden.RAM": FORBIDDEN_READING}
)
"""What a List or Describe call makes of the same codes."""

FAMILIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Throttling\..+"), "Throttling"),
    (re.compile(r"IncorrectStatus\..+"), "IncorrectStatus"),
    (re.compile(r"InvalidAccessKeyId\..+"), "InvalidAccessKeyId.NotFound"),
    (re.compile(r"InvalidSecurityToken\..+"), "InvalidSecurityToken.Malformed"),
    (re.compile(r"Forbidden\..+"), "Forbidden"),
    (re.compile(r"Missing[A-Z]\w*"), "MissingParameter"),
    (re.compile(r"InvalidVpc\..+"), "InvalidParameter"),
    (re.compile(r"IllegalParam\..+"), "InvalidParameter"),
)
"""Codes documented as a family: a pattern, and the code whose entry they share."""
