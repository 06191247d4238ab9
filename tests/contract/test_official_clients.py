"""The vendor's own Python clients call the local cloud and cannot tell it from the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from alibabacloud_tea_openapi.exceptions import ThrottlingException as Throttled
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.exceptions import UnretryableException

from localcloud.testing import ServedCloud, serving

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

REGION = "cn-hongkong"
SESSION = "tms-j6c00000000000000001"
INTERFACE = "eni-j6c000000000000001"
INSTANCE = "i-j6c0000000000000001"
KEY: Mapping[str, str] = {
    "access_key_id": "local-access-key-id",
    "access_key_secret": "local-access-key-secret",
}
Run = Callable[..., Any]


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving({"settle_s": 3, "fleet": {"instances": 30, "sessions": 3}}) as served:
        yield served


def config(cloud: ServedCloud, **more: str) -> Any:
    endpoint = {"endpoint": cloud.address, "protocol": "HTTP", "region_id": REGION}
    return Config(**{**KEY, **endpoint, **more})


def adding(source: str = INTERFACE, session: str = SESSION, **more: Any) -> Any:
    return vpc.AddSourcesToTrafficMirrorSessionRequest(
        region_id=REGION,
        traffic_mirror_session_id=session,
        traffic_mirror_source_ids=[source],
        **more,
    )


def listing(**filters: Any) -> Any:
    return vpc.ListTrafficMirrorSessionsRequest(region_id=REGION, **filters)


def test_a_source_is_added_and_then_listed(cloud: ServedCloud) -> None:
    client = VpcClient(config(cloud))
    accepted = client.add_sources_to_traffic_mirror_session(adding(client_token="t", dry_run=False))
    busy = client.list_traffic_mirror_sessions(listing(traffic_mirror_session_ids=[SESSION])).body
    cloud.advance(3)
    done = client.list_traffic_mirror_sessions(listing(traffic_mirror_source_id=INTERFACE)).body

    assert (accepted.status_code, len(accepted.body.request_id)) == (200, 36)
    (before,), (after,) = busy.traffic_mirror_sessions, done.traffic_mirror_sessions
    assert (before.traffic_mirror_session_status, before.traffic_mirror_source_ids) == (
        "Modifying",
        [],
    )
    assert (after.traffic_mirror_session_status, after.traffic_mirror_source_ids) == (
        "Created",
        [INTERFACE],
    )
    assert (done.total_count, done.next_token) == ("1", "")
    assert after.enabled is True
    assert isinstance(after.priority, int)


def test_the_same_token_gets_the_same_answer(cloud: ServedCloud) -> None:
    client = VpcClient(config(cloud))
    first, second = (
        client.add_sources_to_traffic_mirror_session(adding(client_token="t")).body.request_id
        for _ in range(2)
    )

    assert first == second
    assert len(cloud.state()["tokens"]) == 1


def test_pages_of_sessions_and_interfaces_are_walked_by_token(cloud: ServedCloud) -> None:
    def walk(page: Run) -> int:
        token, pages = None, 0
        while token != "":
            token, pages = page(token).body.next_token, pages + 1
        return pages

    sessions, interfaces = VpcClient(config(cloud)), EcsClient(config(cloud))
    assert (
        walk(
            lambda token: sessions.list_traffic_mirror_sessions(
                listing(max_results=1, next_token=token)
            )
        )
        == 3
    )
    assert (
        walk(
            lambda token: interfaces.describe_network_interfaces(
                ecs.DescribeNetworkInterfacesRequest(
                    region_id=REGION, max_results=10, next_token=token
                )
            )
        )
        == 3
    )


def test_interfaces_and_instances_are_described(cloud: ServedCloud) -> None:
    client = EcsClient(config(cloud))
    asked = ecs.DescribeNetworkInterfacesRequest(region_id=REGION, instance_id=INSTANCE)
    found = client.describe_network_interfaces(asked).body
    (interface,) = found.network_interface_sets.network_interface_set
    instances = client.describe_instances(
        ecs.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{INSTANCE}"]')
    ).body.instances.instance

    assert (interface.network_interface_id, interface.status) == (INTERFACE, "InUse")
    assert interface.attachment.instance_id == interface.instance_id == INSTANCE
    assert [one.instance_id for one in instances] == [INSTANCE]
    shown = instances[0].network_interfaces.network_interface
    assert [one.network_interface_id for one in shown] == [INTERFACE]
    assert (instances[0].status, instances[0].instance_type_family) == ("Running", "ecs.g7")


def test_tags_are_found_by_both_clients(cloud: ServedCloud) -> None:
    cloud.load(
        {
            "sessions": [{"id": SESSION, "tags": {"größe": "a b+c/*~"}}],
            "network_interfaces": [{"id": INTERFACE, "tags": {"größe": "a b+c/*~"}}],
        }
    )
    sessions = VpcClient(config(cloud)).list_traffic_mirror_sessions(
        listing(tags=[vpc.ListTrafficMirrorSessionsRequestTags(key="größe", value="a b+c/*~")])
    )
    interfaces = EcsClient(config(cloud)).describe_network_interfaces(
        ecs.DescribeNetworkInterfacesRequest(
            region_id=REGION,
            tag=[ecs.DescribeNetworkInterfacesRequestTag(key="größe", value="a b+c/*~")],
        )
    )

    assert sessions.body.total_count == "1"
    (interface,) = interfaces.body.network_interface_sets.network_interface_set
    assert interface.tags.tag[0].tag_value == "a b+c/*~"


def test_temporary_credentials_are_accepted(cloud: ServedCloud) -> None:
    client = VpcClient(config(cloud, security_token="local-security-token"))

    assert client.list_traffic_mirror_sessions(listing()).status_code == 200


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ({"access_key_id": "somebody"}, "InvalidAccessKeyId.NotFound"),
        ({"access_key_secret": "guessed"}, "SignatureDoesNotMatch"),
        ({"security_token": "stolen"}, "InvalidSecurityToken.MismatchWithAccessKey"),
    ],
)
def test_wrong_credentials_are_refused(
    cloud: ServedCloud, key: Mapping[str, str], code: str
) -> None:
    with pytest.raises(ClientException) as refused:
        VpcClient(config(cloud, **key)).list_traffic_mirror_sessions(listing())

    assert refused.value.code == code


def test_the_asynchronous_client_is_served_as_well(cloud: ServedCloud) -> None:
    async def run() -> Any:
        client = VpcClient(config(cloud))
        await client.add_sources_to_traffic_mirror_session_async(adding())
        return await client.list_traffic_mirror_sessions_async(listing(max_results=1))

    (session,) = asyncio.run(run()).body.traffic_mirror_sessions
    assert session.traffic_mirror_session_status == "Modifying"


def test_a_refusal_is_raised_with_its_code_and_request_id(cloud: ServedCloud) -> None:
    client = VpcClient(config(cloud))
    client.add_sources_to_traffic_mirror_session(adding())
    with pytest.raises(ClientException) as refused:
        client.add_sources_to_traffic_mirror_session(adding("eni-j6c000000000000002"))

    assert refused.value.code == "IncorrectStatus.TrafficMirrorSession"
    assert refused.value.status_code == 400
    assert refused.value.request_id == cloud.journal()[-1]["request_id"]


def test_a_passed_dry_run_is_an_error(cloud: ServedCloud) -> None:
    with pytest.raises(ClientException) as refused:
        VpcClient(config(cloud)).add_sources_to_traffic_mirror_session(adding(dry_run=True))

    assert refused.value.code == "DryRunOperation"


@pytest.mark.parametrize(
    ("do", "error", "code"),
    [
        ({"error": "SystemBusy"}, ClientException, "SystemBusy"),
        ({"error": "ServiceUnavailable"}, ServerException, "ServiceUnavailable"),
        ({"throttle": True}, ClientException, "Throttling.User"),
        ({"throttle": True, "retry_after_ms": 500}, Throttled, "Throttling.User"),
        ({"reset": "before"}, UnretryableException, None),
        ({"reset": "after"}, UnretryableException, None),
        ({"truncate": 20}, UnretryableException, None),
        ({"body": "not json", "status": 502}, UnretryableException, None),
        ({"delay_s": 60}, UnretryableException, None),
    ],
)
def test_trouble_is_raised_as_the_clients_own_exception(
    cloud: ServedCloud, do: Mapping[str, Any], error: type[Exception], code: str | None
) -> None:
    cloud.set_faults([{"action": "Add*", "do": do}])
    options = RuntimeOptions(read_timeout=500 if "delay_s" in do else 5000)
    with pytest.raises(error) as raised:
        VpcClient(config(cloud)).add_sources_to_traffic_mirror_session_with_options(
            adding(), options
        )

    assert getattr(raised.value, "code", None) == code
    done = do == {"reset": "after"} or "truncate" in do or "delay_s" in do
    assert cloud.session(SESSION)["status"] == ("Modifying" if done else "Created")


def test_a_throttle_tells_the_client_how_long_to_wait(cloud: ServedCloud) -> None:
    cloud.set_faults([{"action": "*", "do": {"throttle": True, "retry_after_ms": 500}}])
    with pytest.raises(Throttled) as raised:
        VpcClient(config(cloud)).list_traffic_mirror_sessions(listing())

    assert raised.value.retry_after == 500
