"""Launches with the official ECS client, and what is true of a product when all came out well."""

from __future__ import annotations

from typing import Any

from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.models import Config

from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import REGION

from .conftest import Product

BRIEF = {"pending_s": 0.5, "boot_s": 1, "attach_s": 1}
"""A launch that does not take long."""

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


def launch(client: Client, amount: int = 1) -> list[str]:
    """Launches instances; their ids."""
    request = ecs.RunInstancesRequest(
        region_id=REGION,
        image_id="m-j6cimage",
        instance_type="ecs.g7.large",
        amount=amount,
        v_switch_id=VSWITCH,
        security_group_id=GROUP,
    )
    ids: list[str] = client.run_instances(request).body.instance_id_sets.instance_id_set
    return ids


def interfaces_of(product: Product, instances: list[str]) -> list[str]:
    interfaces: list[dict[str, Any]] = product.cloud.state()["network_interfaces"]
    return sorted(one["id"] for one in interfaces if one["instance"] in instances)


def assert_mirrored_and_told(product: Product, interfaces: list[str]) -> None:
    """Each in one session, told as covered under one identity for each cause, no dead letter."""
    assert interfaces
    placements = product.placements()
    assert {one: len(placements.get(one, [])) for one in interfaces} == dict.fromkeys(interfaces, 1)
    told = [one for one in product.control.outcomes() if one["network_interface_id"] in interfaces]
    assert {one["network_interface_id"] for one in told} == set(interfaces)
    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    identities = {one["outcome_id"] for one in told}
    asked = {(one["network_interface_id"], one["cause"]["id"]) for one in told}
    assert len(identities) == len(asked)
    assert product.settled()["dead_letters"] == 0
