"""A function whose concurrency is spent has not run, so a person's request waits for its turn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from commandline.asking import AskingError, FunctionClient
from evermirror.aliyun.credentials import Credentials

from .conftest import Answering


@dataclass
class Clock:
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return 1_800_000_000.0 + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def deployed(endpoint: str, clock: Clock) -> FunctionClient:
    credentials = Credentials("an id", "a secret")
    return FunctionClient(
        endpoint, "mirror", credentials, clock.now, lambda: f"{clock.now()}", clock.sleep
    )


def test_a_busy_function_is_asked_until_it_has_time(answering: Answering) -> None:
    clock = Clock()
    function = deployed(answering([429, 429, 429, 200], b'{"outcomes": []}'), clock)

    assert function.ask({}) == {"outcomes": [], "handed_over": 0}
    assert clock.slept == [1.0, 1.0, 1.0]


def test_a_function_that_stays_busy_for_a_minute_is_told(answering: Answering) -> None:
    clock = Clock()
    said = re.escape("mirror: 429 (it is busy; ask again later): oh")

    with pytest.raises(AskingError, match=said):
        deployed(answering(429, b"oh"), clock).ask({})
    assert sum(clock.slept) == 60


def test_no_other_refusal_is_asked_again(answering: Answering) -> None:
    clock = Clock()

    with pytest.raises(AskingError, match="mirror: 503: oh"):
        deployed(answering(503, b"oh"), clock).ask({})
    assert clock.slept == []
