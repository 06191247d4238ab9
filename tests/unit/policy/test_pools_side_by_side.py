"""No two pools may use the same priorities or claim the same sessions."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from evermirror.policy import compile_policy
from evermirror.policy.sessions import POOL_TAG

from .growing_policy import BALANCER, FILTER, SENSOR, SENSORS, SOUND, changed, problems_of


def two_pools(first: list[int], second: list[int]) -> dict[str, Any]:
    document = changed("grow/priorities", first)
    document["pools"]["other"] = copy.deepcopy(document["pools"]["big"])
    document["pools"]["other"]["discover"] = {"tags": {"mirror": "other"}}
    document["pools"]["other"]["grow"]["priorities"] = second
    document["rules"] = [{"match": {"type": "Secondary"}, "pool": "other"}]
    return document


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ([1000, 2000], [2000, 3000], "2000 to 2000"),
        ([1000, 2000], [1, 32766], "1000 to 2000"),
        ([1000, 2000], [1200, 1300], "1200 to 1300"),
    ],
)
def test_pools_that_grow_share_no_priority(
    first: list[int], second: list[int], shared: str
) -> None:
    assert problems_of(two_pools(first, second)) == [
        (
            f'pools.other.grow.priorities: share {shared} with pool "big"; a priority is unique '
            "in a region, so give each pool that grows a range of its own"
        )
    ]


def test_pools_that_grow_side_by_side_are_good() -> None:
    assert len(compile_policy(two_pools([1000, 2000], [2001, 3000])).pools) == 2


def test_priorities_that_cannot_be_read_are_not_called_shared_too() -> None:
    problems = problems_of(two_pools([1000, 2000], [3000]))
    assert [problem.split(":")[0] for problem in problems] == ["pools.other.grow.priorities"]


def claiming(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two pools, `a` and `b`, that both are used."""
    return {
        "version": 1,
        "pools": {"a": {"sensors": SENSORS, **first}, "b": {"sensors": SENSORS, **second}},
        "rules": [{"match": {"type": "Secondary"}, "pool": "a"}],
        "default": {"pool": "b"},
    }


def makes(**changes: Any) -> dict[str, Any]:
    grow = SOUND["pools"]["big"]["grow"]
    return {"grow": {**grow, "name": "made", "tags": {"mirror": "big"}, **changes}}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"filter": FILTER}, {"filter": FILTER}),
        ({"filter": FILTER}, {"filter": FILTER, "target": BALANCER}),
        ({"tags": {"a": "b"}}, {"tags": {"a": "b", "c": "d"}}),
        ({"name_prefix": "ids-"}, {"name_prefix": "ids-1"}),
    ],
)
def test_a_pool_does_not_find_only_what_another_finds(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert problems_of(claiming({"discover": first}, {"discover": second})) == [
        'pools.b.discover: finds only sessions that pool "a" finds too'
    ]
    if first != second:
        assert problems_of(claiming({"discover": second}, {"discover": first})) == [
            'pools.b.discover: finds every session that pool "a" finds'
        ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"filter": FILTER}, {"filter": "tmf-j6c00000000000000002"}),
        ({"filter": FILTER}, {"target": BALANCER}),
        ({"tags": {"a": "b"}}, {"tags": {"a": "c"}}),
        ({"name_prefix": "ids-"}, {"name_prefix": "dlp-"}),
    ],
)
def test_pools_that_may_find_different_sessions_are_good(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert compile_policy(claiming({"discover": first}, {"discover": second})).pools


@pytest.mark.parametrize(
    ("found", "such_as"),
    [
        ({"filter": FILTER}, "made-0"),
        ({"target": SENSOR}, "made-1"),
        ({"tags": {"mirror": "big"}}, "made-0"),
        ({"name_prefix": "made-49"}, "made-49"),
        ({"tags": {POOL_TAG: "b"}}, "made-0"),
    ],
)
def test_a_pool_does_not_find_what_another_makes(found: dict[str, Any], such_as: str) -> None:
    told = (
        f'pools.a.discover: finds sessions that pool "b" makes, such as "{such_as}"; '
        "ask for a tag or a name that those do not have"
    )
    assert problems_of(claiming({"discover": found}, makes())) == [told]


@pytest.mark.parametrize(
    "found",
    [
        {"filter": "tmf-j6c00000000000000002"},
        {"target": "lb-j6c00000000000000002"},
        {"tags": {"mirror": "small"}},
        {"name_prefix": "made-50"},
        {"tags": {POOL_TAG: "a"}},
    ],
)
def test_a_pool_may_find_what_no_other_makes(found: dict[str, Any]) -> None:
    assert compile_policy(claiming({"discover": found}, makes())).pools


@pytest.mark.parametrize(
    ("found", "maker"),
    [
        ({"tags": {POOL_TAG: "b"}, "filter": "tmf-j6c00000000000000002"}, makes()),
        ({"tags": {POOL_TAG: "large"}}, {**makes(), "was": "large"}),
        (
            {"tags": {POOL_TAG: "large", "x": "y"}, "name_prefix": "ids-"},
            {"sessions": "tms-j6c00000000000000001", "was": ["huge", "large"]},
        ),
    ],
    ids=["of today", "renamed", "grows no more"],
)
def test_a_pool_does_not_find_what_is_anothers_by_its_tag(
    found: dict[str, Any], maker: dict[str, Any]
) -> None:
    assert problems_of(claiming({"discover": found}, maker)) == [
        (
            'pools.a.discover: finds only sessions whose tag says that pool "b" made them; '
            "ask for something else"
        )
    ]


def test_a_pool_may_find_what_another_of_that_name_does_not_make() -> None:
    found = {"tags": {POOL_TAG: "b"}}
    assert compile_policy(claiming({"discover": found}, {"sessions": "tms-j6c00000000000000001"}))


def test_it_makes_no_difference_which_of_the_two_pools_comes_first() -> None:
    (problem,) = problems_of(claiming(makes(), {"discover": {"filter": FILTER}}))
    assert problem.startswith('pools.b.discover: finds sessions that pool "a" makes')


def test_a_pool_may_find_what_it_makes() -> None:
    assert compile_policy(changed("discover", {"filter": FILTER})).pools


def test_a_pool_that_cannot_be_read_is_not_said_to_claim_anything() -> None:
    problems = problems_of(claiming({"discover": {"filter": "x"}}, makes()))
    assert [problem.split(":")[0] for problem in problems] == ["pools.a.discover.filter"]
