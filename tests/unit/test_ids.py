"""Ids: nothing masked, padded or made up reaches an API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evermirror import ids


@pytest.mark.parametrize(
    ("matches", "good"),
    [
        (ids.is_network_interface_id, "eni-j6c000000000000001"),
        (ids.is_instance_id, "i-j6c0000000000000001"),
        (ids.is_session_id, "tms-j6c00000000000000001"),
        (ids.is_filter_id, "tmf-j6c00000000000000001"),
        (ids.is_account_id, "1234567890123456"),
        (ids.is_region_id, "cn-shanghai-finance-1"),
    ],
)
def test_a_whole_id_matches_and_anything_around_it_does_not(
    matches: Callable[[object], bool], good: str
) -> None:
    assert matches(good)
    spoilt = [f"{good}\n", f" {good}", f"{good}*", good.upper(), f"x-{good}", "", None, 7, [good]]
    assert not any(matches(text) for text in spoilt if text != good)  # digits have no upper case


@pytest.mark.parametrize(
    "masked", ["i-j6c0********0001", "<resource-id>", "i-short", "i-" + "a" * 41]
)
def test_masked_and_placeholder_ids_do_not_match(masked: str) -> None:
    assert not ids.is_instance_id(masked)


def test_digits_of_other_scripts_are_not_digits() -> None:
    assert not ids.is_account_id("１２３４５６７８９０")
