"""The times of events, in every way that has been seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.events.times import first_readable, seconds

EIGHT = 1767600000.0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-05T08:00:00Z", EIGHT),
        ("2026-01-05T08:00:00z", EIGHT),
        ("2026-01-05T08:00Z", EIGHT),
        ("2026-01-05T16:00:00+08:00", EIGHT),
        ("2026-01-05T03:00:00-0500", EIGHT),
        ("2026-01-05T10:00:00+02", EIGHT),
        ("2026-01-05T16:00:00.179PRC", EIGHT + 0.179),
        ("2026-01-05T16:00:00.149Asia/Shanghai", EIGHT + 0.149),
        ("20260105T160000.922+0800", EIGHT + 0.922),
        ("2026-01-05 08:00:00", EIGHT),
        (" 2026-01-05T08:00:00Z ", EIGHT),
        (1767600000, EIGHT),
        (1767600000123, EIGHT + 0.123),
        ("1767600000123", EIGHT + 0.123),
    ],
)
def test_every_written_form_is_read(written: object, expected: float) -> None:
    assert seconds(written) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "yesterday",
        "2026-13-05T08:00:00Z",
        "2026-01-05T08:00:00+99:99",
        "2026-01-05T08:00:00Mars",
        "0001-01-01T00:00:00+2300",
        "\u0662\u0660\u0662\u0666-01-05T08:00:00Z",
        "9" * 5000,
        True,
        [],
        {},
        -5,
        1e300,
        float("nan"),
    ],
)
def test_what_is_no_time_is_none_and_no_error(written: object) -> None:
    assert seconds(written) is None


def test_the_first_readable_time_counts() -> None:
    assert first_readable("never", None, 1767600000, 5) == EIGHT
    assert first_readable() is None


@given(st.text() | st.floats() | st.integers() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*"))
def test_no_time_ever_raises(written: object) -> None:
    found = seconds(written)
    assert found is None or 0 < found < 1e12
