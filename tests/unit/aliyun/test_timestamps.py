"""The cloud spells times in several ways; all are read, and nonsense is no error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.aliyun.timestamps import seconds_since_epoch


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:01Z", 60.0),
        ("1970-01-01T00:00:01Z", 1.0),
        (" 1970-01-01T00:00:01z ", 1.0),
        ("1970-01-01T08:00:01+08:00", 1.0),
        ("1970-01-01T00:00:01.500Z", 1.5),
        ("1970-01-01T00:00:01", 1.0),
        ("1970-01-02", 86400.0),
    ],
)
def test_the_clouds_spellings_of_a_time_are_read(text: str, seconds: float) -> None:
    assert seconds_since_epoch(text) == seconds


@given(st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text())))
def test_what_is_no_time_is_no_error(value: object) -> None:
    assert isinstance(seconds_since_epoch(value), float | None)


@pytest.mark.parametrize("odd", [None, 5, "", "Z", "yesterday", "2023-13-01T00:00Z"])
def test_what_is_no_time_is_unknown(odd: object) -> None:
    assert seconds_since_epoch(odd) is None
