"""The vendor's client calls every operation, in both signature versions, waiting and not waiting.

Each call carries every parameter that is published for its operation; each answer has every
field; each kind of trouble is raised as the client's own exception.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from alibabacloud_tea_openapi.exceptions import ThrottlingException as Throttled
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.exceptions import UnretryableException

from localcloud.testing import ServedCloud, serving

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "api_facts.json").read_text(encoding="utf-8")
)
SESSION, FILTER, UNUSED, RULE = "tms-j6c1", "tmf-j6c1", "tmf-j6cunused", "tmr-j6c1"
SOURCE, FRESH, TARGET, INSTANCE = "eni-j6c1", "eni-j6c2", "eni-j6c3", "i-j6c1"
FLEET: Mapping[str, Any] = {
    "settle_s": 3,
    "limits": {"requests_per_minute": None},
    "instances": [{"id": INSTANCE}],
    "network_interfaces": [{"id": one, "instance": INSTANCE} for one in (SOURCE, FRESH, TARGET)],
    "slbs": [{"id": "lb-j6c1"}],
    "filters": [{"id": FILTER, "rules": [{"id": RULE}]}, {"id": UNUSED}],
    "sessions": [
        {
            "id": SESSION,
            "filter": FILTER,
            "target": "lb-j6c1",
            "target_type": "SLB",
            "sources": [SOURCE],
            "tags": {"env": "prod"},
            "name": "first",
            "resource_group": "rg-1",
            "virtual_network_id": 7,
        }
    ],
}
IN_SESSION = {"TrafficMirrorSessionId": SESSION, "ClientToken": "t", "DryRun": False}
IN_FILTER = {"TrafficMirrorFilterId": FILTER, "ClientToken": "t", "DryRun": False}
NEW_RULE = {
    "Action": "accept",
    "Protocol": "TCP",
    "Priority": 5,
    "SourceCidrBlock": "10.0.0.0/8",
    "DestinationCidrBlock": "0.0.0.0/0",
    "SourcePortRange": "-1/-1",
    "DestinationPortRange": "80/90",
}
RULES = {"IngressRules": [NEW_RULE], "EgressRules": [{**NEW_RULE, "Action": "drop"}]}
ATTRIBUTES = {
    "TrafficMirrorTargetId": TARGET,
    "TrafficMirrorTargetType": "NetworkInterface",
    "TrafficMirrorFilterId": FILTER,
    "TrafficMirrorSessionName": "named",
    "TrafficMirrorSessionDescription": "described",
    "Priority": 9,
    "Enabled": True,
    "PacketLength": 1000,
    "VirtualNetworkId": 10,
}
TAGS = [{"Key": "env", "Value": "prod"}]
CALLS: Mapping[str, Mapping[str, Any]] = {
    "AddSourcesToTrafficMirrorSession": {**IN_SESSION, "TrafficMirrorSourceIds": [FRESH]},
    "RemoveSourcesFromTrafficMirrorSession": {**IN_SESSION, "TrafficMirrorSourceIds": [SOURCE]},
    "CreateTrafficMirrorSession": {
        **ATTRIBUTES,
        "TrafficMirrorSourceIds": [FRESH],
        "ResourceGroupId": "rg-1",
        "Tag": TAGS,
        "ClientToken": "t",
        "DryRun": False,
    },
    "UpdateTrafficMirrorSessionAttribute": {**IN_SESSION, **ATTRIBUTES},
    "DeleteTrafficMirrorSession": IN_SESSION,
    "ListTrafficMirrorSessions": {
        "Enabled": True,
        "MaxResults": 10,
        "NextToken": "",
        "Priority": 1,
        "ResourceGroupId": "rg-1",
        "Tags": TAGS,
        "TrafficMirrorFilterId": FILTER,
        "TrafficMirrorSessionIds": [SESSION],
        "TrafficMirrorSessionName": "first",
        "TrafficMirrorSourceId": SOURCE,
        "TrafficMirrorTargetId": "lb-j6c1",
        "VirtualNetworkId": 7,
    },
    "CreateTrafficMirrorFilter": {
        **RULES,
        "ResourceGroupId": "rg-1",
        "Tag": TAGS,
        "TrafficMirrorFilterName": "named",
        "TrafficMirrorFilterDescription": "described",
        "ClientToken": "t",
        "DryRun": False,
    },
    "UpdateTrafficMirrorFilterAttribute": {
        **IN_FILTER,
        "TrafficMirrorFilterName": "named",
        "TrafficMirrorFilterDescription": "described",
    },
    "DeleteTrafficMirrorFilter": {**IN_FILTER, "TrafficMirrorFilterId": UNUSED},
    "ListTrafficMirrorFilters": {
        "MaxResults": 10,
        "NextToken": "",
        "ResourceGroupId": "",
        "Tags": [],
        "TrafficMirrorFilterIds": [FILTER],
        "TrafficMirrorFilterName": "",
    },
    "CreateTrafficMirrorFilterRules": {**IN_FILTER, **RULES},
    "UpdateTrafficMirrorFilterRuleAttribute": {
        "TrafficMirrorFilterRuleId": RULE,
        "RuleAction": "drop",
        **{name: value for name, value in NEW_RULE.items() if name != "Action"},
        "ClientToken": "t",
        "DryRun": False,
    },
    "DeleteTrafficMirrorFilterRules": {**IN_FILTER, "TrafficMirrorFilterRuleIds": [RULE]},
    "OpenTrafficMirrorService": {"ClientToken": "t"},
    "GetTrafficMirrorServiceStatus": {"ClientToken": "t"},
    "DescribeInstances": {"InstanceIds": json.dumps([INSTANCE]), "MaxResults": 10},
    "DescribeNetworkInterfaces": {"NetworkInterfaceId": [SOURCE], "MaxResults": 10},
}
VERSIONS: Mapping[str, Mapping[str, str]] = {"V3": {}, "V1": {"signature_algorithm": "v2"}}
MODES = list(itertools.product(VERSIONS, ("sync", "async")))
TROUBLE: Mapping[str, tuple[Mapping[str, Any], type[Exception], str | None]] = {
    "error": ({"error": "SystemBusy"}, ClientException, "SystemBusy"),
    "server error": ({"error": "ServiceUnavailable"}, ServerException, "ServiceUnavailable"),
    "throttle": ({"throttle": True}, ClientException, "Throttling.User"),
    "hint": ({"throttle": True, "retry_after_ms": 750}, Throttled, "Throttling.User"),
    "cut before": ({"reset": "before"}, UnretryableException, None),
    "cut after": ({"reset": "after"}, UnretryableException, None),
    "truncated": ({"truncate": 20}, UnretryableException, None),
    "not json": ({"body": "<html>", "status": 502}, UnretryableException, None),
}
WHOLE = list(itertools.product(CALLS, TROUBLE, MODES))
# In small, each operation meets each kind of trouble in one mode, and each mode meets all.
SMALL = [
    (action, trouble, MODES[(place + kind) % len(MODES)])
    for place, action in enumerate(CALLS)
    for kind, trouble in enumerate(TROUBLE)
]
Mode = tuple[str, str]


@pytest.fixture(scope="module")
def shared() -> Iterator[ServedCloud]:
    with serving(FLEET) as served:
        yield served


@pytest.fixture
def cloud(shared: ServedCloud) -> ServedCloud:
    shared.reset()
    return shared


def call(cloud: ServedCloud, action: str, mode: Mode, parameters: Mapping[str, Any]) -> Any:
    """The answer's body as the client has read it."""
    version, manner = mode
    models, kind = (ecs, EcsClient) if action.startswith("Describe") else (vpc, VpcClient)
    config = Config(
        access_key_id="local-access-key-id",
        access_key_secret="local-access-key-secret",
        endpoint=cloud.address,
        protocol="HTTP",
        region_id="cn-hongkong",
        **VERSIONS[version],
    )
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
    request = getattr(models, f"{action}Request")()
    request.from_map({"RegionId": "cn-hongkong", **parameters})
    if manner == "async":
        return asyncio.run(getattr(kind(config), f"{name}_async")(request)).body.to_map()
    return getattr(kind(config), name)(request).body.to_map()


def prepare(cloud: ServedCloud, action: str) -> None:
    if action == "OpenTrafficMirrorService":
        cloud.load({**FLEET, "service": {"enabled": False}})


def test_the_calls_name_every_operation_and_every_parameter() -> None:
    assert set(CALLS) - set(FACTS) == {"DescribeInstances", "DescribeNetworkInterfaces"}
    for action, facts in FACTS.items():
        assert {"RegionId", *CALLS[action]} == set(facts["parameters"]), action


def assert_answered(action: str, body: Mapping[str, Any]) -> None:
    """The client found the fields of the answer that it knows."""
    if action in FACTS:
        assert set(FACTS[action]["answer"]) <= set(body)
    elif action == "DescribeInstances":
        assert [one["InstanceId"] for one in body["Instances"]["Instance"]] == [INSTANCE]
    else:
        (shown,) = body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
        assert shown["NetworkInterfaceId"] == SOURCE


@pytest.mark.parametrize("mode", MODES, ids=" ".join)
@pytest.mark.parametrize("action", CALLS)
def test_every_operation_is_called_and_answered(
    cloud: ServedCloud, action: str, mode: Mode
) -> None:
    prepare(cloud, action)
    body = call(cloud, action, mode, CALLS[action])
    assert_answered(action, body)
    for listed in ("TrafficMirrorSessions", "TrafficMirrorFilters"):
        assert len(body.get(listed, [{}])) == 1
    (entry,) = cloud.journal()
    assert (entry["action"], entry["status"], entry["code"]) == (action, 200, None)
    assert {name.partition(".")[0] for name in entry["parameters"]} >= {
        name for name, value in CALLS[action].items() if value not in ("", [])
    }


@pytest.mark.parametrize(
    ("action", "trouble", "mode"),
    [
        *SMALL,
        *(pytest.param(*one, marks=pytest.mark.prove) for one in WHOLE if one not in SMALL),
    ],
)
def test_every_operation_raises_the_clients_own_exception(
    cloud: ServedCloud, action: str, trouble: str, mode: Mode
) -> None:
    prepare(cloud, action)
    before = cloud.state()
    fault, error, code = TROUBLE[trouble]
    cloud.set_faults([{"action": action, "when": {"next": 1}, "do": fault}])

    with pytest.raises(error) as raised:
        call(cloud, action, mode, CALLS[action])

    assert getattr(raised.value, "code", None) == code
    if trouble == "hint":
        assert getattr(raised.value, "retry_after", None) == 750
    assert len(cloud.journal()) == 1
    done = trouble in {"cut after", "truncated"}
    if not done:
        assert cloud.state() == before
    # Whether the answer was lost or nothing was done: the same token finds it out.
    if "ClientToken" in CALLS[action]:
        assert_answered(action, call(cloud, action, mode, CALLS[action]))


def policies_of(*actions: str) -> list[dict[str, Any]]:
    allow = [{"Effect": "Allow", "Action": action, "Resource": "*"} for action in actions]
    return [{"Version": "1", "Statement": allow}]


@pytest.mark.parametrize(
    ("action", "mode"),
    [
        pytest.param(action, mode, marks=[] if chosen == place % len(MODES) else pytest.mark.prove)
        for place, action in enumerate(CALLS)
        for chosen, mode in enumerate(MODES)
    ],
)
def test_the_client_says_which_permission_is_missing(
    cloud: ServedCloud, action: str, mode: Mode
) -> None:
    fixed = {"access_key_id": "local-access-key-id", "access_key_secret": "local-access-key-secret"}
    listed = {**fixed, "policies": policies_of("vpc:Nothing")}
    cloud.load({**FLEET, "behaviour": {"denied_describe": "refuse"}, "keys": [listed]})
    with pytest.raises(ClientException) as raised:
        call(cloud, action, mode, CALLS[action])
    assert raised.value.code == "Forbidden.RAM"
    product = "ecs" if action.startswith("Describe") else "vpc"
    assert raised.value.access_denied_detail["AuthAction"] == f"{product}:{action}"

    listed["policies"] = policies_of(f"{product}:{action}")
    service = {"enabled": action != "OpenTrafficMirrorService"}
    cloud.load({**FLEET, "keys": [listed], "service": service})
    assert_answered(action, call(cloud, action, mode, CALLS[action]))
