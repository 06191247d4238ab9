"""The vendor's clients that sign in version 1: the present one's old mode, and the old ones."""

from __future__ import annotations

import asyncio
import itertools
import json
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
from aliyunsdkcore.acs_exception.exceptions import ClientException as OldClientException
from aliyunsdkcore.acs_exception.exceptions import ServerException as OldServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.DescribeNetworkInterfacesRequest import (
    DescribeNetworkInterfacesRequest,
)
from aliyunsdkvpc.request.v20160428.AddSourcesToTrafficMirrorSessionRequest import (
    AddSourcesToTrafficMirrorSessionRequest,
)
from aliyunsdkvpc.request.v20160428.ListTrafficMirrorSessionsRequest import (
    ListTrafficMirrorSessionsRequest,
)
from darabonba.exceptions import UnretryableException

from localcloud.testing import ServedCloud, serving

# The clients leave their connections to the garbage collector, and are written for old Pythons.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

REGION = "cn-hongkong"
SESSION = "tms-j6c00000000000000001"
INTERFACE = "eni-j6c000000000000001"
INSTANCE = "i-j6c0000000000000001"
KEY_ID, SECRET, TOKEN = "local-access-key-id", "local-access-key-secret", "local-security-token"
FLEET = {"settle_s": 3, "fleet": {"instances": 30, "sessions": 3}}
TROUBLE: Mapping[str, Mapping[str, Any]] = {
    "error": {"error": "SystemBusy"},
    "server error": {"error": "ServiceUnavailable"},
    "throttle": {"throttle": True},
    "throttle with a hint": {"throttle": True, "retry_after_ms": 500},
    "lost answer": {"reset": "after"},
    "truncated": {"truncate": 20},
    "not json": {"body": "not json", "status": 502},
}


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving(FLEET) as served:
        yield served


# The present client, which speaks version 1 when told `signature_algorithm='v2'`.


def config(cloud: ServedCloud, **more: str) -> Any:
    return Config(
        access_key_id=KEY_ID,
        access_key_secret=SECRET,
        endpoint=cloud.address,
        protocol="HTTP",
        region_id=REGION,
        signature_algorithm="v2",
        **more,
    )


def adding(**more: Any) -> Any:
    return vpc.AddSourcesToTrafficMirrorSessionRequest(
        region_id=REGION,
        traffic_mirror_session_id=SESSION,
        traffic_mirror_source_ids=[INTERFACE],
        **more,
    )


def listing(**filters: Any) -> Any:
    return vpc.ListTrafficMirrorSessionsRequest(region_id=REGION, **filters)


@pytest.mark.parametrize("more", [{}, {"security_token": TOKEN}], ids=["key", "temporary key"])
def test_the_present_client_works_in_its_version_1_mode(
    cloud: ServedCloud, more: Mapping[str, str]
) -> None:
    client = VpcClient(config(cloud, **more))
    client.add_sources_to_traffic_mirror_session(adding(client_token="t", dry_run=False))
    cloud.advance(3)
    found = client.list_traffic_mirror_sessions(listing(traffic_mirror_source_id=INTERFACE)).body
    interfaces = EcsClient(config(cloud, **more)).describe_network_interfaces(
        ecs.DescribeNetworkInterfacesRequest(region_id=REGION, instance_id=INSTANCE)
    )

    (session,) = found.traffic_mirror_sessions
    assert (session.traffic_mirror_source_ids, found.total_count) == ([INTERFACE], "1")
    assert len(interfaces.body.network_interface_sets.network_interface_set) == 1


def test_its_asynchronous_form_works_as_well(cloud: ServedCloud) -> None:
    async def run() -> Any:
        client = VpcClient(config(cloud))
        await client.add_sources_to_traffic_mirror_session_async(adding())
        return await client.list_traffic_mirror_sessions_async(listing(max_results=1))

    (session,) = asyncio.run(run()).body.traffic_mirror_sessions
    assert session.traffic_mirror_session_status == "Modifying"


@pytest.mark.parametrize(
    ("trouble", "error", "code"),
    [
        ("error", ClientException, "SystemBusy"),
        ("server error", ServerException, "ServiceUnavailable"),
        ("throttle", ClientException, "Throttling.User"),
        ("throttle with a hint", Throttled, "Throttling.User"),
        ("lost answer", UnretryableException, None),
        ("truncated", UnretryableException, None),
        ("not json", UnretryableException, None),
    ],
)
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_the_present_client_raises_its_own_exception(
    cloud: ServedCloud, trouble: str, error: type[Exception], code: str | None, asynchronous: bool
) -> None:
    cloud.set_faults([{"action": "Add*", "do": TROUBLE[trouble]}])
    client, options = VpcClient(config(cloud)), RuntimeOptions(read_timeout=5000)

    def call() -> None:
        if asynchronous:
            calling = client.add_sources_to_traffic_mirror_session_with_options_async
            asyncio.run(calling(adding(), options))
        else:
            client.add_sources_to_traffic_mirror_session_with_options(adding(), options)

    with pytest.raises(error) as raised:
        call()

    assert getattr(raised.value, "code", None) == code


# The old clients.


def old_client(token: str | None = None) -> Any:
    if token is not None:
        return AcsClient(region_id=REGION, credential=StsTokenCredential(KEY_ID, SECRET, token))
    return AcsClient(KEY_ID, SECRET, REGION, auto_retry=False)


def ask(cloud: ServedCloud, request: Any, client: Any = None, **parameters: Any) -> Any:
    """What the old client makes of the answer: a JSON object."""
    request.set_endpoint(cloud.address)
    request.set_protocol_type("http")
    for name, value in {"RegionId": REGION, **parameters}.items():
        request.add_query_param(name, value)
    return json.loads((client or old_client()).do_action_with_exception(request))


def add(cloud: ServedCloud, **parameters: Any) -> Any:
    request = AddSourcesToTrafficMirrorSessionRequest()
    request.set_TrafficMirrorSessionId(SESSION)
    request.set_TrafficMirrorSourceIdss([INTERFACE])
    return ask(cloud, request, **parameters)


@pytest.mark.parametrize("token", [None, TOKEN], ids=["key", "temporary key"])
def test_the_old_clients_add_list_and_describe(cloud: ServedCloud, token: str | None) -> None:
    client = old_client(token)
    accepted = add(cloud, client=client, ClientToken="t")
    cloud.advance(3)
    listed = ask(cloud, ListTrafficMirrorSessionsRequest(), client, TrafficMirrorSourceId=INTERFACE)
    interfaces = ask(cloud, DescribeNetworkInterfacesRequest(), client, InstanceId=INSTANCE)
    instances = ask(cloud, DescribeInstancesRequest(), client, InstanceIds=json.dumps([INSTANCE]))

    assert set(accepted) == {"RequestId"}
    assert [one["TrafficMirrorSessionId"] for one in listed["TrafficMirrorSessions"]] == [SESSION]
    assert listed["TotalCount"] == "1"
    (interface,) = interfaces["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    assert (interface["NetworkInterfaceId"], interface["InstanceId"]) == (INTERFACE, INSTANCE)
    assert len(instances["Instances"]["Instance"]) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_client_may_put_parameters_into_a_form(cloud: ServedCloud, method: str) -> None:
    request = ListTrafficMirrorSessionsRequest()
    request.set_method(method)
    if method == "POST":
        request.add_body_params("MaxResults", "1")
    else:
        request.add_query_param("MaxResults", "1")

    assert len(ask(cloud, request)["TrafficMirrorSessions"]) == 1


def test_the_old_client_reads_xml_when_it_asks_for_it(cloud: ServedCloud) -> None:
    request = ListTrafficMirrorSessionsRequest()
    request.set_endpoint(cloud.address)
    request.set_protocol_type("http")
    request.add_query_param("RegionId", REGION)
    request.set_accept_format("XML")
    body = old_client().do_action(request)

    assert body.startswith(b"<?xml")
    assert body.count(b"<TrafficMirrorSessions>") == 3


OLD_CALLS: Mapping[str, Callable[[ServedCloud], Any]] = {
    "Add": add,
    "List": lambda cloud: ask(cloud, ListTrafficMirrorSessionsRequest()),
    "DescribeInstances": lambda cloud: ask(cloud, DescribeInstancesRequest()),
    "DescribeNetworkInterfaces": lambda cloud: ask(cloud, DescribeNetworkInterfacesRequest()),
}


@pytest.mark.parametrize(
    ("trouble", "error", "code"),
    [
        ("error", OldServerException, "SystemBusy"),
        ("server error", OldServerException, "ServiceUnavailable"),
        ("throttle", OldServerException, "Throttling.User"),
        ("throttle with a hint", OldServerException, "Throttling.User"),
        ("lost answer", OldClientException, "SDK.HttpError"),
        # It does not notice a cut answer: whoever reads it does.
        ("truncated", json.JSONDecodeError, None),
        ("not json", OldServerException, "SDK.UnknownServerError"),
    ],
)
@pytest.mark.parametrize("call", OLD_CALLS)
def test_the_old_client_raises_its_own_exception(
    cloud: ServedCloud, call: str, trouble: str, error: type[Exception], code: str | None
) -> None:
    cloud.set_faults([{"action": f"{call}*", "do": TROUBLE[trouble]}])
    with pytest.raises(error) as raised:
        OLD_CALLS[call](cloud)

    assert getattr(raised.value, "error_code", None) == code
    assert len(cloud.journal()) == 1


@pytest.mark.parametrize(
    ("client", "code"),
    [
        (AcsClient("somebody", SECRET, REGION), "InvalidAccessKeyId.NotFound"),
        # It compares the service's string to sign with its own, and so knows which is wrong.
        (AcsClient(KEY_ID, "guessed", REGION), "InvalidAccessKeySecret"),
        (old_client("stolen"), "InvalidSecurityToken.MismatchWithAccessKey"),
    ],
)
def test_the_old_client_is_refused_with_wrong_credentials(
    cloud: ServedCloud, client: Any, code: str
) -> None:
    with pytest.raises(OldServerException) as raised:
        add(cloud, client=client)
    assert raised.value.error_code == code


# The request budget, as a client sees it.


def refusal(client: VpcClient) -> ClientException | Throttled | None:
    """What a List is refused with, if it is."""
    try:
        client.list_traffic_mirror_sessions(listing(max_results=1))
    except (ClientException, Throttled) as error:
        return error
    return None


def throttled_calls(fleet: Mapping[str, Any], calls: int) -> list[bool]:
    """Which calls of a List, half a second apart, were throttled."""
    found = []
    with serving(fleet) as cloud:
        client = VpcClient(config(cloud))
        for _ in range(calls):
            refused = refusal(client)
            if isinstance(refused, Throttled):
                assert (refused.code, refused.status_code) == ("Throttling.User", 429)
                cloud.advance(refused.retry_after / 1000)
            found.append(refused is not None)
            cloud.advance(0.5)
    return found


@pytest.mark.parametrize(
    "calls", [12, pytest.param(1300, marks=[pytest.mark.prove, pytest.mark.timeout(120)])]
)
def test_the_budget_of_a_minute_is_exact_and_the_hint_is_enough(calls: int) -> None:
    budget = 5 if calls < 100 else 600
    fleet = {**FLEET, "limits": {"requests_per_minute": budget},
             "behaviour": {"throttle_status": 429}}  # fmt: skip
    found = throttled_calls(fleet, calls)
    runs = [len(list(group)) for refused, group in itertools.groupby(found) if not refused]

    if calls < 100:
        assert found[: budget + 2] == [False] * budget + [True, False]
    else:
        # 600 calls half a second apart never fill a budget of 600 a minute.
        assert runs == [calls]
    assert throttled_calls(fleet, calls) == found


def test_the_next_two_means_the_next_two(cloud: ServedCloud) -> None:
    cloud.set_faults([{"action": "List*", "when": {"next": 2}, "do": {"throttle": True}}])
    client = VpcClient(config(cloud))

    assert [refusal(client) is not None for _ in range(5)] == [True, True, False, False, False]
    assert [one["code"] for one in cloud.journal()] == ["Throttling.User"] * 2 + [None] * 3
