"""What the documents leave open, switched over HTTP and seen by the vendor's own clients."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient

from localcloud.testing import ControlError, ServedCloud, serving

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

REGION = "cn-hongkong"
SESSIONS = [f"tms-j6c{number:017d}" for number in range(1, 7)]
INTERFACES = [f"eni-j6c{number:015d}" for number in range(1, 31)]
FILTER, TARGET = "tmf-j6c00000000000000001", "lb-j6c00000000000000001"
FLEET: Mapping[str, Any] = {
    "settle_s": 3,
    "limits": {"sources_per_call": 30, "sources_per_session": 2},
    "fleet": {"instances": 30, "sessions": 6},
}


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving(FLEET) as served:
        yield served
    # While pytest still knows that these warnings are expected.
    gc.collect()


class Caller:
    """The official clients in front of a cloud that behaves as it is told."""

    def __init__(self, cloud: ServedCloud, **behaviour: Any) -> None:
        cloud.load({**FLEET, "behaviour": behaviour})
        self.cloud = cloud
        config = Config(
            access_key_id="local-access-key-id",
            access_key_secret="local-access-key-secret",
            endpoint=cloud.address,
            protocol="HTTP",
            region_id=REGION,
        )
        self.vpc, self.ecs = VpcClient(config), EcsClient(config)

    def list_sessions(self, **parameters: Any) -> Any:
        asked = vpc.ListTrafficMirrorSessionsRequest(region_id=REGION, **parameters)
        return self.vpc.list_traffic_mirror_sessions(asked).body

    def delete(self, session: str) -> None:
        asked = vpc.DeleteTrafficMirrorSessionRequest(
            region_id=REGION, traffic_mirror_session_id=session
        )
        self.vpc.delete_traffic_mirror_session(asked)
        self.cloud.advance(3)

    def add(self, *sources: str) -> None:
        asked = vpc.AddSourcesToTrafficMirrorSessionRequest(
            region_id=REGION,
            traffic_mirror_session_id=SESSIONS[0],
            traffic_mirror_source_ids=list(sources),
        )
        self.vpc.add_sources_to_traffic_mirror_session(asked)
        self.cloud.advance(3)

    def create(self) -> str:
        asked = vpc.CreateTrafficMirrorSessionRequest(
            region_id=REGION,
            traffic_mirror_source_ids=[INTERFACES[0]],
            traffic_mirror_target_id=TARGET,
            traffic_mirror_target_type="SLB",
            traffic_mirror_filter_id=FILTER,
            priority=77,
            tag=[vpc.CreateTrafficMirrorSessionRequestTag(key="pool", value="ids")],
        )
        made: str = self.vpc.create_traffic_mirror_session(asked).body.traffic_mirror_session_id
        return made

    def tags(self, session: str) -> dict[str, str]:
        (shown,) = self.list_sessions(traffic_mirror_session_ids=[session]).traffic_mirror_sessions
        return {tag.key: tag.value for tag in shown.tags}

    def interface(self) -> Any:
        asked = ecs.DescribeNetworkInterfacesRequest(
            region_id=REGION, network_interface_id=[INTERFACES[1]]
        )
        found = self.ecs.describe_network_interfaces(asked).body.network_interface_sets
        return found.network_interface_set


def ids(page: Any) -> list[str]:
    return [one.traffic_mirror_session_id for one in page.traffic_mirror_sessions]


@pytest.mark.parametrize(("way", "hidden"), [("cursor", []), ("offset", [SESSIONS[3]])])
def test_a_session_is_hidden_by_pages_that_count(
    cloud: ServedCloud, way: str, hidden: list[str]
) -> None:
    caller = Caller(cloud, list_paging=way)
    first = caller.list_sessions(max_results=3)
    caller.delete(SESSIONS[0])
    second = caller.list_sessions(max_results=3, next_token=first.next_token)

    assert [one for one in SESSIONS if one not in ids(first) + ids(second)] == hidden
    assert (first.total_count, second.total_count) == ("6", "5")


def test_a_total_is_too_high_or_of_a_while_ago(cloud: ServedCloud) -> None:
    caller = Caller(cloud, total_count_extra=1, total_count_stale_s=60)
    caller.delete(SESSIONS[0])
    page = caller.list_sessions(max_results=10)

    assert (len(ids(page)), page.total_count) == (5, "7")


def test_a_full_session_says_so_first_and_takes_what_it_can(cloud: ServedCloud) -> None:
    order = ["status", "sources", "quotas", "associated"]
    caller = Caller(cloud, check_order=order, bad_sources="leave_out")
    caller.add("eni-j6cnone", *INTERFACES[:3])
    assert cloud.session(SESSIONS[0])["sources"] == INTERFACES[:2]

    with pytest.raises(ClientException) as caught:
        caller.add(INTERFACES[0])
    assert caught.value.code == "QuotaExceeded.SourceNumPerSession"


def test_a_describe_is_late(cloud: ServedCloud) -> None:
    caller = Caller(cloud, stale_describe_s=10, release_s=0, stop_s=0)
    asked = ecs.DeleteInstanceRequest(instance_id="i-j6c0000000000000002", force=True)
    caller.ecs.delete_instance(asked)
    cloud.advance(1)

    assert [one.status for one in caller.interface()] == ["InUse"]
    cloud.advance(10)
    assert caller.interface() == []


def test_tags_come_late_and_from_somebody_else(cloud: ServedCloud) -> None:
    behaviour = {"tags_rewritten": {"pool": "theirs"}, "tags_rewritten_after_s": 5}
    caller = Caller(cloud, tags_arrive_after_s=2, **behaviour)
    session = caller.create()
    seen = []
    for pause_s in (0, 2, 3):
        cloud.advance(pause_s)
        seen.append(caller.tags(session))

    assert seen == [{}, {"pool": "ids"}, {"pool": "theirs"}]


def test_the_state_keeps_every_switch(cloud: ServedCloud) -> None:
    behaviour = {
        "check_order": ["quotas", "associated", "sources", "status"],
        "bad_sources": "leave_out",
        "list_paging": "offset",
        "describe_paging": "offset",
        "total_count_extra": 2,
        "total_count_stale_s": 3.0,
        "stale_describe_s": 4.0,
        "token_in_flight_s": 5.0,
        "tags_arrive_after_s": 6.0,
        "tags_rewritten": {"pool": None},
        "tags_rewritten_after_s": 7.0,
    }
    Caller(cloud, **behaviour)
    state = cloud.state()
    assert state["behaviour"].items() >= behaviour.items()

    cloud.load(state)
    assert cloud.state() == state


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"check_order": ["quotas"]}, "behaviour.check_order: names each of status, sources"),
        ({"bad_sources": "some"}, "behaviour.bad_sources"),
        ({"list_paging": "page"}, "behaviour.list_paging"),
        ({"total_count_extra": -1}, "behaviour.total_count_extra"),
        ({"stale_describe_s": -1}, "behaviour.stale_describe_s"),
    ],
)
def test_a_switch_that_does_not_fit_is_named(
    cloud: ServedCloud, behaviour: dict[str, Any], words: str
) -> None:
    with pytest.raises(ControlError) as refused:
        Caller(cloud, **behaviour)

    assert words in str(refused.value)
