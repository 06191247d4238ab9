"""Where an interface goes: the walk over its pool's sessions that never passes doubt.

The walk moves past a session only if that session was seen Created, full and without the
interface, or refused this very interface by a definite code in this run. A session that is
Modifying or Creating may already hold it, so the walk waits there; a session that two Lists in a
row do not show is asked, because only its answer can settle the doubt. After an unknown or accepted
outcome the interface stays with its session until the List or a definite refusal speaks. So
every run, redelivery and second writer comes to the same session, which takes an interface once.

Room that comes. The order alone is not enough where a session that was full gets room: a run
passes it, asks the second and dies; somebody removes a source of the first; the next run stops at
the first. The same happens when a session ceases to be young and ranks in front of others again.
So before an interface is asked for, *every* other session of its pool must be free of doubt in the
same look: Created, with its sources listed, or busy with a change that this run made itself. Of
such a change the contents are known, and a session takes one change at a time, so a burst does not
hold itself up. What was seen Created after our change began, or shows our sources already, is no
longer known to be busy with it. A session that was not listed is not waited for: a wrong id in the
policy would hold its whole pool up for ever.

Waiting for other people's changes ends. A wish older than `doubt_bound_s`, counted from when
mirror first heard of it (which travels with the wish when it is handed over), looks only at the
sessions in front of it in its order: no change takes so long, unless a session is stuck.

What is left: two looks, of two writers at once or one that is stale and one that is not, with a
removal by somebody else between them, and the change of the first not yet shown to the second.
Nothing short of a lock closes that. A look decides only what is sent within `stale_bound_s` of it;
where a look itself takes longer, see `closer`.
"""

from __future__ import annotations

from evermirror import reasons
from evermirror.engine.actions import Finish, Wait, finish
from evermirror.engine.placement import order
from evermirror.engine.state import CREATED, Call, Progress, Standing, Want
from evermirror.engine.view import View
from evermirror.model import Verdict
from evermirror.policy import Decision
from evermirror.results import Meaning, Refused
from evermirror.values import dataclass

_FULL = {Meaning.SESSION_FULL, Meaning.TARGET_FULL}


@dataclass(frozen=True, slots=True)
class Ask:
    """The interface should be added to this session now, or would be, if its wish only asks.

    `again` is the call to repeat, if any.
    """

    want: Want
    decision: Decision
    session_id: str
    again: Call | None = None


@dataclass(frozen=True, slots=True)
class Growing:
    """The pool has no place for the interface and may make one: its next session."""

    want: Want
    decision: Decision


def walk(
    want: Want, decision: Decision, session_ids: tuple[str, ...], view: View
) -> Ask | Growing | Wait | Finish:
    """The next step for an interface that its pool does not list yet."""
    progress = view.progress_of(want)
    if progress.without_effect >= view.limits.tries:
        reason = reasons.WITHOUT_EFFECT
        return finish(want, Verdict.UNCONFIRMED, decision, reason, progress.session_id)
    if progress.session_id is not None:
        return _stay(want, decision, progress.session_id, view)
    if progress.creation is not None:
        return Growing(want, decision)
    observation = view.observation
    for session_id in order(
        want.network_interface_id, session_ids, observation.sessions, observation.at
    ):
        step = None if session_id in progress.refused else _at(session_id, want, decision, view)
        if step is not None:
            return step
    return _beyond(want, decision, session_ids, view)


def _at(session_id: str, want: Want, decision: Decision, view: View) -> Ask | Wait | None:
    """What there is to do at this session; None: the walk moves past it."""
    if view.only_asks(want):
        # What a busy session will list is not waited for to say what would be done.
        return Ask(want, decision, session_id) if view.may_promise(session_id) else None
    session = view.observation.sessions.get(session_id)
    if _is_busy(session_id, view):
        return Wait(want.network_interface_id, "the session is busy")
    if session is None or view.seats_left(session) > 0:
        return _take(want, decision, session_id, view)
    return None


def _stay(want: Want, decision: Decision, session_id: str, view: View) -> Ask | Wait:
    progress = view.progress_of(want)
    session = view.observation.sessions.get(session_id)
    if session is not None and session.status != CREATED:
        return Wait(want.network_interface_id, "the session is settling")
    if progress.standing is Standing.ACCEPTED:
        return Wait(want.network_interface_id, "the change is not confirmed yet")
    if is_held_up(want, decision, view):
        # It is not in here, and another writer may have found room for it elsewhere meanwhile.
        return Wait(want.network_interface_id, "another session of the pool may be taking it")
    return Ask(want, decision, session_id, again=progress.call)


def _take(want: Want, decision: Decision, session_id: str, view: View) -> Ask | Wait:
    if is_held_up(want, decision, view):
        return Wait(want.network_interface_id, "another session of the pool may be taking it")
    return Ask(want, decision, session_id)


def is_held_up(want: Want, decision: Decision, view: View) -> bool:
    """Say whether some session of the pool may be about to hold what is wanted elsewhere."""
    age_s = view.observation.at - want.first_seen
    return view.is_in_doubt(decision.pool or "") and age_s <= view.limits.doubt_bound_s


def _beyond(
    want: Want, decision: Decision, session_ids: tuple[str, ...], view: View
) -> Growing | Wait | Finish:
    """Every session was passed: the pool makes another one, or says why not."""
    progress = view.progress_of(want)
    if view.policy.pools[decision.pool or ""].growth is None or progress.ungrown is not None:
        return _nowhere_left(want, decision, progress, session_ids)
    if not view.limits.allow_growth:
        return finish(want, Verdict.DEFERRED, decision, reasons.GROWTH_NOT_ALLOWED)
    if not view.only_asks(want) and is_held_up(want, decision, view):
        return Wait(want.network_interface_id, "another session of the pool may be taking it")
    return Growing(want, decision)


def _is_busy(session_id: str, view: View) -> bool:
    session = view.observation.sessions.get(session_id)
    return session_id in view.changing if session is None else session.status != CREATED


def _nowhere_left(
    want: Want, decision: Decision, progress: Progress, session_ids: tuple[str, ...]
) -> Finish:
    """A full pool may get room, so nobody is rejected for it; in three sessions one is for good."""
    grown = () if progress.ungrown is None else (progress.ungrown,)
    refusals = (*progress.refused.values(), *grown)
    if not session_ids and not refusals:
        return finish(want, Verdict.DEFERRED, decision, reasons.POOL_EMPTY)
    passed_as_full = len(progress.refused) < len(session_ids)
    if passed_as_full or any(refusal.means in _FULL for refusal in refusals):
        return finish(want, Verdict.DEFERRED, decision, reasons.POOL_FULL)
    telling = _telling(refusals)
    for_good = telling.means is Meaning.IN_THREE_SESSIONS
    verdict = Verdict.REJECTED if for_good else Verdict.DEFERRED
    return finish(want, verdict, decision, telling.code, remedy=telling.remedy)


def _telling(refusals: tuple[Refused, ...]) -> Refused:
    """Of several refusals the one that a person can act on best: a misconfigured session first.

    That the interface is in three sessions is told only where every refusal says so.
    """
    last = Meaning.IN_THREE_SESSIONS
    return min(refusals, key=lambda refusal: (refusal.means is last, refusal.code))
