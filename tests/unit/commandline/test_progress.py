"""A long read says on stderr how far it is; a short one says nothing."""

from __future__ import annotations

import time

import pytest

from commandline.progress import progress_on_stderr, waiting_on_stderr


def told_at(moments: list[float], capsys: pytest.CaptureFixture[str]) -> list[str]:
    times = iter([0.0, *moments])
    with progress_on_stderr(ticks=lambda: next(times)) as tell:
        for number, _ in enumerate(moments, start=1):
            tell("interfaces", number * 500)
    return capsys.readouterr().err.splitlines()


def test_a_read_of_less_than_a_second_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert told_at([0.2, 0.5, 0.9], capsys) == []


def test_a_longer_one_says_once_a_second_how_much_was_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told_at([0.5, 1.5, 1.7, 2.6], capsys) == [
        "reading: 1,000 interfaces",
        "reading: 2,000 interfaces",
    ]


def test_a_long_wait_says_what_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    said = ""
    with waiting_on_stderr("the answer of mirror", patience_s=0.0):
        until = time.monotonic() + 10
        while not said and time.monotonic() < until:
            said = capsys.readouterr().err

    assert said == "waiting for the answer of mirror\n"


def test_a_short_wait_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting_on_stderr("the answer of mirror", patience_s=60.0):
        pass

    assert capsys.readouterr().err == ""
