"""For each operation of the traffic mirror family what is published, and a call that succeeds.

`tests/data/api_facts.json` holds the names published for VPC 2016-04-28.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
