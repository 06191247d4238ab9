"""Observe, plan, act, and again: until everything has an outcome or the time is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import TypeGuard

from evermirror.engine.act import Answered, carry_out, is_collision, is_trouble, stops_all
from evermirror.engine.actions import Action, Add, Finish, Grow, changed_by
from evermirror.engine.board import Board
from evermirror.engine.learned import Learned
from evermirror.engine.observe import Observer, Question
from evermirror.engine.patience import Patience, is_progress
from evermirror.engine.pauses import Pauses
from evermirror.engine.plan import plan
from evermirror.engine.ports import Clock, Cloud, Executor, FilterApi, InterfaceApi, SessionApi
from evermirror.engine.result import Deadlines, Result
from evermirror.engine.state import Observation
from evermirror.engine.view import View
from evermirror.errors import StopError
from evermirror.model import Intent, Place
from evermirror.placement.limits import Limits
from evermirror.policy import Policy
from evermirror.results import Accepted, ReadError, Refused
from evermirror.values import dataclass


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
    filters: FilterApi
    clock: Clock
    executor: Executor
    learned: Learned = field(default_factory=Learned)
    chance: Callable[[], float] = lambda: 1.0

    def run(self, intents: Iterable[Intent], deadlines: Deadlines, *, acting: bool) -> Result:
        """Brings every intent to an outcome, or leaves it unfinished when time is up."""
        board = Board(intents, self.policy, self.learned.spent)
        _Run(self, board, deadlines, acting).to_the_end()
        return Result(tuple(board.outcomes), board.unfinished(), tuple(board.alarms))


class _Run:
    def __init__(self, engine: Engine, board: Board, deadlines: Deadlines, acting: bool) -> None:
        self._engine = engine
        self._board = board
        self._deadlines = deadlines
        self._acting = acting
        self._observer = Observer(
            Cloud(engine.sessions, engine.interfaces, engine.filters),
            engine.policy,
            engine.clock,
            engine.learned.targets,
            engine.learned.filters,
        )
        self._stopped: StopError | None = None
        engine.learned.changes.begin(engine.clock.monotonic())
        self._pauses = Pauses(engine.chance)
        self._patience = Patience(engine.clock, engine.limits.stale_bound_s)

    def to_the_end(self) -> None:
        clock = self._engine.clock
        try:
            while self._board.is_open and clock.monotonic() < self._deadlines.end:
                pause_s = self._round()
                if not self._board.is_open or self._patience.is_over:
                    return
                left_s = self._deadlines.end - clock.monotonic()
                clock.sleep(max(0.0, min(pause_s, left_s)))
        except StopError as stop:
            self._board.stop(stop.code, stop.remedy, all_of_them=True)

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
        observation = self._up_to_date(observation, network_interface_ids)
        self._board.note_moves(observation)
        view = self._view(observation)
        self._board.note_differing(view.placement.differing)
        actions = self._planned(network_interface_ids, view)
        answers = carry_out(
            [
                action
                for action in actions
                if isinstance(action, Add | Grow) and self._is_known(action, known)
            ],
            self._engine.sessions,
            self._engine.executor,
            lambda: self._time_left_s(observation),
        )
        now = self._engine.clock.monotonic()
        self._board.answer(answers, self._engine.clock.now(), observation.sessions.keys())
        self._engine.learned.heed(answers, now)
        self._engine.learned.changes.note(answers, now)
        pause_s = self._heed(answers)
        hints = [e.retry_after_s or 0.0 for e in observation.unread.values() if _is_passing(e)]
        return self._pause(max(hints), trouble=True) if hints else pause_s

    def _is_known(self, action: Add | Grow, session_ids: AbstractSet[str] | None) -> bool:
        """Say whether the session and the interfaces of a change are known well enough."""
        named = {action.call.session_id} if isinstance(action, Add) else set()
        if session_ids is not None and not named <= session_ids:
            return False
        bound_s = self._engine.limits.stale_bound_s
        return not self._observer.outdated(changed_by([action]), bound_s)

    def _up_to_date(self, observation: Observation, ids: Iterable[str]) -> Observation:
        """The same, where what is about to be changed is known well enough.

        An interface that waited may have moved to another instance, or an instance have other tags.
        """
        bound_s, board = self._engine.limits.stale_bound_s, self._board
        if not self._observer.outdated(ids, bound_s):
            return observation
        waiting = [board.wants[i] for i in ids if i in board.wants]
        # A call that cannot leave before the look is too old would be read for in vain.
        calls = self._engine.sessions.turns_within(bound_s)
        changing = changed_by(plan(waiting, self._view(observation)), calls)
        outdated = self._observer.outdated(changing, bound_s)
        if not outdated:
            return observation
        soon = self._observer.outdated(board.unplaced, bound_s / 2)
        return self._observer.refresh(observation, outdated, soon)

    def _act_closely(self, whole: Observation) -> float:
        """As `_act`, where the look took so long that each change needs a closer one first."""
        # Few estates are so large, so a cold start does not pay for importing it.
        from evermirror.engine import closer  # noqa: PLC0415

        clock, bound_s = self._engine.clock, self._engine.limits.stale_bound_s
        looked_s = clock.monotonic() - whole.since
        view = self._view(whole)
        groups = closer.groups(self._planned(self._board.wants, view))
        most = closer.at_once(looked_s, len(whole.sessions), bound_s)
        pause_s = None
        for some in closer.portions(groups, most):
            known = closer.sessions_to_ask(some, view)
            ids = [i for group in some for i in group.network_interface_ids]
            pause_s = self._act(self._observer.look_closer(whole, ids, known), ids, known)
            too_old = clock.monotonic() - whole.since > looked_s + closer.WHOLE_LOOK_S
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
                changed=frozenset(i for want in board.wants.values() for i in want.changed),
                everything=limits.max_sources is not None,
            )
        )
        self._engine.learned.busy.note(observation.sessions.values(), observation.since)
        board.note_unread(self._observer.unread)
        board.note_refused(observation.unread)
        before = board.ledger.settled
        board.observe(observation, limits.stale_bound_s)
        self._patience.note(progressed=board.ledger.settled > before)
        return observation

    def _view(self, observation: Observation) -> View:
        engine, learned = self._engine, self._engine.learned
        bound_s, now = engine.limits.stale_bound_s, engine.clock.monotonic()
        return View(
            place=engine.place,
            policy=engine.policy,
            limits=learned.applied(engine.limits, now),
            observation=observation,
            progress=self._board.progress,
            acting=self._acting,
            time_for_changes=self._has_time_for_changes(),
            changing=self._board.changing,
            numbers=self._board.ledger.numbers,
            locked=self._board.locked,
            promised_lately=learned.changes.since(now - bound_s),
            busy_since=learned.busy.since,
            configured=engine.limits,
            is_new_instance=learned.changes.is_new(observation.since, bound_s),
        )

    def _finish(self, finish: Finish, observation: Observation) -> None:
        interface = observation.interfaces.get(finish.want.network_interface_id)
        session = observation.sessions.get(finish.session_id or "")
        self._board.finish(
            finish,
            observation.at,
            interface.instance_id if interface else None,
            (session.target_id or None) if session else None,
        )
        self._patience.note(progressed=True)

    def _heed(self, answers: list[Answered]) -> float:
        hint_s = 0.0
        for item in answers:
            if isinstance(item.answer, Accepted):
                self._pauses.changed()
            elif item.answer is not None:
                hint_s = max(hint_s, item.answer.retry_after_s or 0.0)
            if isinstance(item.answer, Refused) and stops_all(item):
                # What was accepted in this round is looked at all the same.
                self._stopped = StopError(item.answer.code, item.answer.message, item.answer.remedy)
        if self._stopped is not None:
            self._board.stop(self._stopped.code, self._stopped.remedy, all_of_them=False)
        self._patience.note(progressed=any(is_progress(item.answer) for item in answers))
        trouble = any(is_trouble(item) for item in answers)
        if not trouble and any(is_collision(item) for item in answers):
            # The holder of a priority is listed already: nothing is gained by waiting to see it.
            return hint_s
        return self._pause(hint_s, trouble=trouble)

    def _pause(self, hint_s: float, *, trouble: bool) -> float:
        board = self._board
        waiting = len(board.placed) < len(board.wants)
        return self._pauses.next(len(board.changing), hint_s, trouble=trouble, waiting=waiting)

    def _has_time_for_changes(self) -> bool:
        return (
            self._stopped is None and self._engine.clock.monotonic() < self._deadlines.last_change
        )

    def _is_recent(self, observation: Observation) -> bool:
        """Whether enough of the time is left in which a look decides anything."""
        age_s = self._engine.clock.monotonic() - observation.since
        return age_s <= self._engine.limits.stale_bound_s / 2

    def _time_left_s(self, observation: Observation) -> float:
        """What was seen too long ago decides nothing any more: there will be another look."""
        seen_until = observation.since + self._engine.limits.stale_bound_s
        return min(self._deadlines.last_change, seen_until) - self._engine.clock.monotonic()


def _is_passing(error: ReadError | StopError) -> TypeGuard[ReadError]:
    return isinstance(error, ReadError)
