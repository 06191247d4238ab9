"""Every published error of the traffic mirror family is reached by a fleet and a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .family_calls import (
    FACTS,
    FILTER,
    FRESH,
    GOOD,
    ODD,
    RULE,
    SESSION,
    SLB,
    SOURCE,
    TARGET,
    DeskOf,
    fleet,
)

BUSY_FILTER = {"filters": [{"id": FILTER, "status": "Modifying", "rules": [{"id": RULE}]}]}
BUSY_RULE = {"filters": [{"id": FILTER, "rules": [{"id": RULE, "status": "Modifying"}]}]}
TO_SLB = {"TrafficMirrorTargetId": SLB, "TrafficMirrorTargetType": "SLB"}
OTHER_SLB = {"TrafficMirrorTargetId": "lb-j6cother", "TrafficMirrorTargetType": "SLB"}
FROM_ODD = {"TrafficMirrorSourceIds": [ODD]}
TO_ODD = {"TrafficMirrorTargetId": ODD, "TrafficMirrorTargetType": "NetworkInterface"}
NO_ODD_INSTANCE = {
    "network_interfaces": [
        *({"id": one, "instance": "i-j6cfine"} for one in (SOURCE, FRESH, TARGET)),
        {"id": ODD, "instance": "i-j6cnone"},
    ]
}
ANY_TARGET: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ResourceNotFound.Slb": ({}, OTHER_SLB),
    "InvalidLoadBalancerId.NotFound": ({}, {**OTHER_SLB, "TrafficMirrorTargetId": "odd"}),
    "OperationDenied.SlbNotInVpc": (
        {"slbs": [{"id": "lb-j6cother", "in_vpc": False}]},
        OTHER_SLB,
    ),
    "OperationDenied.ClassicSLB": (
        {"slbs": [{"id": "lb-j6cother", "classic": True}]},
        OTHER_SLB,
    ),
    "QuotaExceeded.SlbRelatedSession": (
        {"slbs": [{"id": "lb-j6cother"}], "limits": {"sessions_per_slb_target": 0}},
        OTHER_SLB,
    ),
    "OperationFailed.NotSupportBizType": ({"service": {"business_type_supported": False}}, {}),
    "ResourceNotFound.TrafficMirrorFilter": ({}, {"TrafficMirrorFilterId": "tmf-j6cnone"}),
    "IncorrectStatus.TrafficMirrorFilter": (BUSY_FILTER, {"TrafficMirrorFilterId": FILTER}),
    "QuotaExceeded.FilterRelatedSession": (
        {"limits": {"sessions_per_filter": 0}},
        {"TrafficMirrorFilterId": FILTER},
    ),
    "QuotaExceeded.SourceNumPerTarget": ({"limits": {"sources_per_target": 0}}, {}),
}
ANY_SESSION: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ResourceNotFound.TrafficMirrorSession": ({}, {"TrafficMirrorSessionId": "tms-j6cnone"}),
    "IncorrectStatus.TrafficMirrorSession": ({"session": {"status": "Modifying"}}, {}),
}
ANY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "IncorrectBusinessStatus.TrafficMirror": (
        {"service": {"business_status": "FinancialLocked"}},
        {},
    ),
    "OptInRequired.TrafficMirror": ({"service": {"enabled": False}}, {}),
    "UnsupportedRegion": ({"service": {"region_supported": False}}, {}),
    "DuplicatedParam.SourceInstanceIds": ({}, {"TrafficMirrorSourceIds": [FRESH, FRESH]}),
    "ResourceNotFound.TrafficMirrorFilter": ({}, {"TrafficMirrorFilterId": "tmf-j6cnone"}),
    "IncorrectStatus.TrafficMirrorFilter": (BUSY_FILTER, {}),
    "ResourceNotFound.TrafficMirrorRule": (
        {},
        {"TrafficMirrorFilterRuleIds": ["tmr-j6cnone"], "TrafficMirrorFilterRuleId": "tmr-none"},
    ),
    "IncorrectStatus.TrafficMirrorRule": (BUSY_RULE, {"TrafficMirrorFilterId": FILTER}),
    "ResourceNotFound.NetworkInterface": (
        {},
        {"TrafficMirrorSourceIds": ["eni-none"], "TrafficMirrorTargetId": "eni-none"},
    ),
    "ResourceNotFound.EcsInstance": (NO_ODD_INSTANCE, {**FROM_ODD}),
    "OperationDenied.EcsNotSupportTrafficMirror": ({"odd": {"able": False}}, FROM_ODD),
    "OperationDenied.FreeNetworkInterface": (
        {"odd": {"instance": None, "status": "Available"}},
        FROM_ODD,
    ),
    "OperationUnsupported.BondingNetworkInterface": (
        {"odd": {"bond_without_slave": True}},
        FROM_ODD,
    ),
    "IncorrectStatus.NetworkInterface": ({"odd": {"status": "Attaching"}}, FROM_ODD),
    "OperationDenied.UnsupportedTargetType": (
        {"odd": {"nat_gateway": True}, "session": {"target_type": "NetworkInterface"}},
        FROM_ODD,
    ),
    "OperationDenied.DuplicateRole": ({"session": {"target": FRESH}}, {}),
    "QuotaExceeded.NetworkInterfaceRelatedSession": ({"limits": {"sessions_per_source": 0}}, {}),
    "QuotaExceeded.SourceNumPerSession": ({"limits": {"sources_per_session": 0}}, {}),
    "QuotaExceeded.TrafficMirrorFilter": ({"limits": {"filters": 0}}, {}),
    "QuotaExceeded.TrafficMirrorRulesPerFilter": ({"limits": {"rules_per_filter": 1}}, {}),
    "QuotaExceeded.SessionNum": ({"limits": {"sessions": 0}}, {}),
    "UnsupportedFeature.IpVersion": ({}, {"IngressRules.1.IpVersion": "IPv6"}),
    "IllegalParamFormat.SrcCidrBlock": ({}, {"IngressRules.1.SourceCidrBlock": "odd"}),
    "IllegalParamFormat.DstCidrBlock": ({}, {"EgressRules.1.DestinationCidrBlock": "odd"}),
    "IllegalParam.CidrBlock": ({}, {"EgressRules.1.DestinationCidrBlock": "odd"}),
    "IllegalParam.Priority": ({}, {"Priority": 1}),
    "ResourceNotFound.TargetInstance": (NO_ODD_INSTANCE, TO_ODD),
    "ResourceNotAssociated.TrafficMirrorSource": ({}, {"TrafficMirrorSourceIds": [FRESH]}),
    "ResourceAlreadyAssociated.TrafficMirrorSource": ({}, {"TrafficMirrorSourceIds": [SOURCE]}),
    "DependencyViolation.TrafficMirrorSession": ({}, {"TrafficMirrorFilterId": FILTER}),
}
ANY_SESSION_UPDATE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ResourceNotFound.EcsInstance": (NO_ODD_INSTANCE, TO_ODD),
    "OperationDenied.EcsNotSupportTrafficMirror": ({"odd": {"able": False}}, TO_ODD),
    "OperationDenied.FreeNetworkInterface": (
        {"odd": {"instance": None, "status": "Available"}},
        TO_ODD,
    ),
    "OperationDenied.DuplicateRole": ({}, {"TrafficMirrorTargetId": SOURCE}),
    "OperationDenied.UnsupportedTargetType": (
        {"odd": {"nat_gateway": True}, "session": {"sources": [ODD]}},
        {},
    ),
}
SPECIAL: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {
    ("AddSourcesToTrafficMirrorSession", "QuotaExceeded.SourceNumPerTarget"): (
        {"limits": {"sources_per_slb_target": 1}},
        {},
    ),
    ("CreateTrafficMirrorFilterRules", "DuplicatedParam.Priority"): (
        {},
        {"IngressRules.1.Priority": 1},
    ),
    ("CreateTrafficMirrorFilter", "DuplicatedParam.Priority"): (
        {},
        {
            "IngressRules.1.Priority": 1,
            "IngressRules.2.Priority": 1,
            "IngressRules.2.Action": "drop",
            "IngressRules.2.Protocol": "ALL",
        },
    ),
    ("UpdateTrafficMirrorFilterRuleAttribute", "DuplicatedParam.Priority"): (
        {"filters": [{"id": FILTER, "rules": [{"id": RULE}, {"id": "tmr-2", "priority": 2}]}]},
        {"Priority": 2},
    ),
    ("UpdateTrafficMirrorSessionAttribute", "DuplicatedParam.Priority"): (
        {"sessions": [{"id": SESSION, "priority": 1}, {"id": "tms-j6ctwo", "priority": 2}]},
        {"Priority": 2},
    ),
    ("CreateTrafficMirrorFilterRules", "IncorrectStatus.TrafficMirrorSession"): (
        {"session": {"status": "Modifying"}},
        {},
    ),
    ("DeleteTrafficMirrorFilter", "IncorrectStatus.TrafficMirrorFilter"): (
        BUSY_FILTER,
        {"TrafficMirrorFilterId": FILTER},
    ),
}


def case(action: str, code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keys of the fleet and parameters of the call that lead to a code."""
    if action == "OpenTrafficMirrorService":
        return {"service": {"enabled": False, "cannot_open": code}}, {}
    if (action, code) in SPECIAL:
        return SPECIAL[action, code]
    chosen = dict(ANY)
    if action in {"CreateTrafficMirrorSession", "UpdateTrafficMirrorSessionAttribute"}:
        chosen.update(ANY_TARGET)
    if action == "UpdateTrafficMirrorSessionAttribute":
        chosen.update(ANY_SESSION_UPDATE)
    chosen.update(ANY_SESSION)
    return chosen[code]


# The six of OpenTrafficMirrorService are named by the fleet file itself (`service.cannot_open`):
# what they follow from, an account's orders and papers, is nothing that the local cloud has.
def test_none_of_the_published_errors_is_left_out() -> None:
    assert len(FACTS) == 15
    assert sum(len(facts["codes"]) for facts in FACTS.values()) == 109


@pytest.mark.parametrize(
    ("action", "code"), [(action, code) for action in FACTS for code in FACTS[action]["codes"]]
)
def test_every_published_error_is_reached_by_a_fleet_and_a_call(
    desk_of: DeskOf, action: str, code: str
) -> None:
    keys, parameters = case(action, code)
    desk = desk_of(**fleet(**json.loads(json.dumps(keys))))
    before = desk.things()
    said = desk.call(action, **{**GOOD[action], **parameters})

    assert (said.status, said.code) == (400, code)
    assert desk.things() == before
