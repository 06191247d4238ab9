"""When one match is sure to lie within another, so that a rule behind it could never decide."""

from __future__ import annotations

import json

import pytest

from evermirror.policy.matchers import (
    EVERYTHING,
    Matcher,
    OneOf,
    Tagged,
    all_of,
    any_of,
    none_of,
)
from evermirror.policy.reachability import implies


def types(*names: str) -> OneOf:
    return OneOf("type", frozenset(names))


def tagged(*values: str, of_instance: bool = False) -> Tagged:
    return Tagged(of_instance, "env", frozenset(values))


def in_words(matcher: Matcher) -> str:
    return json.dumps(matcher.plain())  # sorted, so that every test process finds the same ids


PROD = tagged("prod")
PRIMARY = types("Primary")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (PROD, EVERYTHING),
        (PROD, tagged("prod", "test")),
        (PRIMARY, types("Primary", "Secondary")),
        (none_of(types("Primary", "Secondary")), none_of(PRIMARY)),
        (all_of([PROD, PRIMARY]), PROD),
        (all_of([PROD, PRIMARY]), all_of([types("Primary", "Trunk"), PROD])),
        (PROD, any_of([PRIMARY, PROD])),
        (any_of([PROD, PRIMARY]), any_of([tagged("prod", "test"), PRIMARY, types("Trunk")])),
        (all_of([PROD, any_of([PRIMARY, types("Trunk")])]), types("Primary", "Trunk")),
    ],
    ids=in_words,
)
def test_a_narrower_match_implies_a_wider_one_and_not_the_other_way(
    narrow: Matcher, wide: Matcher
) -> None:
    assert implies(narrow, wide)
    assert not implies(wide, narrow)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PROD, PRIMARY),
        (PROD, tagged("prod", of_instance=True)),
        (PROD, none_of(PROD)),
        (PRIMARY, none_of(types("Secondary"))),
        (OneOf("vpc", frozenset({"x"})), OneOf("zone", frozenset({"x"}))),
    ],
    ids=in_words,
)
def test_matches_that_look_at_different_things_are_never_proved_to_imply_each_other(
    one: Matcher, other: Matcher
) -> None:
    assert not implies(one, other)
    assert not implies(other, one)
