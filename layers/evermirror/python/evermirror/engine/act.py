"""Carries out what a plan decided: the only place of the engine that changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from evermirror.engine.actions import Add, Grow
from evermirror.engine.blame import Blame, blame
from evermirror.engine.ports import Executor, SessionApi
from evermirror.engine.state import Call, Creation
from evermirror.results import About, Accepted, Kind, Meaning, Refused, Unknown


class Answered(NamedTuple):
    """A call and how it was answered; None where it was not sent because time had run out."""

    call: Call | Creation
    answer: Accepted | Refused | Unknown | None


def carry_out(
    actions: Sequence[Add | Grow],
    api: SessionApi,
    executor: Executor,
    time_left_s: Callable[[], float],
) -> list[Answered]:
    """Sends every call of the plan; no two actions of one plan concern the same session.

    A call whose turn does not come in `time_left_s` is not sent: what it was planned from is too
    old by then, or the function's time is over. When the service says that it is too much, what
    was not sent yet is left to another plan.
    """
    enough: list[Refused] = []

    def send(call: Call | Creation) -> Answered:
        if enough or not _takes_turn(enough, api, time_left_s()):
            return Answered(call, None)
        answer = _sent(call, api)
        if isinstance(answer, Refused) and is_overload(answer):
            enough.append(answer)
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


def is_overload(refused: Refused) -> bool:
    """Say whether the service refuses anybody anything for now."""
    return refused.kind is Kind.WAIT and refused.about is About.SERVICE


def stops_all(item: Answered) -> bool:
    """Say whether no change is taken by the service for now, whatever it is about.

    An unpaid bill is told of the session that a change names (VPC API 2016-04-28).
    """
    call, answer = item.call, item.answer
    if not isinstance(answer, Refused) or answer.kind is not Kind.STOP:
        return False
    if isinstance(call, Creation):
        return blame(call, answer) is not Blame.REMEMBERED
    return answer.means is not Meaning.LOCKED


def is_collision(item: Answered) -> bool:
    """A session that was to be made has a number that is somebody's already."""
    return (
        isinstance(item.call, Creation)
        and isinstance(item.answer, Refused)
        and blame(item.call, item.answer) is Blame.NUMBER
    )


def is_trouble(item: Answered) -> bool:
    """An answer that says nothing of the change, only of the service and the way to it."""
    if isinstance(item.answer, Refused):
        return is_overload(item.answer)
    return isinstance(item.answer, Unknown)


def _takes_turn(enough: Sequence[Refused], api: SessionApi, within_s: float) -> bool:
    if not api.takes_turn(within_s):
        return False
    if enough:
        # Another call was refused while this one waited.
        api.leaves_turn()
    return not enough


def _sent(call: Call | Creation, api: SessionApi) -> Accepted | Refused | Unknown:
    if isinstance(call, Creation):
        return api.create_session(call.new, call.client_token)
    return api.add_sources(call.session_id, call.network_interface_ids, call.client_token)
