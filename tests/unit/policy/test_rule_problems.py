"""Every mistake in a rule is told at its place, and so is a rule that can never decide."""

from __future__ import annotations

import pytest

from evermirror.policy import compile_policy

from .sound_policy import MISSING, VPC, changed, problems_of


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        (
            "rules/1",
            "web",
            "rules.1",
            "is text, but must be a mapping with the keys name, match, pool, never",
        ),
        (
            "rules/1/name",
            "",
            "rules.1.name",
            '"" cannot be the name of a rule: use 1 to 100 printable characters',
        ),
        (
            "rules/1/name",
            "a\u202eb",
            "rules.1.name",
            '"a\\u202eb" cannot be the name of a rule: use 1 to 100 printable characters',
        ),
        (
            "rules/1/name",
            "opted out",
            "rules.1",
            'another rule is called "opted out"; reports must tell them apart',
        ),
        (
            "rules/1/match",
            MISSING,
            "rules.1",
            "`match` is missing; to match every interface, write `match: {}`",
        ),
        (
            "rules/1/match",
            None,
            "rules.1.match",
            (
                "is empty, but must be a mapping with the keys vpc, vswitch, zone, "
                "security_group, type, resource_group, network_interface, instance, "
                "instance_family, tags, instance_tags, all, any, not"
            ),
        ),
        # rules that cannot decide
        (
            "rules/0/match",
            {},
            "rules.1",
            (
                '"web" can never decide: "opted out" comes first and matches everything that it'
                " matches"
            ),
        ),
        (
            "rules/2/match",
            {"vpc": VPC, "type": "Primary"},
            "rules.2",
            ('"rest" can never decide: "web" comes first and matches everything that it matches'),
        ),
        (
            "rules/2/match",
            {"type": ["Trunk", "Member"]},
            "rules.2",
            (
                '"rest" can never decide: `members: skip` excludes trunk and member interfaces '
                "before the rules"
            ),
        ),
    ],
)
def test_a_mistake_in_a_rule_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    assert f"{place}: {sentence}" in problems_of(changed(path, value))


def test_a_rule_whose_match_cannot_be_read_is_not_called_unreachable_too() -> None:
    document = changed("rules/2/match", {"vpc": "x"})
    assert len(problems_of(document)) == 1


def test_a_rule_whose_pool_cannot_be_read_does_not_make_that_pool_unused() -> None:
    assert len(problems_of(changed("rules/2/pool", 1))) == 1


def test_a_rule_without_a_name_is_called_by_its_position() -> None:
    assert [rule.name for rule in compile_policy(changed("rules/1/name", MISSING)).rules] == [
        "opted out",
        "rule 2",
        "rest",
    ]


TARGET = "eni-j6c000000000000009"


def placing(*interfaces: str) -> dict[str, object]:
    document = changed("pools/ids/targets", [TARGET])
    document["rules"][2]["match"] = {"network_interface": list(interfaces), "type": "Primary"}
    return document


def test_a_rule_that_places_what_a_pool_mirrors_to_can_never_decide() -> None:
    assert problems_of(placing(TARGET)) == [
        'rules.2: "rest" can never decide: what a pool mirrors to is excluded before the rules'
    ]
    assert compile_policy(placing(TARGET, "eni-j6c000000000000008"))


def test_a_rule_that_leaves_alone_what_a_pool_mirrors_to_does_no_harm() -> None:
    document = changed("pools/ids/targets", [TARGET])
    document["rules"][0]["match"] = {"network_interface": TARGET}
    assert compile_policy(document)
