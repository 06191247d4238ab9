"""Observe, plan, act, and again: until everything has an outcome or the time is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import NamedTuple

from evermirror.engine.act import Answered, carry_out, is_collision, is_trouble
from evermirror.engine.actions import Action, Add, Finish, Grow
from evermirror.engine.board import Alarm, Board
from evermirror.engine.learned import Learned
from evermirror.engine.observe import Observer, Question
from evermirror.engine.patience import Patience, is_progress
from evermirror.engine.pauses import Pauses
from evermirror.engine.plan import plan
from evermirror.engine.ports import Clock, Executor, InterfaceApi, SessionApi
from evermirror.engine.state import Limits, Observation
from evermirror.engine.view import View
from evermirror.errors import StopError
from evermirror.model import Intent, Outcome, Place
from evermirror.policy import Policy
from evermirror.results import Accepted, Kind, ReadError, Refused
from evermirror.values import dataclass


class Deadlines(NamedTuple):
    """When a run must end, and when it must begin no further change; epoch seconds."""

    end: float
    last_change: float


class Result(NamedTuple):
    """What a run came to. `unfinished` is for handing over; `alarms` for a person to hear of."""

    outcomes: tuple[Outcome, ...] = ()
    unfinished: tuple[Intent, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    def with_that_of(self, other: Result) -> Result:
        """Both results as one."""
        return Result(
            (*self.outcomes, *other.outcomes),
            (*self.unfinished, *other.unfinished),
            (*self.alarms, *other.alarms),
        )


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine with everything it needs; `run` may be called any number of times.

    `chance` gives numbers from 0 to 1, evenly; without it every pause after trouble is the longest.
    """

    place: Place
    policy: Policy
    limits: Limits
    sessions: SessionApi
    interfaces: InterfaceApi
    clock: Clock
    executor: Executor
    learned: Learned = field(default_factory=Learned)
    chance: Callable[[], float] = lambda: 1.0

    def run(self, intents: Iterable[Intent], deadlines: Deadlines, *, acting: bool) -> Result:
        """Brings every intent to an outcome, or leaves it unfinished when time is up."""
        board = Board(intents, self.policy)
        _Run(self, board, deadlines, acting).to_the_end()
        return Result(tuple(board.outcomes), board.unfinished(), tuple(board.alarms))


class _Run:
    def __init__(self, engine: Engine, board: Board, deadlines: Deadlines, acting: bool) -> None:
        self._engine = engine
        self._board = board
        self._deadlines = deadlines
        self._acting = acting
        self._observer = Observer(
            engine.sessions,
            engine.interfaces,
            engine.policy,
            engine.clock,
            engine.learned.sensors,
        )
        self._pauses = Pauses(engine.chance)
        self._patience = Patience(engine.clock, engine.limits.stale_bound_s)

    def to_the_end(self) -> None:
        clock = self._engine.clock
        try:
            while self._board.is_open and clock.now() < self._deadlines.end:
                pause_s = self._round()
                if not self._board.is_open or self._patience.is_over:
                    return
                clock.sleep(max(0.0, min(pause_s, self._deadlines.end - clock.now())))
        except StopError as stop:
            self._board.stop(stop.code, stop.remedy)

    def _round(self) -> float:
        """One look and what follows from it; returns how long to wait for the next."""
        try:
            observation = self._look()
            if self._is_recent(observation):
                return self._act(observation, self._board.wants)
            return self._act_closely(observation)
        except ReadError as error:
            return self._pause(error.retry_after_s or 0.0, trouble=True)

    def _act(
        self,
        observation: Observation,
        network_interface_ids: Iterable[str],
        known: AbstractSet[str] | None = None,
    ) -> float:
        """Plans for these interfaces and carries it out; returns how long to wait.

        Where only some sessions are `known` well enough, nothing is added to any other.
        """
        view = self._view(observation)
        actions = self._planned(network_interface_ids, view)
        answers = carry_out(
            [
                action
                for action in actions
                if isinstance(action, Grow)
                or (isinstance(action, Add) and (known is None or action.call.session_id in known))
            ],
            self._engine.sessions,
            self._engine.executor,
            lambda: self._time_left_s(observation),
        )
        self._board.answer(answers, self._engine.clock.now())
        self._engine.learned.heed(answers)
        return self._heed(answers)

    def _act_closely(self, whole: Observation) -> float:
        """As `_act`, where the look took so long that each change needs a closer one first."""
        # Few estates are so large, so a cold start does not pay for importing it.
        from evermirror.engine import closer  # noqa: PLC0415

        clock, bound_s = self._engine.clock, self._engine.limits.stale_bound_s
        looked_s = clock.now() - whole.at
        view = self._view(whole)
        groups = closer.groups(self._planned(self._board.wants, view))
        most = closer.at_once(looked_s, len(whole.sessions), bound_s)
        pause_s = None
        for some in closer.portions(groups, most):
            known = closer.sessions_to_ask(some, view)
            ids = [i for group in some for i in group.network_interface_ids]
            pause_s = self._act(self._observer.look_closer(whole, ids, known), ids, known)
            too_old = clock.now() - whole.at > looked_s + closer.WHOLE_LOOK_S
            if too_old or self._pauses.in_trouble or not self._has_time_for_changes():
                break
        return self._pause(0.0, trouble=False) if pause_s is None else pause_s

    def _planned(self, network_interface_ids: Iterable[str], view: View) -> tuple[Action, ...]:
        """What to do for these interfaces; those that are done with are told."""
        wants = self._board.wants
        actions = plan([wants[i] for i in network_interface_ids if i in wants], view)
        for action in actions:
            if isinstance(action, Finish):
                self._finish(action, view.observation)
        return actions

    def _look(self) -> Observation:
        board, limits = self._board, self._engine.limits
        if board.unresolved:
            before = len(board.unresolved)
            found = self._observer.resolve(board.unresolved)
            board.resolve(found, self._engine.clock.now(), limits.visible_within_s)
            self._patience.note(progressed=len(board.unresolved) < before)
        observation = self._observer.look(
            Question(
                board.wants,
                fresh=board.excused,
                placed=board.placed,
                doubtful=board.doubtful,
                priorities=board.ledger.priorities,
                everything=limits.max_sources is not None,
            )
        )
        board.note_unread(self._observer.unread)
        before = board.ledger.settled
        board.observe(observation, limits.stale_bound_s)
        self._patience.note(progressed=board.ledger.settled > before)
        return observation

    def _view(self, observation: Observation) -> View:
        engine = self._engine
        return View(
            place=engine.place,
            policy=engine.policy,
            limits=engine.learned.applied(engine.limits),
            observation=observation,
            progress=self._board.progress,
            acting=self._acting,
            time_for_changes=self._has_time_for_changes(),
            changing=self._board.changing,
            numbers=self._board.ledger.numbers,
        )

    def _finish(self, finish: Finish, observation: Observation) -> None:
        interface = observation.interfaces.get(finish.want.network_interface_id)
        instance_id = interface.instance_id if interface else None
        self._board.finish(finish, instance_id, observation.at)
        self._patience.note(progressed=True)

    def _heed(self, answers: list[Answered]) -> float:
        hint_s = 0.0
        for item in answers:
            if isinstance(item.answer, Accepted):
                self._pauses.changed()
            elif item.answer is not None:
                hint_s = max(hint_s, item.answer.retry_after_s or 0.0)
            if isinstance(item.answer, Refused) and item.answer.kind is Kind.STOP:
                raise StopError(item.answer.code, item.answer.message, item.answer.remedy)
        self._patience.note(progressed=any(is_progress(item.answer) for item in answers))
        trouble = any(is_trouble(item) for item in answers)
        if not trouble and any(is_collision(item) for item in answers):
            # The holder of a priority is listed already: nothing is gained by waiting to see it.
            return hint_s
        return self._pause(hint_s, trouble=trouble)

    def _pause(self, hint_s: float, *, trouble: bool) -> float:
        return self._pauses.next(len(self._board.changing), hint_s, trouble=trouble)

    def _has_time_for_changes(self) -> bool:
        return self._engine.clock.now() < self._deadlines.last_change

    def _is_recent(self, observation: Observation) -> bool:
        """Whether enough of the time is left in which a look decides anything."""
        age_s = self._engine.clock.now() - observation.at
        return age_s <= self._engine.limits.stale_bound_s / 2

    def _time_left_s(self, observation: Observation) -> float:
        """What was seen too long ago decides nothing any more: there will be another look."""
        until = min(self._deadlines.last_change, observation.at + self._engine.limits.stale_bound_s)
        return until - self._engine.clock.now()
