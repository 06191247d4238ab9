"""The ClientToken's rule, held by properties rather than by examples."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evermirror.model import Cause, Place
from evermirror.tokens import MAXIMUM_LENGTH, client_token, creation_token

texts = st.text(max_size=20)
causes = st.builds(Cause, texts, texts)
inputs = st.fixed_dictionaries(
    {
        "place": st.builds(Place, texts, texts),
        "action": texts,
        "session_id": texts,
        "network_interface_ids": st.frozensets(texts, min_size=1, max_size=4),
        "causes": st.frozensets(causes, min_size=1, max_size=4),
        "attempt": st.integers(0, 10_000),
    }
)


@given(inputs)
def test_a_token_is_ascii_and_short_enough(named: dict[str, Any]) -> None:
    token = client_token(**named)

    assert token.isascii()
    assert 0 < len(token) <= MAXIMUM_LENGTH


@given(inputs, inputs)
def test_tokens_are_equal_exactly_when_all_inputs_are(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert (client_token(**one) == client_token(**other)) == (one == other)


@given(inputs, st.sampled_from(["place", "action", "session_id", "attempt"]), st.data())
def test_any_single_input_changed_makes_another_token(
    named: dict[str, Any], changed: str, data: st.DataObject
) -> None:
    replacement = data.draw(
        {
            "place": st.builds(Place, texts, texts),
            "action": texts,
            "session_id": texts,
            "attempt": st.integers(0, 10_000),
        }[changed].filter(lambda value: value != named[changed])
    )

    assert client_token(**named) != client_token(**{**named, changed: replacement})


@given(inputs, causes)
def test_one_more_cause_makes_another_token(named: dict[str, Any], cause: Cause) -> None:
    more = named["causes"] | {cause}

    assert (client_token(**named) == client_token(**{**named, "causes": more})) == (
        cause in named["causes"]
    )


@given(inputs, st.data())
def test_order_and_repetition_of_interfaces_and_causes_do_not_matter(
    named: dict[str, Any], data: st.DataObject
) -> None:
    interfaces = data.draw(st.permutations([*named["network_interface_ids"]] * 2))
    shuffled = data.draw(st.permutations([*named["causes"]] * 2))

    again = client_token(**{**named, "network_interface_ids": interfaces, "causes": shuffled})

    assert again == client_token(**named)


def test_neighbouring_values_never_run_together() -> None:
    place = Place("1", "r")

    one = client_token(place, "a", "bc", ["i"], [Cause("s", "x")], 0)
    other = client_token(place, "ab", "c", ["i"], [Cause("s", "x")], 0)

    assert one != other


def test_the_rule_has_not_changed_unnoticed() -> None:
    """A changed rule must change its version, or two releases would answer for each other."""
    token = client_token(
        Place("1234567890123456", "cn-hongkong"),
        "AddSourcesToTrafficMirrorSession",
        "tms-j6c00000000000000001",
        ["eni-j6c000000000000001"],
        [Cause("acs.ecs", "a1")],
        0,
    )

    assert token == "em1-4cade8f550a4c45b6ce6c027f78491ed4e3f9897b5b1c2f45210ba47"


def test_a_creation_is_named_by_place_pool_and_number_alone() -> None:
    place = Place("1234567890123456", "cn-hongkong")
    tokens = {
        creation_token(where, pool, number)
        for where in (place, Place("1234567890123457", "cn-hongkong"))
        for pool in ("big", "small")
        for number in (0, 1, 10)
    }

    assert len(tokens) == 12
    assert all(len(token) <= MAXIMUM_LENGTH and token.isascii() for token in tokens)
    assert creation_token(place, "big", 0) == creation_token(place, "big", 0)
