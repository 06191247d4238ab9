"""The vendor's clients put tags on, list them and take them off, in VPC and in ECS."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient
from aliyunsdkcore.client import AcsClient
from aliyunsdkecs.request.v20140526 import TagResourcesRequest as OldEcs
from aliyunsdkvpc.request.v20160428 import UnTagResourcesRequest as OldVpc

from localcloud.api.table import find_action
from localcloud.testing import ServedCloud, serving

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

REGION = "cn-hongkong"
SESSION, INSTANCE = "tms-j6c00000000000000001", "i-j6c0000000000000001"
INTERFACE, FILTER = "eni-j6c000000000000001", "tmf-j6c00000000000000001"
KINDS = {
    "TRAFFICMIRRORSESSION": (vpc, SESSION),
    "TRAFFICMIRRORFILTER": (vpc, FILTER),
    "instance": (ecs, INSTANCE),
    "eni": (ecs, INTERFACE),
}


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving({"fleet": {"instances": 2, "sessions": 2}}) as served:
        yield served
    # While pytest still knows that these warnings are expected.
    gc.collect()


def client_of(cloud: ServedCloud, models: Any, **more: str) -> Any:
    config = Config(
        access_key_id="local-access-key-id",
        access_key_secret="local-access-key-secret",
        endpoint=cloud.address,
        protocol="HTTP",
        region_id=REGION,
        **more,
    )
    return VpcClient(config) if models is vpc else EcsClient(config)


def untagging(models: Any) -> tuple[str, str]:
    """How the client calls it: VPC and ECS spell it differently."""
    if models is vpc:
        return "un_tag_resources", "UnTagResourcesRequest"
    return "untag_resources", "UntagResourcesRequest"


@pytest.mark.parametrize("signing", [{}, {"signature_algorithm": "v2"}])
@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_put_on_listed_and_taken_off(
    cloud: ServedCloud, kind: str, signing: dict[str, str]
) -> None:
    models, thing = KINDS[kind]
    client = client_of(cloud, models, **signing)
    named = {"region_id": REGION, "resource_type": kind, "resource_id": [thing]}
    tag = models.TagResourcesRequestTag(key="evermirror-pool", value="ids")
    client.tag_resources(models.TagResourcesRequest(tag=[tag], **named))

    listing = models.ListTagResourcesRequest(**named)
    (row,) = client.list_tag_resources(listing).body.tag_resources.tag_resource
    assert (row.resource_type, row.resource_id) == (kind, thing)
    assert (row.tag_key, row.tag_value) == ("evermirror-pool", "ids")

    name, request = untagging(models)
    getattr(client, name)(getattr(models, request)(tag_key=["evermirror-pool"], **named))
    assert client.list_tag_resources(listing).body.tag_resources.tag_resource == []


def test_a_session_is_found_by_the_tag_that_it_was_given(cloud: ServedCloud) -> None:
    client = client_of(cloud, vpc)
    tag = vpc.TagResourcesRequestTag(key="evermirror-pool", value="ids")
    client.tag_resources(
        vpc.TagResourcesRequest(
            region_id=REGION,
            resource_type="TrafficMirrorSession",
            resource_id=[SESSION],
            tag=[tag],
        )
    )
    filtered = vpc.ListTrafficMirrorSessionsRequestTags(key="evermirror-pool", value="ids")
    asked = vpc.ListTrafficMirrorSessionsRequest(region_id=REGION, tags=[filtered])
    (found,) = client.list_traffic_mirror_sessions(asked).body.traffic_mirror_sessions

    assert found.traffic_mirror_session_id == SESSION
    assert [(one.key, one.value) for one in found.tags] == [("evermirror-pool", "ids")]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("TRAFFICMIRRORSESSION", 400, "InvalidInstanceIds.NotFound"),
        ("eni", 404, "InvalidResourceId.NotFound"),
    ],
)
def test_what_is_refused_is_raised(cloud: ServedCloud, kind: str, status: int, code: str) -> None:
    models, _ = KINDS[kind]
    asked = models.TagResourcesRequest(
        region_id=REGION,
        resource_type=kind,
        resource_id=["none"],
        tag=[models.TagResourcesRequestTag(key="a", value="b")],
    )
    with pytest.raises(ClientException) as caught:
        client_of(cloud, models).tag_resources(asked)

    assert (caught.value.status_code, caught.value.code) == (status, code)


def old(cloud: ServedCloud, request: Any, **parameters: str) -> dict[str, Any]:
    request.set_endpoint(cloud.address)
    request.set_protocol_type("http")
    for name, value in {"RegionId": REGION, **parameters}.items():
        request.add_query_param(name.replace("_", "."), value)
    client = AcsClient("local-access-key-id", "local-access-key-secret", REGION)
    found: dict[str, Any] = json.loads(client.do_action_with_exception(request))
    return found


def test_the_older_clients_change_tags_as_well(cloud: ServedCloud) -> None:
    tag = {"Tag_1_Key": "env", "Tag_1_Value": "prod"}
    request = OldEcs.TagResourcesRequest()
    old(cloud, request, ResourceType="eni", ResourceId_1=INTERFACE, **tag)
    assert cloud.state()["network_interfaces"][0]["tags"] == {"env": "prod"}

    kind = {"ResourceType": "TRAFFICMIRRORSESSION", "ResourceId_1": SESSION}
    assert set(old(cloud, OldVpc.UnTagResourcesRequest(), All="true", **kind)) == {"RequestId"}


OPERATIONS = [
    (models, version, name)
    for models, version, names in (
        (vpc, "2016-04-28", ("TagResources", "UnTagResources", "ListTagResources")),
        (ecs, "2014-05-26", ("TagResources", "UntagResources", "ListTagResources")),
    )
    for name in names
]


@pytest.mark.parametrize(("models", "version", "action"), OPERATIONS)
def test_every_parameter_of_the_client_is_known(models: Any, version: str, action: str) -> None:
    given: list[str] = []

    class Recording(dict[str, Any]):
        """Says that everything is there, and notes what was asked for."""

        def get(self, name: str, _default: object = None) -> Any:
            given.append(name)
            return None

    getattr(models, f"{action}Request")().from_map(Recording(there=True))
    found = find_action(version, action)
    assert found is not None
    known = {field.alias for field in found.parameters.model_fields.values()}

    assert given
    assert set(given) <= known | found.parameters.WITHOUT_EFFECT
