"""A launch made with the official ECS client ends up mirrored, and nobody sends an event."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.models import Config

from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import REGION, a_fleet, eni, instance

from .conftest import Product, Run

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

BRIEF = {"pending_s": 0.5, "boot_s": 1, "attach_s": 1}
VSWITCH, GROUP = "vsw-j6c00000000000000001", "sg-j6c0000000000000001"


def client_of(product: Product) -> Client:
    return Client(
        Config(
            access_key_id=ACCESS_KEY_ID,
            access_key_secret=ACCESS_KEY_SECRET,
            endpoint=product.cloud.address,
            protocol="HTTP",
            region_id=REGION,
        )
    )


def causes(product: Product) -> dict[str, str]:
    """By interface that was told of, the type of event that led to it."""
    types = {one["id"]: one["type"] for one in product.cloud.control("GET", "raised")}
    return {
        told["network_interface_id"]: types[told["cause"]["id"]]
        for told in product.control.outcomes()
        if told["outcome"].endswith("mirrored")
    }


def test_launched_instances_and_an_attached_interface_end_up_mirrored(run: Run) -> None:
    free = {"id": eni(9), "status": "Available"}
    fleet: dict[str, Any] = a_fleet([1, free], [1, 2], settle_s=1.0, behaviour=BRIEF)
    product = run(fleet)
    client = client_of(product)

    launched = client.run_instances(
        ecs.RunInstancesRequest(
            region_id=REGION,
            image_id="m-j6cimage",
            instance_type="ecs.g7.large",
            amount=2,
            v_switch_id=VSWITCH,
            security_group_id=GROUP,
            client_token="once",
        )
    )
    client.attach_network_interface(
        ecs.AttachNetworkInterfaceRequest(
            region_id=REGION, network_interface_id=eni(9), instance_id=instance(1)
        )
    )
    idle = product.settled()

    ids = launched.body.instance_id_sets.instance_id_set
    primary = [
        one["id"] for one in product.cloud.state()["network_interfaces"] if one["instance"] in ids
    ]
    assert len(primary) == len(ids) == 2
    assert {one: len(sessions) for one, sessions in product.placements().items()} == dict.fromkeys(
        [*primary, eni(9)], 1
    )
    assert causes(product) == {
        **dict.fromkeys(primary, "ecs:Instance:StateChange"),
        eni(9): "ecs:ActionTrail:ApiCall",
    }
    assert idle["dead_letters"] == 0
