"""Which rule decides, what is excluded before the rules, and what a missing instance means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evermirror.model import Instance, NetworkInterface
from evermirror.policy import Decision, Policy, compile_policy

VPC = "vpc-j6c00000000000000001"
OTHER_VPC = "vpc-j6c00000000000000002"
SESSION = "tms-j6c00000000000000001"
OTHER_SESSION = "tms-j6c00000000000000002"

INTERFACE = NetworkInterface(
    id="eni-j6c000000000000001",
    status="InUse",
    type="Secondary",
    instance_id="i-j6c0000000000000001",
    vpc_id=VPC,
    vswitch_id="vsw-j6c00000000000000001",
    zone_id="cn-hongkong-b",
    security_group_ids=frozenset({"sg-j6c0000000000000001", "sg-j6c0000000000000002"}),
    tags={"env": "prod", "role": "web"},
    resource_group_id="rg-j6c000000000001",
)
INSTANCE = Instance(
    id="i-j6c0000000000000001", type="ecs.g7.large", family="ecs.g7", tags={"team": "pay"}
)
NEVER = Decision(None, None, "excluded_by_default")
PLACED = Decision("ids", "the rule", "placed_by_rule")


def policy_of(*rules: object, **more: object) -> Policy:
    pools = {"ids": {"sessions": [SESSION]}, "dlp": {"sessions": [OTHER_SESSION]}}
    all_used = {"name": "uses dlp", "match": {"vpc": "vpc-j6c00000000000000099"}, "pool": "dlp"}
    uses_ids = {"name": "uses ids", "match": {"vpc": "vpc-j6c00000000000000098"}, "pool": "ids"}
    document = {"version": 1, "pools": pools, "rules": [all_used, uses_ids, *rules]}
    return compile_policy({**document, **more})


def policy_matching(match: object) -> Policy:
    return policy_of({"name": "the rule", "match": match, "pool": "ids"})


@pytest.mark.parametrize(
    "match",
    [
        {"vpc": VPC},
        {"vpc": [OTHER_VPC, VPC]},
        {"vswitch": "vsw-j6c00000000000000001"},
        {"zone": ["cn-hongkong-b"]},
        {"security_group": "sg-j6c0000000000000002"},
        {"tags": {"env": "prod"}},
        {"tags": {"env": ["test", "prod"], "role": "web"}},
        {"type": "Secondary"},
        {"instance": "i-j6c0000000000000001"},
        {"instance_tags": {"team": "pay"}},
        {"instance_family": "ecs.g7"},
        {"resource_group": "rg-j6c000000000001"},
        {"network_interface": "eni-j6c000000000000001"},
        {"all": [{"vpc": VPC}, {"type": "Secondary"}]},
        {"any": [{"vpc": OTHER_VPC}, {"type": "Secondary"}]},
        {"not": {"vpc": OTHER_VPC}},
        {"not": {"not": {"vpc": VPC}}},
        {"vpc": VPC, "tags": {"role": "web"}, "not": {"tags": {"role": "jump"}}},
        {},
    ],
    ids=str,
)
def test_a_match_that_holds_places_the_interface(match: object) -> None:
    assert policy_matching(match).decide(INTERFACE, INSTANCE) == PLACED


@pytest.mark.parametrize(
    "match",
    [
        {"vpc": OTHER_VPC},
        {"vswitch": "vsw-j6c00000000000000002"},
        {"zone": "cn-hongkong-c"},
        {"security_group": ["sg-j6c0000000000000003"]},
        {"tags": {"env": "PROD"}},
        {"tags": {"env": ""}},
        {"tags": {"absent": "prod"}},
        {"tags": {"env": "prod", "role": "jump"}},
        {"type": ["Primary"]},
        {"instance": "i-j6c0000000000000002"},
        {"instance_tags": {"team": "search"}},
        {"instance_tags": {"env": "prod"}},
        {"instance_family": ["ecs.g6", "ecs.c7"]},
        {"resource_group": "rg-j6c000000000002"},
        {"network_interface": "eni-j6c000000000000002"},
        {"all": [{"vpc": VPC}, {"type": "Primary"}]},
        {"any": [{"vpc": OTHER_VPC}, {"type": "Primary"}]},
        {"not": {"vpc": VPC}},
        {"vpc": VPC, "zone": "cn-hongkong-c"},
    ],
    ids=str,
)
def test_a_match_that_does_not_hold_leaves_the_interface_to_the_default(match: object) -> None:
    assert policy_matching(match).decide(INTERFACE, INSTANCE) == NEVER


def test_the_first_rule_that_matches_decides() -> None:
    policy = policy_of(
        {"name": "first", "match": {"tags": {"role": "web"}}, "never": True},
        {"name": "second", "match": {"tags": {"env": "prod"}}, "pool": "dlp"},
        {"name": "third", "match": {"vpc": VPC}, "pool": "ids"},
    )
    assert policy.decide(INTERFACE, None) == Decision(None, "first", "excluded_by_rule")
    untagged = replace(INTERFACE, tags={"env": "prod"})
    assert policy.decide(untagged, None) == Decision("dlp", "second", "placed_by_rule")


def test_a_default_pool_takes_what_no_rule_matches() -> None:
    policy = policy_of(default={"pool": "dlp"})
    assert policy.decide(INTERFACE, None) == Decision("dlp", None, "placed_by_default")


def test_an_attribute_that_the_interface_does_not_have_equals_nothing() -> None:
    bare = NetworkInterface(id="eni-j6c000000000000003", status="InUse", instance_id=INSTANCE.id)
    for key, value in {"vpc": VPC, "resource_group": "rg-j6c000000000001"}.items():
        assert policy_matching({key: value}).decide(bare, None) == NEVER
        assert policy_matching({"not": {key: value}}).decide(bare, None) == PLACED


def test_an_interface_of_another_service_is_excluded_whatever_the_rules_say() -> None:
    decision = policy_matching({}).decide(replace(INTERFACE, service_managed=True), INSTANCE)
    assert decision == Decision(None, None, "service_managed")


@pytest.mark.parametrize(
    "interface",
    [
        replace(INTERFACE, type="Trunk"),
        replace(INTERFACE, type="Member"),
        replace(INTERFACE, trunk_network_interface_id="eni-j6c000000000000009"),
    ],
    ids=["trunk", "member", "rides on a trunk"],
)
def test_trunk_and_member_interfaces_are_skipped_unless_the_policy_says_try(
    interface: NetworkInterface,
) -> None:
    rule = {"name": "the rule", "match": {}, "pool": "ids"}
    skipped = Decision(None, None, "trunk_or_member_interface")
    assert policy_of(rule).decide(interface, INSTANCE) == skipped
    assert policy_of(rule, members="skip").decide(interface, INSTANCE) == skipped
    assert policy_of(rule, members="try").decide(interface, INSTANCE) == PLACED


def test_a_sensor_of_any_pool_is_excluded_from_every_pool() -> None:
    policy = compile_policy(
        {
            "version": 1,
            "pools": {
                "ids": {"sessions": [SESSION]},
                "dlp": {"sessions": [OTHER_SESSION], "sensors": {"tags": {"role": "web"}}},
            },
            "rules": [
                {"match": {"type": "Primary"}, "pool": "dlp"},
                {"match": {"vpc": VPC}, "pool": "ids"},
            ],
        }
    )
    assert policy.decide(INTERFACE, None) == Decision(None, None, "sensor")
    assert policy.decide(replace(INTERFACE, tags={}), None).pool == "ids"


TARGETS: list[dict[str, Any]] = [
    {"sessions": [SESSION], "targets": INTERFACE.id},
    {"discover": {"target": INTERFACE.id}},
    {
        "grow": {
            "filter": "tmf-j6c00000000000000001",
            "targets": [{"id": INTERFACE.id, "type": "NetworkInterface"}],
            "priorities": [1, 9],
            "max_sessions": 9,
        }
    },
]


@pytest.mark.parametrize("pool", TARGETS, ids=["pinned", "found", "grown"])
def test_what_a_pool_mirrors_to_is_excluded_before_the_rules(pool: dict[str, Any]) -> None:
    sensors = {"instance_tags": {"role": "sensor"}}
    policy = compile_policy(
        {
            "version": 1,
            "pools": {"ids": {**pool, "sensors": sensors}},
            "default": {"pool": "ids"},
        }
    )
    target = Decision(None, None, "target_instance")
    assert policy.decide(INTERFACE, INSTANCE) == target
    assert policy.decide(INTERFACE, None) == target
    assert policy.decide(INTERFACE, replace(INSTANCE, tags={"role": "sensor"})) == target
    assert policy.decide(replace(INTERFACE, id="eni-j6c000000000000002"), INSTANCE).pool == "ids"
    managed = replace(INTERFACE, service_managed=True)
    assert policy.decide(managed, INSTANCE).reason == "service_managed"
    trunk = replace(INTERFACE, type="Trunk")
    assert policy.decide(trunk, INSTANCE).reason == "trunk_or_member_interface"


@pytest.mark.parametrize(
    "match",
    [
        {"instance_tags": {"team": "pay"}},
        {"not": {"instance_tags": {"team": "pay"}}},
        {"instance_family": "ecs.g7"},
        {"vpc": VPC, "not": {"instance_family": "ecs.g7"}},
        {"any": [{"vpc": OTHER_VPC}, {"instance_tags": {"team": "pay"}}]},
        {"not": {"all": [{"vpc": VPC}, {"instance_tags": {"team": "pay"}}]}},
    ],
    ids=str,
)
def test_an_unknown_instance_leaves_undecided_what_hangs_on_it(match: object) -> None:
    policy = policy_matching(match)
    decision = policy.decide(INTERFACE, None)
    assert decision == Decision(None, "the rule", "instance_unknown")
    assert decision.undecided
    assert not policy.decide(INTERFACE, INSTANCE).undecided


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"any": [{"vpc": VPC}, {"instance_tags": {"team": "pay"}}]}, PLACED),
        ({"not": {"all": [{"vpc": OTHER_VPC}, {"instance_tags": {"team": "pay"}}]}}, PLACED),
        ({"vpc": OTHER_VPC, "instance_tags": {"team": "pay"}}, NEVER),
        ({"not": {"any": [{"vpc": VPC}, {"instance_tags": {"team": "pay"}}]}}, NEVER),
    ],
    ids=str,
)
def test_an_unknown_instance_does_not_matter_where_the_rest_settles_it(
    match: object, expected: Decision
) -> None:
    assert policy_matching(match).decide(INTERFACE, None) == expected


def test_an_earlier_rule_that_is_in_doubt_keeps_later_rules_from_deciding() -> None:
    policy = policy_of(
        {"name": "opted out", "match": {"instance_tags": {"mirror": "off"}}, "never": True},
        {"name": "everything", "match": {}, "pool": "ids"},
    )
    assert policy.decide(INTERFACE, None) == Decision(None, "opted out", "instance_unknown")
    assert policy.decide(INTERFACE, INSTANCE).pool == "ids"


def test_an_interface_that_might_be_a_sensor_is_not_placed() -> None:
    pool = {"sessions": [SESSION], "sensors": {"instance_tags": {"role": "sensor"}}}
    policy = compile_policy({"version": 1, "pools": {"ids": pool}, "default": {"pool": "ids"}})
    assert policy.decide(INTERFACE, None) == Decision(None, None, "instance_unknown")
    assert policy.decide(INTERFACE, INSTANCE).pool == "ids"
    sensor = replace(INSTANCE, tags={"role": "sensor"})
    assert policy.decide(INTERFACE, sensor) == Decision(None, None, "sensor")


def test_an_instance_id_is_known_from_the_interface_or_else_from_the_instance() -> None:
    policy = policy_matching({"instance": INSTANCE.id})
    without_id = replace(INTERFACE, instance_id=None)
    assert policy.decide(INTERFACE, None) == PLACED
    assert policy.decide(without_id, INSTANCE) == PLACED
    assert policy.decide(without_id, None).undecided


@pytest.mark.parametrize(
    ("more", "needed"),
    [
        ({"match": {"instance_tags": {"team": "pay"}}}, True),
        ({"match": {"not": {"any": [{"vpc": VPC}, {"instance_family": "ecs.g7"}]}}}, True),
        ({"match": {"all": [{"vpc": VPC}, {"instance": INSTANCE.id}]}}, False),
        ({"match": {"tags": {"team": "pay"}}}, False),
    ],
    ids=str,
)
def test_instances_are_needed_only_where_a_rule_looks_at_what_they_alone_tell(
    more: dict[str, object], needed: bool
) -> None:
    assert policy_of({**more, "pool": "ids"}).needs_instances is needed


def test_instances_are_needed_where_sensors_are_told_by_their_tags() -> None:
    pool = {"sessions": [SESSION], "sensors": {"instance_tags": {"role": "sensor"}}}
    policy = compile_policy({"version": 1, "pools": {"ids": pool}, "default": {"pool": "ids"}})
    assert policy.needs_instances


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (PLACED, 'rule "the rule" places it in pool "ids"'),
        (NEVER, "no rule matches; the default says never"),
        (Decision(None, "x {y}", "excluded_by_rule"), 'rule "x {y}" says never'),
        (
            Decision(None, None, "target_instance"),
            "it is a mirror target, or on the instance of one, so no rule is asked",
        ),
        (Decision(None, None, "sensor"), "it is a sensor of a pool, so no rule is asked"),
    ],
    ids=str,
)
def test_a_decision_says_itself_in_a_sentence(decision: Decision, sentence: str) -> None:
    assert decision.sentence == sentence
