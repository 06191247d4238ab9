"""Interfaces described in the words of a match, as expectations do it, and mistakes in them."""

from __future__ import annotations

import pytest

from evermirror.policy import InvalidPolicyError, example_interface

from .sound_policy import MISSING, VPC, changed, problems_of


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        ("expect", {}, "expect", "is a mapping, but must be a list of expectations"),
        (
            "expect/0/interface",
            MISSING,
            "expect.0",
            "`interface` is missing; describe one in the words of a match",
        ),
        (
            "expect/0/interface/vpc",
            [VPC],
            "expect.0.interface.vpc",
            "is a list, but must be a VPC id",
        ),
        (
            "expect/0/interface/service_managed",
            "yes",
            "expect.0.interface.service_managed",
            "must be true or false",
        ),
        (
            "expect/0/interface/any",
            [],
            "expect.0.interface.any",
            (
                "unknown key; known here: vpc, vswitch, zone, security_group, type, "
                "resource_group, network_interface, instance, instance_family, tags, "
                "instance_tags, service_managed, trunk_network_interface"
            ),
        ),
        (
            "expect/0/pool",
            MISSING,
            "expect.0",
            "needs a result: `pool` with the name of a pool, or `never: true`",
        ),
        ("expect/0/pool", "bigg", "expect.0.pool", 'no pool is called "bigg"; did you mean `big`?'),
        ("expect/0/rule", "webb", "expect.0.rule", 'no rule is called "webb"; did you mean `web`?'),
    ],
)
def test_a_mistake_in_an_expectation_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    assert f"{place}: {sentence}" in problems_of(changed(path, value))


def test_an_example_interface_is_read_in_the_words_of_a_match() -> None:
    interface, instance = example_interface(
        {
            "vpc": VPC,
            "security_group": ["sg-j6c0000000000000001"],
            "instance": "i-j6c0000000000000001",
            "instance_family": "ecs.g7",
            "instance_tags": {"env": "prod"},
            "tags": {"role": "web"},
            "type": "Member",
            "trunk_network_interface": "eni-j6c000000000000009",
            "service_managed": True,
        }
    )
    assert (interface.vpc_id, interface.type) == (VPC, "Member")
    assert interface.security_group_ids == {"sg-j6c0000000000000001"}
    assert interface.tags == {"role": "web"}
    assert interface.trunk_network_interface_id == "eni-j6c000000000000009"
    assert interface.service_managed
    assert interface.instance_id == instance.id == "i-j6c0000000000000001"
    assert (instance.family, instance.tags) == ("ecs.g7", {"env": "prod"})


def test_an_example_interface_with_mistakes_is_refused_with_all_of_them() -> None:
    with pytest.raises(InvalidPolicyError) as caught:
        example_interface({"vpc": "x", "tagz": {}})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "zone", ["cn-hongkong-b", "ap-southeast-1a", "cn-shanghai-finance-1-a", "cn-heyuan-acdr-1a"]
)
def test_zones_are_told_from_regions_in_every_spelling(zone: str) -> None:
    assert example_interface({"zone": zone})[0].zone_id == zone
    with pytest.raises(InvalidPolicyError):
        example_interface({"zone": zone[:-1].rstrip("-")})


def test_an_instance_family_may_have_a_dash() -> None:
    assert example_interface({"instance_family": "ecs.gn7i-c8"})[1].family == "ecs.gn7i-c8"
