"""Every mistake in saying how sessions are found, and whose sensors are not to be mirrored."""

from __future__ import annotations

import copy

import pytest

from .growing_policy import FILTER, MISSING, SENSOR, SOUND, changed, pool, problems_of


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
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
            "discover/tags",
            {f"key{number}": "" for number in range(11)},
            "discover.tags",
            "has 11 tags; the service lists sessions by 10 at most, so name fewer of them",
        ),
        (
            "discover/tags/aliyun",
            "x",
            "discover.tags.aliyun",
            "begins with aliyun or acs:, which the cloud keeps for itself",
        ),
        (
            "discover/tags/stack",
            "acs:x",
            "discover.tags.stack",
            "has a value that begins with aliyun or acs:, which the cloud keeps for itself",
        ),
        (
            "discover/tags/page",
            "see http://x",
            "discover.tags.page",
            "has a value that contains http:// or https://, which no tag may",
        ),
        (
            "discover/tags/page",
            "x" * 129,
            "discover.tags.page",
            "is longer than a tag can be (128 characters)",
        ),
        (
            "discover/name_prefix",
            "http://",
            "discover.name_prefix",
            "begins with http:// or https://, which no name of a session may",
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
    ],
)
def test_a_mistake_in_finding_sessions_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    assert problems_of(changed(path, value)) == [f"pools.big.{place}: {sentence}"]


def test_sensors_that_are_missing_are_asked_for_at_their_pool() -> None:
    assert problems_of(changed("sensors", MISSING)) == [
        (
            "pools.big: `sensors` is missing: the pool mirrors to the load balancer "
            "lb-j6c00000000000000001, and what stands behind it must be named, or mirrored "
            "traffic is mirrored again"
        )
    ]


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
