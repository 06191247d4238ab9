"""Chooses the client by the ARN, so that nobody has to say which generation a function is."""

from __future__ import annotations

from evermirror.invocation.arn import parse
from evermirror.invocation.port import Invoker
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class ByArn:
    """An Invoker made of one for each generation of Function Compute."""

    fc2: Invoker
    fc3: Invoker

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        self._chosen(function_arn).invoke(function_arn, payload, deduplication_id)

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        return self._chosen(function_arn).ask(function_arn, payload, limit_s)

    def _chosen(self, function_arn: str) -> Invoker:
        return self.fc3 if parse(function_arn).service is None else self.fc2
