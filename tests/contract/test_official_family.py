"""The vendor's own Python client leads a filter and a session through their whole lives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client

from localcloud.testing import ServedCloud, serving

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

REGION = "cn-hongkong"
FLEET: Mapping[str, Any] = {
    "settle_s": 3,
    "fleet": {"instances": 3},
    "service": {"enabled": False},
}
SOURCE, SECOND, TARGET = (f"eni-j6c{number:015d}" for number in (1, 2, 3))


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving(FLEET) as served:
        yield served


class Caller:
    """The official client, each call given time to be done."""

    def __init__(self, cloud: ServedCloud) -> None:
        self._cloud = cloud
        self._client = Client(
            Config(
                access_key_id="local-access-key-id",
                access_key_secret="local-access-key-secret",
                endpoint=cloud.address,
                protocol="HTTP",
                region_id=REGION,
            )
        )

    def call(self, action: str, model: str, **parameters: Any) -> Any:
        request = getattr(vpc, f"{model}Request")(region_id=REGION, **parameters)
        answered = getattr(self._client, action)(request)
        self._cloud.advance(3)
        return answered.body

    async def call_async(self, action: str, model: str, **parameters: Any) -> Any:
        request = getattr(vpc, f"{model}Request")(region_id=REGION, **parameters)
        return (await getattr(self._client, f"{action}_async")(request)).body


def with_session(caller: Caller) -> tuple[str, str]:
    caller.call("open_traffic_mirror_service", "OpenTrafficMirrorService")
    rule = vpc.CreateTrafficMirrorFilterRequestIngressRules(action="accept", protocol="ALL")
    made = caller.call(
        "create_traffic_mirror_filter", "CreateTrafficMirrorFilter", ingress_rules=[rule]
    )
    session = caller.call(
        "create_traffic_mirror_session",
        "CreateTrafficMirrorSession",
        traffic_mirror_source_ids=[SOURCE],
        traffic_mirror_target_id=TARGET,
        traffic_mirror_target_type="NetworkInterface",
        traffic_mirror_filter_id=made.traffic_mirror_filter_id,
        priority=1,
        enabled=False,
    )
    return made.traffic_mirror_filter_id, session.traffic_mirror_session_id


def test_a_session_lives_from_its_creation_to_its_deletion(cloud: ServedCloud) -> None:
    caller = Caller(cloud)
    _, session = with_session(caller)
    of_it = {"traffic_mirror_session_id": session}
    for verb, direction, source in (("add", "to", SECOND), ("remove", "from", SOURCE)):
        caller.call(
            f"{verb}_sources_{direction}_traffic_mirror_session",
            f"{verb.title()}Sources{direction.title()}TrafficMirrorSession",
            traffic_mirror_source_ids=[source],
            **of_it,
        )
    caller.call(
        "update_traffic_mirror_session_attribute",
        "UpdateTrafficMirrorSessionAttribute",
        enabled=True,
        priority=7,
        **of_it,
    )
    listing = ("list_traffic_mirror_sessions", "ListTrafficMirrorSessions")
    (shown,) = caller.call(*listing).traffic_mirror_sessions
    assert shown.traffic_mirror_source_ids == [SECOND]
    assert (shown.enabled, shown.priority, shown.traffic_mirror_session_status) == (
        True,
        7,
        "Created",
    )
    assert shown.virtual_network_id > 0

    caller.call("delete_traffic_mirror_session", "DeleteTrafficMirrorSession", **of_it)
    assert caller.call(*listing).traffic_mirror_sessions == []


def test_a_filter_lives_from_its_creation_to_its_deletion(cloud: ServedCloud) -> None:
    caller = Caller(cloud)
    used, session = with_session(caller)
    of_it = {"traffic_mirror_filter_id": used}
    rule = vpc.CreateTrafficMirrorFilterRulesRequestEgressRules(action="drop", protocol="TCP")
    made = caller.call(
        "create_traffic_mirror_filter_rules",
        "CreateTrafficMirrorFilterRules",
        egress_rules=[rule],
        **of_it,
    )
    rule_id = made.egress_rules[0].instance_id
    caller.call(
        "update_traffic_mirror_filter_rule_attribute",
        "UpdateTrafficMirrorFilterRuleAttribute",
        traffic_mirror_filter_rule_id=rule_id,
        protocol="UDP",
    )
    caller.call(
        "update_traffic_mirror_filter_attribute",
        "UpdateTrafficMirrorFilterAttribute",
        traffic_mirror_filter_name="named",
        **of_it,
    )
    listing = ("list_traffic_mirror_filters", "ListTrafficMirrorFilters")
    (shown,) = caller.call(*listing).traffic_mirror_filters
    assert (shown.traffic_mirror_filter_name, shown.egress_rules[0].protocol) == ("named", "UDP")

    caller.call(
        "delete_traffic_mirror_filter_rules",
        "DeleteTrafficMirrorFilterRules",
        traffic_mirror_filter_rule_ids=[rule_id],
        **of_it,
    )
    deleting = ("delete_traffic_mirror_filter", "DeleteTrafficMirrorFilter")
    with pytest.raises(ClientException) as caught:
        caller.call(*deleting, **of_it)
    assert caught.value.code == "DependencyViolation.TrafficMirrorSession"
    caller.call(
        "delete_traffic_mirror_session",
        "DeleteTrafficMirrorSession",
        traffic_mirror_session_id=session,
    )
    caller.call(*deleting, **of_it)
    assert caller.call(*listing).traffic_mirror_filters == []


def test_the_asynchronous_client_opens_the_service_and_sees_it_open(cloud: ServedCloud) -> None:
    caller = Caller(cloud)
    status = ("get_traffic_mirror_service_status", "GetTrafficMirrorServiceStatus")

    async def seen() -> list[Any]:
        before = await caller.call_async(*status)
        opened = await caller.call_async("open_traffic_mirror_service", "OpenTrafficMirrorService")
        after = await caller.call_async(*status)
        return [before.enabled, opened.code, after.enabled]

    assert asyncio.run(seen()) == [False, "200", True]
