"""`evermirror plan` warns of what only a live fleet can show of a policy."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.testing import serving
from tests.worlds import a_fleet, a_session, an_interface, eni, instance, tms

from .plans import (
    BALANCER,
    BOTH_WAYS,
    EVERYTHING,
    GROW,
    SENSORS,
    Planned,
    Told,
    changed,
    kinds,
    ruled,
    sentences,
    tagged,
    with_sensor,
)

FILTER = "tmf-j6c00000000000000001"
VPC_9 = "vpc-j6c00000000000000009"


@pytest.mark.parametrize(
    ("match", "twin"),
    [
        ({"tags": {"env": "prod"}}, {"key": "instance_tags", "matches": 2}),
        ({"not": {"not": {"tags": {"env": "prod"}}}}, {"key": "instance_tags", "matches": 2}),
        ({"instance_tags": {"tier": ["web", "db"]}}, {"key": "tags", "matches": 1}),
        ({"tags": {"env": "staging"}}, None),
        ({"vswitch": "vsw-j6c00000000000000009"}, None),
    ],
    ids=str,
)
def test_a_rule_that_matches_nothing_is_told_with_what_its_twin_would_match(
    planned: Planned, match: Told, twin: Told | None
) -> None:
    with serving(tagged()) as cloud:
        _, told = planned(cloud, ruled(match))

    (rule,) = told["rules"]
    assert (rule["decides"], rule["matches"], rule["twin"]) == (0, 0, twin)
    (sentence,) = sentences(told, "rule_matches_nothing")
    assert sentence.startswith('"prod" matches no interface of this fleet')
    if twin is not None:
        assert f"`{twin['key']}`" in sentence
        assert sentence.endswith(f"would match {twin['matches']}")


def test_a_rule_whose_interfaces_are_all_decided_before_it_is_told(planned: Planned) -> None:
    policy = changed(
        rules=[
            {"name": "prod", "match": {"instance_tags": {"env": "prod"}}, "pool": "ids"},
            {"name": "these", "match": {"network_interface": [eni(1), eni(2)]}, "never": True},
        ]
    )
    with serving(tagged()) as cloud:
        _, told = planned(cloud, policy)

    assert [(rule["decides"], rule["matches"]) for rule in told["rules"]] == [(2, None), (0, 2)]
    assert told["default"] == {"pool": "ids", "decides": 1}
    assert sentences(told, "rule_decides_nothing") == [
        '"these" decides nothing: earlier rules decide all 2 interfaces that it matches'
    ]


def test_a_rule_whose_interfaces_a_safeguard_leaves_out_is_told_as_such(planned: Planned) -> None:
    policy = changed(rules=[{"name": "no sensors", "match": SENSORS, "never": True}])
    with serving(with_sensor()) as cloud:
        _, told = planned(cloud, policy)

    assert "rule_matches_nothing" not in kinds(told)
    assert sentences(told, "rule_decides_nothing") == [
        '"no sensors" decides nothing: what it matches (1) is left out before any rule is asked'
    ]


def test_a_rule_that_is_called_like_a_safeguard_is_counted_apart(planned: Planned) -> None:
    policy = changed(
        rules=[{"name": "sensor", "match": {"network_interface": eni(1)}, "never": True}]
    )
    with serving(with_sensor()) as cloud:
        _, told = planned(cloud, policy)

    assert told["excluded"] == {'rule "sensor"': 1, "sensor": 1}


def test_sessions_that_are_not_there_are_named(planned: Planned) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        _, told = planned(cloud, changed(pools={"ids": {"sessions": [tms(1), tms(7)]}}))
        _, empty = planned(cloud, changed(pools={"ids": {"sessions": [tms(7)]}}))

    assert sentences(told, "sessions_absent") == [
        f"{tms(7)} cannot be seen: deleted, of another region, or not permitted"
    ]
    assert {"sessions_absent", "pool_empty"} <= set(kinds(empty))


def test_a_pool_that_mirrors_to_a_load_balancer_needs_sensors(planned: Planned) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        _, without = planned(cloud, changed(pools={"ids": {"sessions": [tms(1)]}}))
        _, with_them = planned(cloud, EVERYTHING)

    assert "sensors_missing" in kinds(without)
    assert "sensors_missing" not in kinds(with_them)


def test_a_filter_that_accepts_nothing_is_told_for_the_pool_it_serves(planned: Planned) -> None:
    fleet = a_fleet([1], [1])
    fleet["filters"][0]["rules"] = 0
    with serving(fleet) as cloud:
        _, told = planned(cloud, EVERYTHING)

    assert sentences(told, "filter_accepts_nothing") == [
        "has no rule that accepts traffic in tmf-j6c00000000000000001: nothing is mirrored"
    ]


def test_filters_that_may_not_be_seen_are_told(planned: Planned) -> None:
    refused = {"error": "Forbidden.RAM", "status": 403}
    with serving(a_fleet([1], [1])) as cloud:
        cloud.set_faults([{"action": "ListTrafficMirrorFilters", "do": refused}])
        _, told = planned(cloud, EVERYTHING)

    assert "vpc:ListTrafficMirrorFilters" in sentences(told, "filters_not_visible")[0]


def test_sensors_that_match_nothing_are_told(planned: Planned) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        _, in_vain = planned(cloud, EVERYTHING)
        cloud.load(with_sensor())
        _, found = planned(cloud, EVERYTHING)

    assert "sensors_match_nothing" in kinds(in_vain)
    assert "sensors_match_nothing" not in kinds(found)


def test_a_session_in_two_pools_is_told(planned: Planned) -> None:
    policy = changed(
        pools={
            "ids": {"sessions": [tms(1)], "sensors": SENSORS},
            "found": {"discover": {"target": BALANCER}, "sensors": SENSORS},
        },
        rules=[{"match": {"type": "Secondary"}, "pool": "found"}],
    )
    with serving(a_fleet([1], [1, 2])) as cloud:
        _, told = planned(cloud, policy)

    assert sentences(told, "session_in_two_pools") == [
        f'{tms(1)} in pools "ids" and "found": an interface may be mirrored twice'
    ]


def test_a_target_of_growth_that_is_absent_is_told_and_one_that_is_there_is_never_wanted(
    planned: Planned,
) -> None:
    targets = [{"id": eni(number), "type": "NetworkInterface"} for number in (9, 10)]
    grow = {**GROW, "targets": targets}
    policy = changed(pools={"ids": {"sensors": SENSORS, "grow": grow}})
    beside = an_interface(8, instance=instance(9), type="Secondary")
    with serving(a_fleet([1, beside, 9], [])) as cloud:
        _, told = planned(cloud, policy)

    assert sentences(told, "growth_target_absent") == [f"{eni(10)} cannot be seen in this region"]
    assert told["excluded"] == {"target_instance": 2}
    assert told["pools"][0]["to_add"] == [eni(1)]


def test_a_target_that_the_policy_pins_and_nobody_sees_is_told(planned: Planned) -> None:
    pools = {"ids": {"sessions": [tms(1)], "sensors": SENSORS, "targets": [BALANCER, eni(8)]}}
    with serving(a_fleet([1], [1])) as cloud:
        _, told = planned(cloud, changed(pools=pools))

    assert sentences(told, "target_absent") == [f"{eni(8)} cannot be seen in this region"]


@pytest.mark.parametrize(
    ("filters", "more", "said"),
    [
        ([{"id": FILTER, "rules": 1}], {}, ["takes incoming packets only"]),
        ([{"id": FILTER, "rules": 1}], {"directions": ["ingress"]}, []),
        ([BOTH_WAYS], {}, []),
    ],
    ids=["one direction", "meant", "both"],
)
def test_a_filter_that_takes_one_direction_only_is_told_unless_it_is_meant(
    planned: Planned, filters: list[Told], more: Told, said: list[str]
) -> None:
    pools = {"ids": {"sessions": [tms(1)], "sensors": SENSORS, **more}}
    with serving(a_fleet([1], [1], filters=filters)) as cloud:
        _, told = planned(cloud, changed(pools=pools))

    assert [one.partition(" (")[0] for one in sentences(told, "one_direction")] == said


# Instances cost a call for each hundred of them.
@pytest.mark.parametrize(
    ("match", "read"),
    [
        ({"vpc": "vpc-j6c00000000000000001"}, 0),
        ({"tags": {"tier": "web"}}, 0),
        ({"tags": {"tier": "db"}}, 3),
        ({"instance_tags": {"env": "prod"}}, 3),
    ],
    ids=str,
)
def test_instances_are_read_only_where_a_plan_needs_them(
    planned: Planned, match: Told, read: int
) -> None:
    policy = {**ruled(match), "pools": {"ids": {"sessions": [tms(1)], "sensors": {"vpc": VPC_9}}}}
    with serving(tagged()) as cloud:
        _, told = planned(cloud, policy, current=policy)
        called = bool(cloud.journal("DescribeInstances"))

    assert (told["read"]["instances"], called) == (read, read > 0)


SENSOR = an_interface(90, zone="cn-hongkong-c")
TO_SENSOR = {"target": eni(90), "target_type": "NetworkInterface"}


@pytest.mark.parametrize(
    ("interfaces", "sessions", "crossing"),
    [
        ([1, 2], [a_session(1, 1, **TO_SENSOR)], 2),
        ([1, an_interface(2, zone="cn-hongkong-c")], [a_session(1, 1, **TO_SENSOR)], 1),
        ([an_interface(1, zone="cn-hongkong-c")], [a_session(1, 1, **TO_SENSOR)], 0),
        ([1, 2], [a_session(1, 1)], 0),
    ],
    ids=["listed and to be added", "one of them", "none", "a load balancer's zone is unknown"],
)
def test_sources_whose_target_lies_in_another_zone_are_told(
    planned: Planned, interfaces: list[Any], sessions: list[Any], crossing: int
) -> None:
    with serving(a_fleet([*interfaces, SENSOR], sessions)) as cloud:
        _, told = planned(cloud, EVERYTHING)

    said = sentences(told, "another_zone")
    assert [int(one.split()[0]) for one in said] == ([crossing] if crossing else [])


def test_a_pool_with_a_target_in_every_zone_may_place_each_in_its_own(planned: Planned) -> None:
    policy = changed(pools={"ids": {"sessions": [tms(1), tms(2)]}})
    other = an_interface(91)
    sessions = [
        a_session(1, **TO_SENSOR),
        a_session(2, target=eni(91), target_type="NetworkInterface"),
    ]
    with serving(a_fleet([1, SENSOR, other], sessions)) as cloud:
        _, told = planned(cloud, policy)

    assert sentences(told, "another_zone") == []
