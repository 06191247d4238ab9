"""Tags of what exists: put on, taken off and listed, by VPC and by ECS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .tagging_calls import (
    KINDS,
    MANY,
    SESSION,
    VERBS,
    WORLD,
    DeskOf,
    flat,
    put_on,
    take_off,
)


def tags(desk: Any, kind: str) -> dict[str, str]:
    """The tags of the first of a kind, in the world."""
    found: dict[str, str] = desk.state()[kind][0]["tags"]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_put_on_written_over_and_taken_off(desk_of: DeskOf, kind: str) -> None:
    desk = desk_of(**WORLD)
    others = desk.state()[kind][1]

    assert put_on(desk, kind, **flat(pool="ids", env="test")).body.keys() == {"RequestId"}
    assert tags(desk, kind) == {"env": "test", "pool": "ids"}
    assert take_off(desk, kind, TagKey=["env", "none"]).status == 200
    assert tags(desk, kind) == {"pool": "ids"}
    assert take_off(desk, kind, All=True).status == 200
    assert tags(desk, kind) == {}
    assert desk.state()[kind][1] == others


@pytest.mark.parametrize("kind", KINDS)
def test_the_lists_of_vpc_and_ecs_show_new_tags_at_once(desk_of: DeskOf, kind: str) -> None:
    desk = desk_of(**WORLD)
    put_on(desk, kind, **flat(pool="ids"))
    lists = {
        "sessions": ("ListTrafficMirrorSessions", "Tags.1.Key", '{"Key": "pool", "Value": "ids"}'),
        "filters": ("ListTrafficMirrorFilters", "Tags.1.Key", '{"Key": "pool", "Value": "ids"}'),
        "instances": ("DescribeInstances", "Tag.1.Key", '"TagKey": "pool", "TagValue": "ids"'),
        "network_interfaces": (
            "DescribeNetworkInterfaces",
            "Tag.1.Key",
            '"TagKey": "pool", "TagValue": "ids"',
        ),
    }
    action, filtered, shown = lists[kind]

    assert shown in json.dumps(desk.call(action, **{filtered: "pool"}).body)
    take_off(desk, kind, TagKey=["pool"])
    assert shown not in json.dumps(desk.call(action).body)


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_of_tags_is_recorded_with_what_it_concerns(desk_of: DeskOf, kind: str) -> None:
    desk = desk_of(**WORLD)
    product, resource_type, thing = KINDS[kind]
    names = {
        "sessions": "ACS::VPC::TrafficMirrorSession",
        "filters": "ACS::VPC::TrafficMirrorFilter",
        "instances": "ACS::ECS::Instance",
        "network_interfaces": "ACS::ECS::NetworkInterface",
    }
    put_on(desk, kind, **flat(pool="ids"))
    take_off(desk, kind, TagKey=["pool"])
    raised = desk.raised(f"{product}:ActionTrail:ApiCall")

    assert [one["data"]["eventName"] for one in raised] == list(VERBS[product])
    for event in raised:
        assert event["data"]["referencedResources"] == {names[kind]: [thing]}
        assert event["data"]["requestParameters"]["ResourceType"] == resource_type


def test_a_busy_session_keeps_being_busy_with_new_tags(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour={"stale_list_s": 2})
    desk.call("DeleteTrafficMirrorSession", TrafficMirrorSessionId=SESSION)
    desk.advance(1)
    put_on(desk, "sessions", **flat(pool="ids"))
    seen: list[Any] = []
    for _ in range(5):
        shown = desk.list_sessions(TrafficMirrorSessionIds=[SESSION]).body["TrafficMirrorSessions"]
        seen += [(one["TrafficMirrorSessionStatus"], len(one["Tags"])) for one in shown] or [None]
        desk.advance(1)

    assert seen == [("Created", 1), ("Deleting", 1), ("Deleting", 2), ("Deleting", 2), None]


def test_a_describe_of_a_while_ago_shows_the_tags_of_then(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour={"stale_describe_s": 4})
    for kind in ("instances", "network_interfaces"):
        take_off(desk, kind, All=True)

    def counts() -> list[int]:
        filters = {"Tag.1.Key": "env"}
        machines = desk.call("DescribeInstances", **filters).body["Instances"]["Instance"]
        sets = desk.call("DescribeNetworkInterfaces", **filters).body["NetworkInterfaceSets"]
        return [len(machines), len(sets["NetworkInterfaceSet"])]

    assert counts() == [1, 1]
    desk.advance(4)
    assert counts() == [0, 0]


def test_vpc_takes_a_resource_type_in_any_case_and_ecs_in_one(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD)

    said = put_on(desk, "sessions", ResourceType="TrafficMirrorSession", **flat(a="b"))
    assert said.status == 200
    said = put_on(desk, "instances", ResourceType="Instance", **flat(a="b"))
    assert (said.status, said.code) == (404, "InvalidResourceType.NotFound")


def test_a_resource_has_twenty_tags_at_most(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD)
    for kind, code in (("filters", "QuotaExceeded.TagNum"), ("instances", "QuotaExceed.Tags")):
        first = dict(list(MANY.items())[:19])
        assert put_on(desk, kind, **flat(**first)).status == 200
        assert put_on(desk, kind, **flat(**MANY)).status == 400
        assert put_on(desk, kind, **flat(one="more")).code == code
        assert len(tags(desk, kind)) == 20


def test_all_tags_or_those_of_some_keys_are_taken_off_by_ecs_never_both(desk_of: DeskOf) -> None:
    said = take_off(desk_of(**WORLD), "instances", All=True, TagKey=["env"])

    assert (said.status, said.code) == (403, "Param.Conflict")


def listed(desk: Any, kind: str, **parameters: Any) -> tuple[list[tuple[str, ...]], str]:
    product, resource_type, _ = KINDS[kind]
    usual = {"ResourceType": resource_type}
    body = desk.call(f"{product}:ListTagResources", **{**usual, **parameters}).body
    found = body["TagResources"]["TagResource"]
    fields = ("ResourceType", "ResourceId", "TagKey", "TagValue")
    return [tuple(one[field] for field in fields) for one in found], body["NextToken"]


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_listed_of_what_is_named_or_has_a_tag(desk_of: DeskOf, kind: str) -> None:
    desk = desk_of(**WORLD)
    _, resource_type, thing = KINDS[kind]
    put_on(desk, kind, **flat(pool="ids"))
    rows = [(resource_type, thing, "env", "prod"), (resource_type, thing, "pool", "ids")]

    assert listed(desk, kind, ResourceId=[thing, "none"]) == (rows, "")
    assert listed(desk, kind, **flat(env="prod")) == (rows, "")
    assert listed(desk, kind, **flat(env="test")) == ([], "")


def test_tags_are_listed_in_pages(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD)
    put_on(desk, "sessions", **flat(pool="ids", zone="b"))
    found, token = listed(desk, "sessions", ResourceId=[SESSION], MaxResults=2)
    more, end = listed(desk, "sessions", ResourceId=[SESSION], MaxResults=2, NextToken=token)

    assert [row[2] for row in found + more] == ["env", "pool", "zone"]
    assert end == ""


@pytest.mark.parametrize(("product", "status"), [("vpc", 400), ("ecs", 403)])
def test_a_list_of_tags_says_of_what(desk_of: DeskOf, product: str, status: int) -> None:
    kind = {"vpc": "TRAFFICMIRRORFILTER", "ecs": "eni"}[product]
    said = desk_of(**WORLD).call(f"{product}:ListTagResources", ResourceType=kind)

    assert (said.status, said.code) == (status, "BothEmpty.TagsAndResources")


@pytest.mark.parametrize("kind", ["sessions", "instances"])
def test_tags_are_changed_by_whoever_may_change_that_resource(desk_of: DeskOf, kind: str) -> None:
    product, resource_type, thing = KINDS[kind]
    arn = f"acs:{product}:cn-hongkong:1234567890123456:{resource_type.lower()}/{thing}"
    allow = {"Effect": "Allow", "Action": f"{product}:TagResources", "Resource": arn}
    key = {
        "access_key_id": "local-access-key-id",
        "access_key_secret": "local-access-key-secret",
        "security_token": "local-security-token",
        "policies": [{"Version": "1", "Statement": [allow]}],
    }
    desk = desk_of(**WORLD, keys=[key])

    assert put_on(desk, kind, **flat(a="b")).status == 200
    assert put_on(desk, kind, ResourceId=[thing, "other"], **flat(a="b")).code == "Forbidden.RAM"
    assert take_off(desk, kind, All=True).code == "Forbidden.RAM"
