"""Every mistake in a match is told at its place, however deep it is nested."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from .sound_policy import VPC, changed, problems_of


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        ("rules/1/match/vcp", VPC, "rules.1.match.vcp", "unknown key; did you mean `vpc`?"),
        (
            "rules/1/match/vpc",
            [],
            "rules.1.match.vpc",
            "is an empty list; give at least one of the values you mean",
        ),
        (
            "rules/1/match/vpc",
            ["vsw-j6c00000000000000001"],
            "rules.1.match.vpc.0",
            (
                '"vsw-j6c00000000000000001" is not a VPC id but a vSwitch id: that goes under '
                "`vswitch`"
            ),
        ),
        (
            "rules/1/match/vpc",
            "production",
            "rules.1.match.vpc",
            '"production" is not a VPC id; one looks like vpc-j6c00000000000000001',
        ),
        (
            "rules/1/match/instance_family",
            "ecs.g7.large",
            "rules.1.match.instance_family",
            (
                '"ecs.g7.large" is not an instance family (an instance type without its size); '
                "one looks like ecs.g7"
            ),
        ),
        (
            "rules/1/match/zone",
            "cn-hongkong",
            "rules.1.match.zone",
            '"cn-hongkong" is not a zone id; one looks like cn-hongkong-b',
        ),
        (
            "rules/1/match/type",
            "secondary",
            "rules.1.match.type",
            '"secondary" is not an interface type; did you mean `Secondary`?',
        ),
        ("rules/1/match/all", [], "rules.1.match.all", "is an empty list; give at least one match"),
        (
            "rules/1/match/any",
            {"vpc": VPC},
            "rules.1.match.any",
            "is a mapping, but must be a list of matches",
        ),
        ("rules/1/match/any", [{}], "rules.1.match.any.0", "is empty; name at least one matcher"),
        ("rules/1/match/not", {}, "rules.1.match.not", "is empty; name at least one matcher"),
        ("rules/0/match/tags", {}, "rules.0.match.tags", "is empty; name at least one tag"),
        (
            "rules/0/match/tags",
            ["mirror"],
            "rules.0.match.tags",
            "is a list, but must be a mapping of tag keys to values",
        ),
        (
            "rules/0/match/tags/mirror",
            False,
            "rules.0.match.tags.mirror",
            (
                "is read as the boolean false, but must be a tag value as text: write the word "
                'in quotes, as in "on" or "off"'
            ),
        ),
        (
            "rules/0/match/tags/mirror",
            1,
            "rules.0.match.tags.mirror",
            "is read as a number, but must be a tag value as text: write the word in quotes",
        ),
        (
            "rules/0/match/tags/mirror",
            date(2026, 1, 1),
            "rules.0.match.tags.mirror",
            "is read as a date, but must be a tag value as text: write the word in quotes",
        ),
        (
            "rules/0/match/tags/mirror",
            "*",
            "rules.0.match.tags.mirror",
            '"*" is no wildcard: values are compared letter by letter; list those you mean',
        ),
        (
            "rules/0/match/tags/mirror",
            [],
            "rules.0.match.tags.mirror",
            "is an empty list; give at least one of the values you mean",
        ),
        (
            "rules/0/match/tags/mirror",
            "x" * 129,
            "rules.0.match.tags.mirror",
            "is longer than a tag can be (128 characters)",
        ),
        (
            "rules/0/match/tags/mirror",
            "\ud800",
            "rules.0.match.tags.mirror",
            "contains half of a character, which no name or tag can have",
        ),
        ("rules/0/match/tags", {"": "x"}, "rules.0.match.tags.", "a tag needs a key"),
        (
            "rules/0/match/tags",
            {False: "x", "a": "b"},
            "rules.0.match.tags",
            "a key is the boolean false; write it in quotes to make it text",
        ),
    ],
)
def test_a_mistake_in_a_match_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    assert f"{place}: {sentence}" in problems_of(changed(path, value))


def test_matches_nest_only_so_deep() -> None:
    match: dict[str, Any] = {"vpc": VPC}
    for _ in range(10):
        match = {"not": match}
    place = ".".join(["rules.1.match", *["not"] * 10])
    assert f"{place}: matches are nested more than 10 deep" in problems_of(
        changed("rules/1/match", match)
    )


def test_data_that_contains_itself_is_refused_not_followed() -> None:
    match: dict[str, Any] = {}
    match["not"] = match
    assert (
        "matches are nested more than 10 deep" in problems_of(changed("rules/1/match", match))[-1]
    )
