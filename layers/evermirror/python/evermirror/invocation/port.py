"""What the rest of Evermirror knows of invoking a function: two methods, one error."""

from __future__ import annotations

import re
from typing import Protocol

from evermirror.errors import InvocationError

__all__ = [
    "ACCEPTED",
    "ALREADY_ACCEPTED",
    "ANSWERED",
    "Client",
    "InvocationError",
    "Invoker",
    "check",
]

ANSWERED = 200

ACCEPTED = 202
ALREADY_ACCEPTED = 409
"""A deduplication id that was sent before (Function Compute, asynchronous tasks)."""

LARGEST_PAYLOAD = 128 * 1024
DEDUPLICATION_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")


class Invoker(Protocol):
    """Hands a payload to a function that runs later, or asks one that runs now."""

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        """Returns when the platform has taken the payload, now or under this id before.

        Raises InvocationError otherwise, also when nobody knows: the same id may be sent again.
        SettingsError says that the ARN is none.
        """

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        """Has the function run now and returns what it answers.

        Raises InvocationError where it gave no answer in `limit_s`, was busy, or failed: whether it
        ran, nobody knows then. SettingsError says that the ARN is none.
        """


class Client(Protocol):
    """An Invoker for one generation of Function Compute, which tells what the platform knew."""

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> bool:
        """As an Invoker does; says whether the platform took it now, and not under this id before.

        What it took before, it does not run again.
        """

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        """As an Invoker does."""


def check(payload: bytes, deduplication_id: str) -> None:
    """Refuse what the platform would refuse, by the limits of asynchronous invocation."""
    if len(payload) > LARGEST_PAYLOAD:
        raise InvocationError(
            f"{len(payload)} bytes are too much for an asynchronous invocation: at most "
            f"{LARGEST_PAYLOAD}"
        )
    if not DEDUPLICATION_ID.fullmatch(deduplication_id):
        raise InvocationError(
            f"{deduplication_id[:128]!r} cannot be a deduplication id: a letter or underscore, "
            "then letters, digits, underscores and dashes, at most 128"
        )
