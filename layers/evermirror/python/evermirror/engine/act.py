"""Carries out what a plan decided: the only place of the engine that changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evermirror.aliyun.answers import Accepted, Refused, Unknown
from evermirror.engine.actions import Add, Grow
from evermirror.engine.ports import Executor, SessionApi
from evermirror.engine.state import Call, Creation


@dataclass(frozen=True, slots=True)
class Answered:
    """A call and how it was answered; None where it was not sent because time had run out."""

    call: Call | Creation
    answer: Accepted | Refused | Unknown | None


def carry_out(
    actions: Sequence[Add | Grow],
    api: SessionApi,
    executor: Executor,
    may_send: Callable[[], bool],
) -> list[Answered]:
    """Sends every call of the plan; no two actions of one plan concern the same session."""

    def send(call: Call | Creation) -> Answered:
        if not may_send():
            return Answered(call, None)
        if isinstance(call, Creation):
            return Answered(call, api.create_session(call.new, call.client_token))
        answer = api.add_sources(call.session_id, call.network_interface_ids, call.client_token)
        return Answered(call, answer)

    def doing(action: Add | Grow) -> Callable[[], list[Answered]]:
        def one_after_the_other() -> list[Answered]:
            answers: list[Answered] = []
            for call in action.creations if isinstance(action, Grow) else (action.call,):
                answers.append(send(call))
                if not isinstance(answers[-1].answer, Accepted):
                    break
            return answers

        return one_after_the_other

    done = executor.run([doing(action) for action in actions])
    return [answered for answers in done for answered in answers]
