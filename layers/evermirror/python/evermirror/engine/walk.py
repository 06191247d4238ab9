"""Where an interface goes: the walk over its pool's sessions that never passes doubt.

The walk moves past a session only if that session was seen Created and without the interface, and
is full or mirrors nothing, or if it refused this very interface by a definite code in this run. A
session that is Modifying or Creating may already hold it, so the walk waits there; a session that
two Lists in a row do not show is asked, because only its answer can settle the doubt. After an
unknown or accepted outcome the interface stays with its session until the List or a definite
refusal speaks. So every run, redelivery and second writer comes to the same session, which takes an
interface once.

Room that comes. The order alone is not enough where a session that was full gets room: a run
passes it, asks the second and dies; somebody removes a source of the first; the next run stops at
the first. The same happens when a session ceases to be young and ranks in front of others again.
So before an interface is asked for, *every* other session of its pool must be free of doubt in the
same look: Created, with its sources listed, or busy with a change that this run made itself. Of
such a change the contents are known, and a session takes one change at a time, so a burst does not
hold itself up. What was seen Created after our change began, or shows our sources already, is no
longer known to be busy with it. A session that was not listed is not waited for: a wrong id in the
policy would hold its whole pool up for ever.

Waiting for the changes of others ends. A session that this instance has seen busy for longer than
`doubt_bound_s` without a break is stuck, and nothing is waited for there any more by those whose
order it does not come first in: no change takes so long.

A refusal as full is believed once the List shows a full session, or must by now: where quotas are
checked before anything else, the session that holds the interface says so as well.

Only where that session has ceased to mirror meanwhile it is not asked again. Once Lists have shown
for a stale bound that it did not take the interface, the walk goes on without it.

What is left: two looks, of two writers at once or one that is stale and one that is not, with a
removal by somebody else between them, or a change that lets a session mirror again, and the change
of the first not yet shown to the second.
Nothing short of a lock closes that. A look decides only what is sent within `stale_bound_s` of it;
where a look itself takes longer, see `closer`.
"""

from __future__ import annotations

from evermirror import reasons
from evermirror.engine.actions import Finish, Wait, finish
from evermirror.engine.memory import is_without_effect
from evermirror.engine.state import Call, Standing, Want
from evermirror.engine.view import View
from evermirror.model import CREATED, Verdict
from evermirror.placement.candidates import PASSED, Candidate, What
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


def walk(want: Want, decision: Decision, view: View) -> Ask | Growing | Wait | Finish:
    """The next step for an interface that its pool does not list yet."""
    progress = view.progress_of(want)
    if progress.without_effect >= view.limits.tries:
        return finish(
            want,
            Verdict.UNCONFIRMED,
            decision,
            reasons.WITHOUT_EFFECT,
            session_id=progress.session_id,
        )
    if progress.session_id is not None:
        staying = _stay(want, decision, progress.session_id, view)
        if staying is not None:
            return staying
    if progress.creation is not None:
        return Growing(want, decision)
    return _onward(want, decision, view)


def _onward(want: Want, decision: Decision, view: View) -> Ask | Growing | Wait | Finish:
    """The first session of its order that it can be asked for, or what comes after them all."""
    refused = view.refusals(want)
    for candidate in view.candidates(want.network_interface_id, decision.pool or ""):
        if candidate.session_id not in refused:
            step = _at(candidate, want, decision, view)
            if step is not None:
                return step
        elif is_unbelieved(candidate, want, view):
            return Wait(want.network_interface_id, "a session with room says that it is full")
    return _beyond(want, decision, view)


def _at(candidate: Candidate, want: Want, decision: Decision, view: View) -> Ask | Wait | None:
    """What there is to do at this session; None: the walk moves past it."""
    if candidate.what in PASSED:
        return None
    session_id = candidate.session_id
    if view.only_asks(want):
        # What a busy session will list is not waited for to say what would be done.
        return Ask(want, decision, session_id) if view.may_promise(session_id) else None
    is_made_now = candidate.session is None and session_id in view.changing
    if candidate.what is What.BUSY or is_made_now:
        return Wait(want.network_interface_id, "the session is busy")
    return _take(want, decision, session_id, view)


def is_unbelieved(candidate: Candidate, want: Want, view: View) -> bool:
    """Say whether a session refused the interface as full that no List shows to be full yet.

    The interface itself may be what fills it: in which order the service checks is documented
    nowhere, and who added it may have died. The List will show which it is.
    """
    progress = view.progress_of(want)
    refused = progress.refused.get(candidate.session_id)
    if refused is None or refused.means not in _FULL or candidate.what is What.FULL:
        return False
    refused_at = progress.refused_at.get(candidate.session_id, 0.0)
    return view.observation.at - refused_at <= view.limits.stale_bound_s


def _stay(want: Want, decision: Decision, session_id: str, view: View) -> Ask | Wait | None:
    """What there is to do at the session that was asked; None: it is no place any more."""
    progress = view.progress_of(want)
    session = view.observation.sessions.get(session_id)
    if session is not None and session.status != CREATED:
        return Wait(want.network_interface_id, "the session is settling")
    if progress.standing is Standing.ACCEPTED:
        return Wait(want.network_interface_id, "the change is not confirmed yet")
    if is_held_up(decision, view):
        # It is not in here, and another writer may have found room for it elsewhere meanwhile.
        return Wait(want.network_interface_id, "another session of the pool may be taking it")
    if session is not None and view.placement.effect(session, decision.pool or "").reason:
        # It ceased to mirror since it was asked: nothing is added, nor is it passed in doubt.
        if is_without_effect(progress, view.observation.at, view.limits.stale_bound_s):
            return None
        return Wait(want.network_interface_id, "the session mirrors nothing, and may have taken it")
    return Ask(want, decision, session_id, again=progress.call)


def _take(want: Want, decision: Decision, session_id: str, view: View) -> Ask | Wait:
    if is_held_up(decision, view):
        return Wait(want.network_interface_id, "another session of the pool may be taking it")
    return Ask(want, decision, session_id)


def is_held_up(decision: Decision, view: View) -> bool:
    """Say whether some session of the pool may be about to hold what is wanted elsewhere."""
    return view.is_in_doubt(decision.pool or "")


def _beyond(want: Want, decision: Decision, view: View) -> Growing | Wait | Finish:
    """Every session was passed: the pool makes another one, or says why not."""
    pool = view.policy.pools[decision.pool or ""]
    if pool.growth is None or view.progress_of(want).ungrown is not None:
        return _nowhere_left(want, decision, view)
    if any(one.means is Meaning.IN_THREE_SESSIONS for one in view.refusals(want).values()):
        # A session more would not take it either.
        return _nowhere_left(want, decision, view)
    if not view.limits.allow_growth:
        return finish(want, Verdict.DEFERRED, decision, reasons.GROWTH_NOT_ALLOWED)
    if not view.only_asks(want) and is_held_up(decision, view):
        return Wait(want.network_interface_id, "another session of the pool may be taking it")
    return Growing(want, decision)


def _nowhere_left(want: Want, decision: Decision, view: View) -> Finish:
    """Refused by all, or no room anywhere; a full pool gets room again, so it is deferred."""
    refused = view.refusals(want)
    ungrown = view.progress_of(want).ungrown
    refusals = [*refused.values(), *([] if ungrown is None else [ungrown])]
    means = {refusal.means for refusal in refusals}
    passed = set(view.sessions_of(decision.pool or "")) - refused.keys()
    if Meaning.TARGET_FULL in means:
        return finish(want, Verdict.DEFERRED, decision, reasons.POOL_FULL)
    # Who is in three sessions was refused where there was room: other sessions do not matter.
    matter = passed and Meaning.IN_THREE_SESSIONS not in means
    if matter or not refusals or Meaning.SESSION_FULL in means:
        return finish(want, Verdict.DEFERRED, decision, view.no_room(decision.pool or "", refused))
    telling = _telling(refusals)
    for_good = not passed and means == {Meaning.IN_THREE_SESSIONS}
    verdict = Verdict.REJECTED if for_good else Verdict.DEFERRED
    return finish(want, verdict, decision, telling.code, remedy=telling.remedy)


def _telling(refusals: list[Refused]) -> Refused:
    """Of several refusals the one that a person can act on best: a misconfigured session first."""
    return min(refusals, key=lambda one: (one.means is Meaning.IN_THREE_SESSIONS, one.code))
