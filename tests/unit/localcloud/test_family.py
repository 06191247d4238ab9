"""Every operation of the traffic mirror family: its parameters, answers and published errors.

`tests/data/api_facts.json` holds the names published for VPC 2016-04-28.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.api.table import ACTIONS

DeskOf = Callable[..., Any]
FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "api_facts.json").read_text(encoding="utf-8")
)
SESSION, FILTER, RULE = "tms-j6cfamily", "tmf-j6cfamily", "tmr-j6cfamily"
SOURCE, FRESH, TARGET, ODD = "eni-j6csource", "eni-j6cfresh", "eni-j6ctarget", "eni-j6codd"
SLB = "lb-j6cfamily"


def fleet(**keys: Any) -> dict[str, Any]:
    """One session with one source, one filter with one rule, and what a second one needs."""
    interfaces = [{"id": one, "instance": "i-j6cfine"} for one in (SOURCE, FRESH, TARGET)]
    session = {"id": SESSION, "filter": FILTER, "target": SLB, "target_type": "SLB"}
    usual = {
        "fleet": {},
        "instances": [{"id": "i-j6cfine"}],
        "network_interfaces": interfaces,
        "slbs": [{"id": SLB}],
        "filters": [{"id": FILTER, "rules": [{"id": RULE}]}],
        "sessions": [{**session, "priority": 1, "sources": [SOURCE]}],
        **keys,
    }
    odd = usual.pop("odd", None)
    if odd is not None:
        usual["network_interfaces"] = [*interfaces, {"id": ODD, "instance": "i-j6codd", **odd}]
        usual["instances"].append({"id": "i-j6codd", "supports_mirror": odd.pop("able", True)})
        usual["network_interfaces"][-1].pop("able", None)
    usual["sessions"][0].update(usual.pop("session", {}))
    return usual


ADD: dict[str, Any] = {"TrafficMirrorSessionId": SESSION, "TrafficMirrorSourceIds": [FRESH]}
REMOVE: dict[str, Any] = {**ADD, "TrafficMirrorSourceIds": [SOURCE]}
CREATE: dict[str, Any] = {
    "TrafficMirrorSourceIds": [FRESH],
    "TrafficMirrorTargetId": TARGET,
    "TrafficMirrorTargetType": "NetworkInterface",
    "TrafficMirrorFilterId": FILTER,
    "Priority": 2,
}
UPDATE: dict[str, Any] = {
    "TrafficMirrorSessionId": SESSION,
    "TrafficMirrorTargetId": TARGET,
    "TrafficMirrorTargetType": "NetworkInterface",
}
NEW_RULE = {
    "IngressRules.1.Action": "accept",
    "IngressRules.1.Protocol": "TCP",
    "IngressRules.1.SourcePortRange": "22/40",
}
EGRESS_RULE = {"EgressRules.1.Action": "drop", "EgressRules.1.Protocol": "ALL"}
GOOD: dict[str, dict[str, Any]] = {
    "AddSourcesToTrafficMirrorSession": ADD,
    "RemoveSourcesFromTrafficMirrorSession": REMOVE,
    "CreateTrafficMirrorSession": CREATE,
    "UpdateTrafficMirrorSessionAttribute": UPDATE,
    "DeleteTrafficMirrorSession": {"TrafficMirrorSessionId": SESSION},
    "ListTrafficMirrorSessions": {},
    "CreateTrafficMirrorFilter": {**NEW_RULE, **EGRESS_RULE},
    "UpdateTrafficMirrorFilterAttribute": {"TrafficMirrorFilterId": FILTER},
    "DeleteTrafficMirrorFilter": {"TrafficMirrorFilterId": "tmf-j6cunused"},
    "CreateTrafficMirrorFilterRules": {
        "TrafficMirrorFilterId": FILTER,
        **NEW_RULE,
        **EGRESS_RULE,
    },
    "UpdateTrafficMirrorFilterRuleAttribute": {"TrafficMirrorFilterRuleId": RULE},
    "DeleteTrafficMirrorFilterRules": {
        "TrafficMirrorFilterId": FILTER,
        "TrafficMirrorFilterRuleIds": [RULE],
    },
    "ListTrafficMirrorFilters": {},
    "OpenTrafficMirrorService": {},
    "GetTrafficMirrorServiceStatus": {},
}


def usable(action: str) -> dict[str, Any]:
    """A fleet in which the good call of the action succeeds."""
    if action == "OpenTrafficMirrorService":
        return fleet(service={"enabled": False})
    if action == "DeleteTrafficMirrorFilter":
        return fleet(filters=[{"id": FILTER}, {"id": "tmf-j6cunused"}])
    return fleet()


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


@pytest.mark.parametrize("action", list(FACTS))
def test_every_parameter_is_known_and_every_required_one_is_missed(
    desk_of: DeskOf, action: str
) -> None:
    fields = ACTIONS[action].parameters.model_fields.values()
    assert {field.alias for field in fields} >= set(FACTS[action]["parameters"])
    for name in set(FACTS[action]["required"]) - {"RegionId"}:
        desk = desk_of(**usable(action))
        given = {one: value for one, value in GOOD[action].items() if one != name}
        assert desk.call(action, **given).code == f"Missing{name}"


TYPES = [
    (action, name, kind)
    for action, facts in FACTS.items()
    for name, kind in facts["types"].items()
    if kind in {"integer", "boolean"}
]


@pytest.mark.parametrize(("action", "name", "kind"), TYPES)
def test_a_parameter_of_another_type_is_refused_by_its_name(
    desk_of: DeskOf, action: str, name: str, kind: str
) -> None:
    wrong = {"integer": ("one", "1.5", "1e3", "0x1", " 1"), "boolean": ("yes", "1", "tru")}
    desk = desk_of(**usable(action))
    for value in wrong[kind]:
        assert desk.call(action, **{**GOOD[action], name: value}).code == f"IllegalParam.{name}"


@pytest.mark.parametrize(
    ("action", "name", "least", "most"),
    [(one, name, *FACTS[one]["ranges"][name]) for one in FACTS for name in FACTS[one]["ranges"]],
)
def test_a_number_has_its_published_bounds(
    desk_of: DeskOf, action: str, name: str, least: int, most: int
) -> None:
    for value, is_good in ((least, True), (most, True), (least - 1, False), (most + 1, False)):
        desk = desk_of(**fleet(session={"priority": 5}))
        said = desk.call(action, **{**GOOD[action], name: value})
        assert (said.code is None) is is_good
        assert is_good or said.code == f"IllegalParam.{name}"


@pytest.mark.parametrize(
    ("action", "name", "most"),
    [(one, name, most) for one in FACTS for name, most in FACTS[one]["at_most"].items()],
)
def test_a_list_longer_than_published_is_refused(
    desk_of: DeskOf, action: str, name: str, most: int
) -> None:
    structured = {"Tag", "Tags", "IngressRules", "EgressRules"}
    others = {one: value for one, value in GOOD[action].items() if not one.startswith(name)}
    given: dict[str, Any] = {name: [f"id-{number}" for number in range(most + 1)]}
    if name in structured:
        fields = {"Key": "k"} if name.startswith("Tag") else {"Action": "drop", "Protocol": "ALL"}
        given = {
            f"{name}.{number}.{field}": value
            for number in range(1, most + 2)
            for field, value in fields.items()
        }
    desk = desk_of(**usable(action))
    assert desk.call(action, **others, **given).code == f"IllegalParam.{name}"


def assert_shape(shape: Any, value: Any) -> None:
    kinds = {"string": str, "integer": int, "boolean": bool}
    if isinstance(shape, str):
        assert type(value) is kinds[shape]
    elif isinstance(shape, list):
        assert isinstance(value, list)
        for one in value:
            assert_shape(shape[0], one)
    else:
        assert set(value) >= set(shape)
        for name, inner in shape.items():
            assert_shape(inner, value[name])


@pytest.mark.parametrize("action", list(FACTS))
def test_a_good_call_has_every_field_of_its_answer_and_happens_once(
    desk_of: DeskOf, action: str
) -> None:
    desk = desk_of(**usable(action))
    said = [desk.call(action, **GOOD[action], ClientToken="t") for _ in range(2)]

    assert said[0].status == 200, said[0].body
    assert_shape(FACTS[action]["answer"], said[0].body)
    happened = [one["data"]["eventName"] for one in desk.raised()]
    assert happened == ([action] if ACTIONS[action].changes else [])
    if ACTIONS[action].changes:
        assert said[0].body == said[1].body


@pytest.mark.parametrize(
    "action", [action for action in FACTS if "DryRun" in FACTS[action]["parameters"]]
)
def test_a_dry_run_changes_nothing(desk_of: DeskOf, action: str) -> None:
    desk = desk_of(**usable(action))
    before = desk.things()
    assert desk.call(action, **GOOD[action], DryRun=True).code == "DryRunOperation"
    assert desk.things() == before


@pytest.mark.parametrize("action", [action for action in FACTS if ACTIONS[action].changes])
def test_a_world_in_the_middle_of_a_change_is_given_back_as_it_was(
    desk_of: DeskOf, action: str
) -> None:
    desk = desk_of(**usable(action))
    assert desk.call(action, **GOOD[action], ClientToken="t").status == 200
    desk.advance(1)
    middle = desk.state()
    again = desk_of(**middle)
    assert again.state() == {**middle, "time": again.state()["time"]}
    for one in (desk, again):
        one.advance(2)
    unchanging = ("sessions", "filters", "service", "network_interfaces")
    assert [again.state()[key] for key in unchanging] == [desk.state()[key] for key in unchanging]
    assert all(one["change"] is None for one in again.state()["sessions"])
