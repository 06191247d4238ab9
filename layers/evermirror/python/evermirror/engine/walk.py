"""Where an interface goes: the walk over its pool's sessions that never passes doubt.

The walk moves past a session only if that session was seen Created, full and without the
interface, or refused this very interface by a definite code in this run. A session that is
Modifying or Creating may already hold it, so the walk waits there; a session that the List does
not show is asked, because only its answer can settle the doubt. After an unknown or accepted
outcome the interface stays with its session until the List or a definite refusal speaks. So
every run, redelivery and second writer comes to the same session, which takes an interface once.
"""

from __future__ import annotations

from dataclasses import dataclass

from evermirror.aliyun.answers import Refused
from evermirror.engine import reasons
from evermirror.engine.actions import Finish, Wait
from evermirror.engine.memory import CREATED
from evermirror.engine.placement import order
from evermirror.engine.state import Call, Progress, Standing, Want
from evermirror.engine.view import View
from evermirror.model import Verdict
from evermirror.policy import Decision

_FULL = frozenset({"QuotaExceeded.SourceNumPerSession", "QuotaExceeded.SourceNumPerTarget"})
_IN_THREE_SESSIONS = "QuotaExceeded.NetworkInterfaceRelatedSession"


@dataclass(frozen=True, slots=True)
class Ask:
    """The interface should be added to this session now. `again` is the call to repeat, if any."""

    want: Want
    decision: Decision
    session_id: str
    again: Call | None = None


def walk(
    want: Want, decision: Decision, session_ids: tuple[str, ...], view: View
) -> Ask | Wait | Finish:
    """The next step for an interface that its pool does not list yet."""
    progress = view.progress_of(want)
    if progress.session_id is not None:
        return _stay(want, decision, progress.session_id, view)
    observation = view.observation
    for session_id in order(
        want.network_interface_id, session_ids, observation.sessions, observation.at
    ):
        if session_id in progress.refused:
            continue
        session = observation.sessions.get(session_id)
        if session is not None and session.status != CREATED:
            return _doubt(want, decision, session_id, view)
        if session is None or len(session.source_ids) < view.limits.sources_per_session:
            return _ask(want, decision, session_id, view)
    return _nowhere_left(want, decision, progress, session_ids)


def _stay(want: Want, decision: Decision, session_id: str, view: View) -> Ask | Wait | Finish:
    progress = view.progress_of(want)
    if progress.without_effect >= view.limits.tries:
        return Finish(
            want,
            Verdict.UNCONFIRMED,
            session_id=session_id,
            pool=decision.pool,
            rule=decision.rule,
            reason=reasons.WITHOUT_EFFECT,
            remedy=reasons.REMEDIES[reasons.WITHOUT_EFFECT],
        )
    session = view.observation.sessions.get(session_id)
    if session is not None and session.status != CREATED:
        return Wait(want.network_interface_id, "the session is settling")
    if progress.standing is Standing.ACCEPTED:
        return Wait(want.network_interface_id, "the change is not confirmed yet")
    return Ask(want, decision, session_id, again=progress.call)


def _ask(want: Want, decision: Decision, session_id: str, view: View) -> Ask | Finish:
    if not view.acting or want.dry_run:
        return _would_mirror(want, decision, session_id)
    return Ask(want, decision, session_id)


def _doubt(want: Want, decision: Decision, session_id: str, view: View) -> Wait | Finish:
    if not view.acting or want.dry_run:
        return _would_mirror(want, decision, session_id)
    return Wait(want.network_interface_id, "the session is busy")


def _would_mirror(want: Want, decision: Decision, session_id: str) -> Finish:
    return Finish(
        want,
        Verdict.WOULD_MIRROR,
        session_id=session_id,
        pool=decision.pool,
        rule=decision.rule,
    )


def _nowhere_left(
    want: Want, decision: Decision, progress: Progress, session_ids: tuple[str, ...]
) -> Finish:
    refusals = tuple(progress.refused.values())
    codes = {refusal.code for refusal in refusals}
    if not session_ids:
        reason, remedy = reasons.POOL_EMPTY, reasons.REMEDIES[reasons.POOL_EMPTY]
    elif len(refusals) < len(session_ids) or codes & _FULL:
        reason, remedy = reasons.POOL_FULL, reasons.REMEDIES[reasons.POOL_FULL]
    else:
        telling = _telling(refusals)
        reason, remedy = telling.code, telling.remedy
    return Finish(
        want,
        Verdict.REJECTED if codes == {_IN_THREE_SESSIONS} else Verdict.DEFERRED,
        pool=decision.pool,
        rule=decision.rule,
        reason=reason,
        remedy=remedy,
    )


def _telling(refusals: tuple[Refused, ...]) -> Refused:
    """Of several refusals the one that a person can act on best: a misconfigured session first."""
    return min(refusals, key=lambda refusal: (refusal.code == _IN_THREE_SESSIONS, refusal.code))
