"""The ARN alone chooses the client."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evermirror.errors import SettingsError
from evermirror.invocation import ByArn, InvocationError, Sent

PLACE = "acs:fc:cn-hongkong:1234567890123456"


class Remembering:
    """Takes what is sent, and under some ids took something before."""

    def __init__(self, *known: str) -> None:
        self.calls: list[tuple[str, bytes, str]] = []
        self.known = known
        self.is_lost = False

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> bool:
        self.calls.append((function_arn, payload, deduplication_id))
        if self.is_lost:
            raise InvocationError("no answer")
        return deduplication_id not in self.known

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        self.calls.append((function_arn, payload, f"{limit_s}"))
        return b"answer to " + payload


def test_the_arn_chooses_the_generation() -> None:
    fc2, fc3 = Remembering(), Remembering()
    invoker = ByArn(fc2, fc3)
    old, new = f"{PLACE}:services/s.LATEST/functions/f", f"{PLACE}:functions/f"

    invoker.invoke(old, b"old", "p-1")
    invoker.invoke(new, b"new", "p-2")

    assert fc2.calls == [(old, b"old", "p-1")]
    assert fc3.calls == [(new, b"new", "p-2")]


def test_the_arn_chooses_whom_to_ask() -> None:
    fc2, fc3 = Remembering(), Remembering()
    old, new = f"{PLACE}:services/s.LATEST/functions/f", f"{PLACE}:functions/f"

    answers = [ByArn(fc2, fc3).ask(arn, b"that", 5.0) for arn in (old, new)]

    assert answers == [b"answer to that"] * 2
    assert (fc2.calls, fc3.calls) == ([(old, b"that", "5.0")], [(new, b"that", "5.0")])


def test_an_id_that_is_known_at_its_first_attempt_is_told_and_at_a_retry_it_is_not() -> None:
    told: list[tuple[str, str]] = []
    client, sent = Remembering("s-burnt", "s-lost"), Sent()
    arn = f"{PLACE}:functions/mirror"

    def invoker() -> ByArn:
        return ByArn(client, client, lambda *what: told.append(what), sent)

    client.is_lost = True
    with pytest.raises(InvocationError):
        invoker().invoke(arn, b"", "s-lost")
    client.is_lost = False
    for name in ("s-lost", "s-good", "s-burnt", "s-burnt"):
        invoker().invoke(arn, b"", name)

    assert told == [("mirror", "s-burnt")]


def test_what_was_sent_long_ago_is_forgotten() -> None:
    sent = Sent()

    assert [sent.is_first(name) for name in ("a", "b", "a")] == [True, True, False]
    assert all(sent.is_first(f"s-{number}") for number in range(20_000))
    assert sent.is_first("a")


def test_nonsense_reaches_neither() -> None:
    fc2, fc3 = Remembering(), Remembering()

    with pytest.raises(SettingsError):
        ByArn(fc2, fc3).invoke("nonsense", b"", "p-1")

    assert fc2.calls == fc3.calls == []


def test_the_old_client_is_not_imported_before_somebody_needs_it() -> None:
    """It costs a tenth of a second, which a cold start should not pay for nothing."""
    program = (
        "import sys, evermirror.invocation\n"
        "print(sorted({'fc2', 'requests', 'websocket'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")
