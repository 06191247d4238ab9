"""Every mistake in what sessions are made with: name, packet length, resource group, tags."""

from __future__ import annotations

import json

import pytest

from .growing_policy import SOUND, changed, pool, problems_of


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
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
            "has a value that contains http:// or https://, which no tag may",
        ),
        (
            "grow/tags",
            {"see http://x": "page"},
            "grow.tags.see http://x",
            "contains http:// or https://, which no tag may",
        ),
        (
            "grow/tags/team",
            "aliyun",
            "grow.tags.team",
            "has a value that begins with aliyun or acs:, which the cloud keeps for itself",
        ),
        (
            "grow/tags/long",
            "x" * 129,
            "grow.tags.long",
            "is longer than a tag can be (128 characters)",
        ),
    ],
)
def test_a_mistake_in_what_sessions_are_made_with_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    assert problems_of(changed(path, value)) == [f"pools.big.{place}: {sentence}"]


def test_a_name_that_just_fits_with_its_number_is_good() -> None:
    growth = pool(changed("grow/name", "x" * 125)).growth
    assert growth is not None
    assert len(growth.session_name(49)) == 128


def test_a_pool_that_grows_has_a_name_that_a_tag_can_carry() -> None:
    text = (
        json.dumps(SOUND)
        .replace('"big": {', '"a http://": {')
        .replace('{"pool": "big"}', '{"pool": "a http://"}')
    )
    assert problems_of(json.loads(text)) == [
        (
            "pools.a http://.grow: the pool's name contains http:// or https://, which no tag may; "
            "sessions that it makes carry the name as a tag"
        )
    ]
