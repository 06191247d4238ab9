"""Carries out what a plan decided: the only place of the engine that changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evermirror.aliyun.answers import Accepted, Refused, Unknown
from evermirror.engine.actions import Add
from evermirror.engine.ports import Executor, SessionApi
from evermirror.engine.state import Call


@dataclass(frozen=True, slots=True)
class Answered:
    """A call and how it was answered; None where it was not sent because time had run out."""

    call: Call
    answer: Accepted | Refused | Unknown | None


def carry_out(
    adds: Sequence[Add], api: SessionApi, executor: Executor, may_send: Callable[[], bool]
) -> list[Answered]:
    """Sends every call of the plan; calls of one plan never concern the same session."""

    def send(call: Call) -> Callable[[], Answered]:
        def sending() -> Answered:
            if not may_send():
                return Answered(call, None)
            answer = api.add_sources(call.session_id, call.network_interface_ids, call.client_token)
            return Answered(call, answer)

        return sending

    return executor.run([send(add.call) for add in adds])
