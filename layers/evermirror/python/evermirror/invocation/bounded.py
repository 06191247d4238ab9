"""Bounds how long a call is waited for, whatever name servers and endpoints do."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from evermirror.invocation.port import InvocationError

Answer = TypeVar("Answer")


def within(limit_s: float, call: Callable[[], Answer], name: str) -> Answer:
    """Run `call`, but wait no longer.

    Looking up a name has no time limit of its own, and an answer that drips has none at all.
    """
    answers: list[Answer] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            answers.append(call())
        except Exception as error:  # noqa: BLE001 - carried over to the thread that waits
            failures.append(error)

    thread = Thread(target=run, name="invocation", daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        raise InvocationError(f"{name}: no answer within {limit_s:g} s")
    if failures:
        raise failures[0]
    return answers[0]
