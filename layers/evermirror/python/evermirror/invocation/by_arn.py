"""Chooses the client by the ARN, so that nobody has to say which generation a function is.

An id that the platform knows although it was never sent from here was sent by an instance before
this one, or used up by somebody: it is told, because the function does not run for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from evermirror.invocation.arn import parse
from evermirror.invocation.port import Client
from evermirror.values import dataclass

MOST_REMEMBERED = 10_000


class Sent:
    """The ids that this instance has sent, the latest of them."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}

    def is_first(self, deduplication_id: str) -> bool:
        """Whether this one is sent for the first time, as it is from now on."""
        if deduplication_id in self._ids:
            return False
        self._ids[deduplication_id] = None
        if len(self._ids) > MOST_REMEMBERED:
            del self._ids[next(iter(self._ids))]
        return True


def _nobody(_function: str, _deduplication_id: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ByArn:
    """An Invoker made of a client for each generation of Function Compute.

    `was_known` hears of a first attempt whose id the platform knew; `sent` lasts from invoker to
    invoker.
    """

    fc2: Client
    fc3: Client
    was_known: Callable[[str, str], None] = _nobody
    sent: Sent = field(default_factory=Sent)

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        is_first = self.sent.is_first(deduplication_id)
        took = self._chosen(function_arn).invoke(function_arn, payload, deduplication_id)
        if is_first and not took:
            self.was_known(parse(function_arn).function, deduplication_id)

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        return self._chosen(function_arn).ask(function_arn, payload, limit_s)

    def _chosen(self, function_arn: str) -> Client:
        return self.fc3 if parse(function_arn).service is None else self.fc2
