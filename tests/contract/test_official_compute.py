"""The vendor's own ECS client launches, attaches, stops and deletes, and reads what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config

from localcloud.api.table import ECS, find_action
from localcloud.testing import ServedCloud, serving

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

REGION, VSWITCH, GROUP = "cn-hongkong", "vsw-j6c00000000000000001", "sg-j6c0000000000000001"
OPERATIONS = {
    "RunInstances": "run_instances",
    "StartInstance": "start_instance",
    "StartInstances": "start_instances",
    "StopInstance": "stop_instance",
    "StopInstances": "stop_instances",
    "DeleteInstance": "delete_instance",
    "DeleteInstances": "delete_instances",
    "CreateNetworkInterface": "create_network_interface",
    "AttachNetworkInterface": "attach_network_interface",
    "DetachNetworkInterface": "detach_network_interface",
    "DeleteNetworkInterface": "delete_network_interface",
}


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving({}) as served:
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

    def call(self, action: str, **parameters: Any) -> Any:
        request = getattr(ecs, f"{action}Request")(**parameters)
        if hasattr(request, "region_id"):
            request.region_id = REGION
        body = getattr(self._client, OPERATIONS[action])(request).body
        self._cloud.advance(30)
        return body

    def status(self, instance_id: str) -> str | None:
        asked = ecs.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{instance_id}"]')
        found = self._client.describe_instances(asked).body.instances.instance
        return found[0].status if found else None

    def interface(self, interface_id: str) -> Any:
        asked = ecs.DescribeNetworkInterfacesRequest(
            region_id=REGION, network_interface_id=[interface_id]
        )
        answered = self._client.describe_network_interfaces(asked).body
        found = answered.network_interface_sets.network_interface_set
        return found[0] if found else None


def launch(caller: Caller) -> list[str]:
    launched = caller.call(
        "RunInstances",
        image_id="m-j6cimage",
        instance_type="ecs.g7.large",
        amount=2,
        instance_name="web",
        unique_suffix=True,
        v_switch_id=VSWITCH,
        security_group_ids=[GROUP],
        network_interface=[ecs.RunInstancesRequestNetworkInterface(delete_on_release=False)],
        tag=[ecs.RunInstancesRequestTag(key="env", value="prod")],
        client_token="once",
    )
    ids: list[str] = launched.instance_id_sets.instance_id_set
    return ids


def test_the_official_client_leads_instances_through_their_lives(cloud: ServedCloud) -> None:
    caller = Caller(cloud)
    one, other = launch(caller)
    assert (caller.status(one), caller.status(other)) == ("Running", "Running")

    caller.call("StopInstance", instance_id=one)
    assert caller.status(one) == "Stopped"
    caller.call("StartInstance", instance_id=one)
    stopped = caller.call("StopInstances", instance_id=[one])
    (told,) = stopped.instance_responses.instance_response
    assert (told.code, told.previous_status, told.current_status) == ("200", "Running", "Stopping")
    started = caller.call("StartInstances", instance_id=[one])
    assert started.instance_responses.instance_response[0].code == "200"
    assert caller.status(one) == "Running"

    caller.call("DeleteInstance", instance_id=one, force=True)
    caller.call("DeleteInstances", instance_id=[other], force=True)
    assert (caller.status(one), caller.status(other)) == (None, None)
    left = cloud.state()["network_interfaces"]
    assert [(one["type"], one["status"]) for one in left] == [("Secondary", "Available")] * 2


def test_the_official_client_leads_an_interface_through_its_life(cloud: ServedCloud) -> None:
    caller = Caller(cloud)
    instance_id = launch(caller)[0]
    made = caller.call(
        "CreateNetworkInterface",
        v_switch_id=VSWITCH,
        security_group_id=GROUP,
        primary_ip_address="10.0.0.12",
        tag=[ecs.CreateNetworkInterfaceRequestTag(key="mirror", value="on")],
    )
    assert (made.status, made.private_ip_address) == ("Available", "10.0.0.12")
    assert made.tags.tag[0].tag_key == "mirror"

    named = {"network_interface_id": made.network_interface_id, "instance_id": instance_id}
    caller.call("AttachNetworkInterface", **named)
    shown = caller.interface(made.network_interface_id)
    assert (shown.status, shown.attachment.instance_id) == ("InUse", instance_id)
    caller.call("DetachNetworkInterface", **named)
    assert caller.interface(made.network_interface_id).status == "Available"
    caller.call("DeleteNetworkInterface", network_interface_id=made.network_interface_id)
    assert caller.interface(made.network_interface_id) is None


def test_the_official_client_raises_what_is_refused(cloud: ServedCloud) -> None:
    with pytest.raises(ClientException) as caught:
        Caller(cloud).call("StartInstance", instance_id="i-j6cnone")

    assert (caught.value.status_code, caught.value.code) == (404, "InvalidInstanceId.NotFound")


@pytest.mark.parametrize("action", list(OPERATIONS))
def test_every_parameter_of_the_official_client_is_known(action: str) -> None:
    given: list[str] = []

    class Recording(dict[str, Any]):
        """Says that everything is there, and notes what was asked for."""

        def get(self, name: str, _default: object = None) -> Any:
            given.append(name)
            return None

    getattr(ecs, f"{action}Request")().from_map(Recording(there=True))
    found = find_action(ECS[1], action)
    assert found is not None
    known = {field.alias for field in found.parameters.model_fields.values()}

    assert given
    assert set(given) <= known | found.parameters.WITHOUT_EFFECT
