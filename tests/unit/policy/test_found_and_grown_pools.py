"""Pools that find their sessions or make them: what is read, and every mistake in saying so."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from evermirror.model import Session
from evermirror.policy import InvalidPolicyError, Pool, compile_policy, dump, load
from evermirror.policy.sessions import POOL_TAG, Discovery, Growth, Target

FILTER = "tmf-j6c00000000000000001"
BALANCER = "lb-j6c00000000000000001"
SENSOR = "eni-j6c000000000000009"
SENSORS = {"instance_tags": {"role": "sensor"}}
MISSING = object()

SOUND: dict[str, Any] = {
    "version": 1,
    "pools": {
        "big": {
            "discover": {
                "filter": FILTER,
                "target": BALANCER,
                "tags": {"mirror": "big"},
                "name_prefix": "ids-",
            },
            "sensors": SENSORS,
            "grow": {
                "filter": FILTER,
                "targets": [
                    {"id": BALANCER, "type": "SLB"},
                    {"id": SENSOR, "type": "NetworkInterface"},
                ],
                "priorities": [1000, 2000],
                "max_sessions": 50,
                "name": "big",
                "packet_length": 1500,
                "resource_group": None,
                "tags": {"team": "security"},
            },
        }
    },
    "default": {"pool": "big"},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The sound document with the part at a path replaced, or left out when it is MISSING."""
    document = copy.deepcopy(SOUND)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    part: Any = document["pools"]["big"]
    for step in way:
        part = part[step]
    if value is MISSING:
        del part[last]
    else:
        part[last] = value
    return document


def problems_of(document: object) -> list[str]:
    with pytest.raises(InvalidPolicyError) as caught:
        compile_policy(document)
    return [str(problem) for problem in caught.value.problems]


def pool(document: object = SOUND) -> Pool:
    return compile_policy(document).pools["big"]


def test_what_a_pool_finds_and_makes_is_read() -> None:
    assert pool().discovery == Discovery(FILTER, BALANCER, {"mirror": "big"}, "ids-")
    assert pool().growth == Growth(
        filter_id=FILTER,
        targets=(Target(BALANCER, "SLB"), Target(SENSOR, "NetworkInterface")),
        first_priority=1000,
        last_priority=2000,
        max_sessions=50,
        name="big",
        packet_length=1500,
        tags={"team": "security"},
    )


def test_a_pool_that_grows_may_have_no_session_yet() -> None:
    document = changed("discover", MISSING)
    assert pool(document).session_ids == ()
    assert pool(document).discovery is None


@pytest.mark.parametrize("key", ["filter", "target", "tags", "name_prefix"])
def test_one_thing_in_common_is_enough(key: str) -> None:
    only = {key: SOUND["pools"]["big"]["discover"][key]}
    assert pool(changed("discover", only)).discovery == Discovery(
        **{{"filter": "filter_id", "target": "target_id"}.get(key, key): only[key]}
    )


def test_sessions_that_are_made_are_called_after_the_pool_where_no_name_is_given() -> None:
    growth = pool(changed("grow/name", MISSING)).growth
    assert growth is not None
    assert growth.session_name(3) == "big-3"


def test_what_is_not_said_of_a_session_to_be_made_is_left_to_the_cloud() -> None:
    document = changed("grow/packet_length", None)
    del document["pools"]["big"]["grow"]["tags"]
    growth = pool(document).growth
    assert growth is not None
    assert (growth.packet_length, growth.resource_group_id, growth.tags) == (None, None, {})


def test_the_compiled_form_is_the_same_policy(tmp_path: Path) -> None:
    policy = compile_policy(SOUND)
    compiled = tmp_path / "policy.json"
    compiled.write_bytes(dump(policy))
    assert load(compiled) == policy
    assert load(compiled).digest == policy.digest


def test_another_way_to_find_or_to_make_sessions_is_another_policy() -> None:
    digests = {
        compile_policy(document).digest
        for document in (
            SOUND,
            changed("discover/name_prefix", "x"),
            changed("grow/max_sessions", 51),
            changed("grow/targets", SOUND["pools"]["big"]["grow"]["targets"][::-1]),
        )
    }
    assert len(digests) == 4


def test_a_pool_holds_what_it_finds_and_what_it_made() -> None:
    found = Session(
        "tms-j6c00000000000000007",
        "Created",
        name="ids-7",
        filter_id=FILTER,
        target_id=BALANCER,
        tags={"mirror": "big", "more": "x"},
    )
    made = Session(
        "tms-j6c00000000000000008",
        "Created",
        name="big-4",
        priority=1004,
        tags={POOL_TAG: "big"},
    )
    strange = Session("tms-j6c00000000000000009", "Created", name="big-4", priority=1004)
    assert [pool().holds(session) for session in (found, made, strange)] == [True, True, False]


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        # discover
        (
            "discover",
            {},
            "discover",
            "is empty; name at least one thing that the pool's sessions have in common",
        ),
        (
            "discover",
            FILTER,
            "discover",
            "is text, but must be a mapping with the keys filter, target, tags, name_prefix",
        ),
        ("discover/filtre", FILTER, "discover.filtre", "unknown key; did you mean `filter`?"),
        (
            "discover/filter",
            "tms-j6c00000000000000001",
            "discover.filter",
            (
                '"tms-j6c00000000000000001" is not a traffic mirror filter id but a traffic '
                "mirror session id: that goes under `sessions`"
            ),
        ),
        (
            "discover/filter",
            "tmf-1",
            "discover.filter",
            ('"tmf-1" is not a traffic mirror filter id; one looks like tmf-j6c00000000000000001'),
        ),
        (
            "discover/target",
            "i-j6c0000000000000001",
            "discover.target",
            (
                '"i-j6c0000000000000001" is not a target (a network interface id or a load '
                "balancer id) but an instance id"
            ),
        ),
        ("discover/tags", {}, "discover.tags", "is empty; name at least one tag"),
        (
            "discover/tags",
            ["a"],
            "discover.tags",
            "is a list, but must be a mapping of tag keys to values",
        ),
        (
            "discover/tags/mirror",
            True,
            "discover.tags.mirror",
            (
                "is read as the boolean true, but must be a tag value as text: write the word in "
                'quotes, as in "on" or "off"'
            ),
        ),
        (
            "discover/tags/mirror",
            ["a", "b"],
            "discover.tags.mirror",
            "is a list, but must be a tag value",
        ),
        (
            "discover/name_prefix",
            "",
            "discover.name_prefix",
            "must have 1 to 128 characters, as the names of sessions have",
        ),
        (
            "discover/name_prefix",
            7,
            "discover.name_prefix",
            (
                "is read as a number, but must be what the names of the pool's sessions begin "
                "with as text: write the word in quotes"
            ),
        ),
        # grow
        (
            "grow",
            True,
            "grow",
            (
                "is the boolean true, but must be a mapping with the keys filter, targets, "
                "priorities, max_sessions, name, packet_length, resource_group, tags"
            ),
        ),
        ("grow/target", [], "grow.target", "unknown key; did you mean `targets`?"),
        (
            "grow/filter",
            MISSING,
            "grow",
            "`filter` is missing; name one, such as tmf-j6c00000000000000001",
        ),
        (
            "grow/targets",
            MISSING,
            "grow",
            (
                "`targets` is missing; list where the traffic goes, such as "
                "{id: lb-j6c00000000000000001, type: SLB}"
            ),
        ),
        ("grow/targets", [], "grow.targets", "is an empty list; give at least one target"),
        (
            "grow/targets",
            {"id": BALANCER, "type": "SLB"},
            "grow.targets",
            "is a mapping, but must be a list of targets",
        ),
        (
            "grow/targets/0",
            BALANCER,
            "grow.targets.0",
            "is text, but must be a mapping with the keys id, type",
        ),
        (
            "grow/targets/0/id",
            MISSING,
            "grow.targets.0",
            "`id` is missing; name a network interface or a load balancer",
        ),
        (
            "grow/targets/0/type",
            MISSING,
            "grow.targets.0",
            "`type` is missing; write one of NetworkInterface, SLB",
        ),
        (
            "grow/targets/0/type",
            "slb",
            "grow.targets.0.type",
            '"slb" is not a type of target; did you mean `SLB`?',
        ),
        (
            "grow/targets/0/type",
            "NetworkInterface",
            "grow.targets.0.id",
            ('"lb-j6c00000000000000001" is not a network interface id but a load balancer id'),
        ),
        (
            "grow/targets/1",
            {"id": BALANCER, "type": "SLB"},
            "grow.targets.1",
            "lb-j6c00000000000000001 is given twice",
        ),
        (
            "grow/priorities",
            MISSING,
            "grow",
            (
                "`priorities` is missing; give the first and the last that the pool may use, "
                "such as [1000, 2000]"
            ),
        ),
        (
            "grow/priorities",
            1000,
            "grow.priorities",
            "is a number, but must be a list of two priorities, the first and the last",
        ),
        (
            "grow/priorities",
            [1000],
            "grow.priorities",
            (
                "must be two priorities; give the first and the last that the pool may use, "
                "such as [1000, 2000]"
            ),
        ),
        (
            "grow/priorities",
            [2000, 1000],
            "grow.priorities",
            "begins with 2000 and ends with 1000; write the lower one first",
        ),
        (
            "grow/priorities/0",
            0,
            "grow.priorities.0",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/priorities/1",
            32767,
            "grow.priorities.1",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/priorities/1",
            "2000",
            "grow.priorities.1",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/priorities/1",
            True,
            "grow.priorities.1",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/max_sessions",
            MISSING,
            "grow",
            "`max_sessions` is missing; say how many sessions the pool may make",
        ),
        (
            "grow/max_sessions",
            0,
            "grow.max_sessions",
            "must be a number of sessions: a whole number from 1 to 20000",
        ),
        (
            "grow/name",
            "",
            "grow.name",
            '"" cannot be a session\'s name: use printable characters',
        ),
        (
            "grow/name",
            "https://ids",
            "grow.name",
            "begins with http:// or https://, which no name of a session may",
        ),
        (
            "grow/name",
            "x" * 126,
            "grow.name",
            (
                f'makes names of 129 characters with their numbers, such as "{"x" * 126}-49"; '
                "a session's name has at most 128"
            ),
        ),
        (
            "grow/packet_length",
            63,
            "grow.packet_length",
            "must be bytes of a packet: a whole number from 64 to 8500",
        ),
        (
            "grow/packet_length",
            8501,
            "grow.packet_length",
            "must be bytes of a packet: a whole number from 64 to 8500",
        ),
        (
            "grow/resource_group",
            "default",
            "grow.resource_group",
            '"default" is not a resource group id; one looks like rg-j6c000000000001',
        ),
        (
            "grow/tags",
            {f"key{number}": "" for number in range(21)},
            "grow.tags",
            "has 21 tags; a session can have 20 besides Evermirror's own",
        ),
        (
            "grow/tags/evermirror-pool",
            "big",
            "grow.tags.evermirror-pool",
            "is the tag by which Evermirror knows the sessions it made; choose another key",
        ),
        (
            "grow/tags/acs:team",
            "x",
            "grow.tags.acs:team",
            "begins with aliyun or acs:, which the cloud keeps for itself",
        ),
        (
            "grow/tags/page",
            "https://x",
            "grow.tags.page",
            "contains http:// or https://, which no tag may",
        ),
        (
            "grow/tags/long",
            "x" * 129,
            "grow.tags.long",
            "is longer than a tag can be (128 characters)",
        ),
        # sensors
        (
            "sensors",
            MISSING,
            "",
            (
                "`sensors` is missing: the pool mirrors to the load balancer "
                "lb-j6c00000000000000001, and what stands behind it must be named, or mirrored "
                "traffic is mirrored again"
            ),
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    where = f"pools.big.{place}" if place else "pools.big"
    assert problems_of(changed(path, value)) == [f"{where}: {sentence}"]


def test_a_name_that_just_fits_with_its_number_is_good() -> None:
    growth = pool(changed("grow/name", "x" * 125)).growth
    assert growth is not None
    assert len(growth.session_name(49)) == 128


def test_a_pool_that_mirrors_to_interfaces_alone_needs_no_sensors() -> None:
    document = changed("grow/targets", [{"id": SENSOR, "type": "NetworkInterface"}])
    document["pools"]["big"]["discover"]["target"] = SENSOR
    del document["pools"]["big"]["sensors"]
    assert pool(document).sensors is None


@pytest.mark.parametrize("which", ["discover", "grow"])
def test_sensors_are_asked_for_by_either_way_to_a_load_balancer(which: str) -> None:
    document = copy.deepcopy(SOUND)
    kept = document["pools"]["big"][which]
    document["pools"]["big"] = {which: kept}
    (problem,) = problems_of(document)
    assert problem.startswith("pools.big: `sensors` is missing")


def test_sensors_are_asked_for_although_more_is_wrong() -> None:
    document = changed("sensors", MISSING)
    document["pools"]["big"]["grow"]["max_sessions"] = 0
    assert len(problems_of(document)) == 2


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


def test_a_pool_that_grows_has_a_name_that_a_tag_can_carry() -> None:
    text = (
        json.dumps(SOUND)
        .replace('"big": {', '"a http://": {')
        .replace('{"pool": "big"}', '{"pool": "a http://"}')
    )
    assert problems_of(json.loads(text)) == [
        (
            "pools.a http://.grow: the pool's name contains http:// or https://; sessions that it "
            "makes carry the name as a tag, and no tag may"
        )
    ]


def test_everything_that_is_wrong_with_growth_is_told_at_once() -> None:
    document = changed(
        "grow",
        {
            "filter": "x",
            "targets": [{"id": "y", "type": "SLB"}],
            "priorities": [0, "a"],
            "max_sessions": -1,
            "packet_length": 1,
            "tagz": {},
        },
    )
    assert sorted(problem.split(":")[0] for problem in problems_of(document)) == [
        "pools.big.grow.filter",
        "pools.big.grow.max_sessions",
        "pools.big.grow.packet_length",
        "pools.big.grow.priorities.0",
        "pools.big.grow.priorities.1",
        "pools.big.grow.tagz",
        "pools.big.grow.targets.0.id",
    ]


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


def test_it_makes_no_difference_which_of_the_two_pools_comes_first() -> None:
    (problem,) = problems_of(claiming(makes(), {"discover": {"filter": FILTER}}))
    assert problem.startswith('pools.b.discover: finds sessions that pool "a" makes')


def test_a_pool_may_find_what_it_makes() -> None:
    assert compile_policy(changed("discover", {"filter": FILTER})).pools


def test_a_pool_that_cannot_be_read_is_not_said_to_claim_anything() -> None:
    problems = problems_of(claiming({"discover": {"filter": "x"}}, makes()))
    assert [problem.split(":")[0] for problem in problems] == ["pools.a.discover.filter"]
