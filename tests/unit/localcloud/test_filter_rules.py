"""Rules of filters: as a fleet gives them, as they are listed, and as they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.world.fleet import FleetError, read_fleet

DeskOf = Callable[..., Any]
FILTER, SESSION = "tmf-j6cone", "tms-j6cone"
DROP = {
    "direction": "egress",
    "action": "drop",
    "priority": 5,
    "protocol": "TCP",
    "source_cidr": "10.0.0.0/8",
    "destination_cidr": "192.168.1.0/24",
    "source_port_range": "1/1024",
    "destination_port_range": "443/443",
}
SHOWN = {
    "TrafficDirection": "egress",
    "Action": "drop",
    "Priority": 5,
    "Protocol": "TCP",
    "SourceCidrBlock": "10.0.0.0/8",
    "DestinationCidrBlock": "192.168.1.0/24",
    "SourcePortRange": "1/1024",
    "DestinationPortRange": "443/443",
}


def desk_with(desk_of: DeskOf, *rules: dict[str, Any]) -> Any:
    session = {"id": SESSION, "filter": FILTER}
    filters = [{"id": FILTER, "rules": list(rules)}]
    return desk_of(fleet={}, filters=filters, sessions=[session], settle_s=3)


def listed(desk: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rules of the first filter, ingress and egress."""
    (shown,) = desk.call("ListTrafficMirrorFilters").body["TrafficMirrorFilters"]
    return shown["IngressRules"], shown["EgressRules"]


def test_a_rule_of_a_fleet_is_listed_with_all_that_it_says(desk_of: DeskOf) -> None:
    ingress, (egress,) = listed(desk_with(desk_of, DROP))

    assert ingress == []
    assert egress.items() >= SHOWN.items()
    assert egress["TrafficMirrorFilterId"] == FILTER
    assert egress["TrafficMirrorFilterRuleStatus"] == "Created"


def test_rules_get_the_ids_and_priorities_that_they_were_not_given(desk_of: DeskOf) -> None:
    rules: list[dict[str, Any]] = [
        {},
        {"priority": 1},
        {"direction": "egress"},
        {},
        {"id": "tmr-j6cone01"},
    ]
    desk = desk_with(desk_of, *rules)
    ingress, egress = listed(desk)

    ids = [one["TrafficMirrorFilterRuleId"] for one in (*ingress, *egress)]
    assert sorted(ids) == [f"tmr-j6cone{number:02d}" for number in range(1, 6)]
    assert [one["Priority"] for one in ingress] == [2, 1, 3, 4]
    assert [one["Priority"] for one in egress] == [1]


def test_a_number_of_rules_is_so_many_that_accept_all_that_comes_in(desk_of: DeskOf) -> None:
    desk = desk_of(fleet={}, filters=[{"id": FILTER, "rules": 2}])
    ingress, egress = listed(desk)

    assert egress == []
    assert [(one["Priority"], one["Action"], one["Protocol"]) for one in ingress] == [
        (1, "accept", "ALL"),
        (2, "accept", "ALL"),
    ]


def test_a_state_of_before_has_shorter_names_for_ports(desk_of: DeskOf) -> None:
    earlier = {"direction": "egress", "source_ports": "1/2", "destination_ports": "80/80"}
    _, (egress,) = listed(desk_with(desk_of, earlier))

    assert (egress["SourcePortRange"], egress["DestinationPortRange"]) == ("1/2", "80/80")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([{"source_cidr": "10.0.0.1/8"}], "is a CIDR block like"),
        ([{"destination_port_range": "80"}], "is a range of ports like"),
        ([{"source_port_range": "9/8"}], "is a range of ports like"),
        ([{"priority": 2}, {"priority": 2}], "the ingress priority 2 is given twice"),
        ([{"id": "tmr-1"}, {"id": "tmr-1"}], "tmr-1 is given twice"),
        ([{"action": "allow"}], "'accept' or 'drop'"),
        ([{"protocol": "SCTP"}], "'ALL'"),
        ([{"direction": "both"}], "'ingress' or 'egress'"),
        ([{"colour": "red"}], "colour"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_by_name(rules: Any, words: str) -> None:
    with pytest.raises(FleetError, match=r"filters\[0\]\.rules") as refused:
        read_fleet({"filters": [{"id": FILTER, "rules": rules}]})

    assert words in str(refused.value)


def changed(desk: Any, action: str, **parameters: Any) -> Any:
    said = desk.call(action, **parameters)
    assert said.status == 200, said.body
    assert desk.session(SESSION)[0] == "Modifying"
    desk.advance(3)
    return said.body


def test_rules_are_added_updated_and_deleted_and_each_call_is_recorded(desk_of: DeskOf) -> None:
    desk = desk_with(desk_of)
    of_it = {"TrafficMirrorFilterId": FILTER}
    new = {
        "EgressRules.1.Action": "drop",
        "EgressRules.1.Protocol": "TCP",
        "EgressRules.1.Priority": 5,
        "EgressRules.1.SourceCidrBlock": "10.0.0.0/8",
        "EgressRules.1.DestinationCidrBlock": "192.168.1.0/24",
        "EgressRules.1.SourcePortRange": "1/1024",
        "EgressRules.1.DestinationPortRange": "443/443",
    }
    made = changed(desk, "CreateTrafficMirrorFilterRules", **of_it, **new)
    (rule,) = [one["InstanceId"] for one in made["EgressRules"]]
    assert listed(desk)[1][0].items() >= SHOWN.items()

    update = {"RuleAction": "accept", "Priority": 7, "Protocol": "UDP", "SourcePortRange": "-1/-1"}
    update |= {"SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "10.1.0.0/16"}
    changed(
        desk,
        "UpdateTrafficMirrorFilterRuleAttribute",
        TrafficMirrorFilterRuleId=rule,
        **update,
    )
    shown = listed(desk)[1][0]
    assert shown["Action"] == update.pop("RuleAction")
    assert shown.items() >= update.items()

    named = {**of_it, "TrafficMirrorFilterRuleIds": [rule]}
    changed(desk, "DeleteTrafficMirrorFilterRules", **named)
    assert listed(desk) == ([], [])
    records = [one["data"] for one in desk.raised("vpc:ActionTrail:ApiCall")]
    assert [one["eventName"] for one in records] == [
        "CreateTrafficMirrorFilterRules",
        "UpdateTrafficMirrorFilterRuleAttribute",
        "DeleteTrafficMirrorFilterRules",
    ]
    kinds = ("ACS::VPC::TrafficMirrorFilter", "ACS::VPC::TrafficMirrorFilterRule")
    found = [[one["referencedResources"].get(kind) for kind in kinds] for one in records]
    assert found == [[[FILTER], [rule]], [None, [rule]], [[FILTER], [rule]]]
