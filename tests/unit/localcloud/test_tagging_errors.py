"""Every error of the calls about tags is reached, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.tag_refusals import TAGS

from .tagging_calls import MANY, WORLD, DeskOf, flat, say

# What does not fit; whether it puts on or takes off; the answers of VPC and ECS.
WRONG: dict[str, tuple[dict[str, Any], int, tuple[int, str], tuple[int, str]]] = {
    "a type without tags": (
        {**flat(a="b"), "ResourceType": "VPC"},
        0,
        (400, "InvalidInstanceType.NotFound"),
        (404, "InvalidResourceType.NotFound"),
    ),
    "an unknown resource": (
        {**flat(a="b"), "ResourceId": ["none"]},
        0,
        (400, "InvalidInstanceIds.NotFound"),
        (404, "InvalidResourceId.NotFound"),
    ),
    "a resource named twice": (
        {**flat(a="b"), "ResourceId": ["x", "x"]},
        0,
        (400, "DuplicatedParam.ResourceIds"),
        (400, "InvalidParameter"),
    ),
    "too many resources": (
        {**flat(a="b"), "ResourceId": [f"x{number}" for number in range(51)]},
        0,
        (400, "SizeLimitExceeded.ResourceId"),
        (400, "NumberExceed.ResourceIds"),
    ),
    "too many tags": (
        flat(**MANY),
        0,
        (400, "SizeLimitExceeded.TagNum"),
        (400, "NumberExceed.Tags"),
    ),
    "too many keys": (
        {"TagKey": list(MANY)},
        1,
        (400, "SizeLimitExceeded.TagNum"),
        (400, "NumberExceed.Tags"),
    ),
    "a key given twice": (
        {"Tag.1.Key": "a", "Tag.2.Key": "a"},
        0,
        (400, "Forbidden.TagKey.Duplicated"),
        (400, "Duplicate.TagKey"),
    ),
    "a reserved key": (
        flat(**{"acs:a": "b"}),
        0,
        (400, "InvalidTagKey"),
        (400, "InvalidTagKey.Malformed"),
    ),
    "a long key": (
        flat(**{"a" * 129: "b"}),
        0,
        (400, "InvalidTagKey"),
        (400, "InvalidTagKey.Malformed"),
    ),
    "a value with an address": (
        flat(a="see http://x"),
        0,
        (400, "InvalidTagValue"),
        (400, "InvalidTagValue.Malformed"),
    ),
    "no tags": ({}, 0, (400, "MissingParam.Tags"), (404, "MissingParameter.Tags")),
    "no keys": ({}, 1, (400, "MissingParam.Tags"), (404, "MissingParameter.Tags")),
    "no resource": (
        {**flat(a="b"), "ResourceId": []},
        0,
        (400, "MissingResourceId"),
        (400, "MissingParameter"),
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("kind", ["sessions", "instances"])
def test_what_does_not_fit_is_refused_and_changes_nothing(
    desk_of: DeskOf, kind: str, wrong: str
) -> None:
    parameters, verb, of_vpc, of_ecs = WRONG[wrong]
    desk = desk_of(**WORLD)
    before = desk.things()
    said = say(desk, kind, verb, **parameters)

    assert (said.status, said.code) == (of_vpc if kind == "sessions" else of_ecs)
    assert desk.things() == before


def test_every_code_of_the_catalogue_is_reached() -> None:
    here = {code for _, _, *answers in WRONG.values() for _, code in answers}
    below = {"QuotaExceeded.TagNum", "QuotaExceed.Tags", "Param.Conflict"}

    assert set(TAGS) - {"BothEmpty.TagsAndResources"} - below <= here
