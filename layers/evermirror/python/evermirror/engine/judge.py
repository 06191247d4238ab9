"""What one interface needs next, before it competes with others for a session.

From the cheapest doubt to the dearest: refused for good, not there, not ours, listed already,
not attached yet, and only then placed.
"""

from __future__ import annotations

from evermirror.engine import reasons
from evermirror.engine.actions import Finish, Wait
from evermirror.engine.flaws import flaw
from evermirror.engine.state import ATTACHING, CREATED, IN_USE, Want
from evermirror.engine.view import View
from evermirror.engine.walk import Ask, Growing, walk
from evermirror.model import NetworkInterface, Session, Verdict
from evermirror.policy import Decision


def judge(want: Want, view: View) -> Ask | Growing | Wait | Finish:
    """The next step for this interface alone."""
    progress = view.progress_of(want)
    if progress.never is not None:
        return _rejected(want, progress.never.code, progress.never.remedy)
    interface = view.observation.interfaces.get(want.network_interface_id)
    if interface is None:
        return _missing(want, reasons.INTERFACE_NOT_VISIBLE, view)
    instance = view.observation.instances.get(interface.instance_id or "")
    decision = view.policy.decide(interface, instance)
    if decision.undecided and interface.instance_id is None and interface.status == IN_USE:
        return Finish(
            want,
            Verdict.SKIPPED,
            reason=reasons.NO_INSTANCE,
            remedy=reasons.REMEDIES[reasons.NO_INSTANCE],
        )
    if decision.undecided:
        return _missing(want, reasons.INSTANCE_NOT_VISIBLE, view)
    if decision.pool is None:
        remedy = reasons.REMEDIES.get(decision.reason)
        return Finish(
            want, Verdict.SKIPPED, rule=decision.rule, reason=decision.reason, remedy=remedy
        )
    if _is_target(interface, view):
        return _skipped_target(want, decision)
    return _place(want, interface, decision, view)


def _place(
    want: Want, interface: NetworkInterface, decision: Decision, view: View
) -> Ask | Growing | Wait | Finish:
    pool = decision.pool or ""
    listing = _best(view.holding(interface.id, pool))
    if listing is not None:
        return _confirm(want, decision, listing, view)
    if interface.status == ATTACHING:
        return Wait(interface.id, "the interface is attaching")
    if interface.status != IN_USE:
        return _missing(want, reasons.INTERFACE_NOT_ATTACHED, view)
    excuse = view.progress_of(want).excuse
    if excuse is not None and _patience_is_over(want, view):
        return _rejected(want, excuse.code, excuse.remedy, decision)
    if view.progress_of(want).session_id is None and _is_unlisted(pool, view):
        return _unlisted(want, decision, view)
    return walk(want, decision, view.sessions_of(pool), view)


def _is_unlisted(pool: str, view: View) -> bool:
    """Say whether the List shows nothing of a pool that names several sessions.

    Rather than all of them being gone, the List is not to be believed. A pool's only session may be
    asked all the same: the interface can be in no other.
    """
    shown = view.observation.sessions.keys()
    named = view.policy.pools[pool].session_ids
    return len(named) > 1 and shown.isdisjoint(view.sessions_of(pool))


def _unlisted(want: Want, decision: Decision, view: View) -> Wait | Finish:
    reason = reasons.SESSIONS_NOT_LISTED
    if (
        not view.only_asks(want)
        and view.observation.at - want.first_seen < view.limits.visible_within_s
    ):
        return Wait(want.network_interface_id, reason)
    return Finish(
        want,
        Verdict.DEFERRED,
        pool=decision.pool,
        rule=decision.rule,
        reason=reason,
        remedy=reasons.REMEDIES[reason],
    )


def _best(holding: tuple[Session, ...]) -> Session | None:
    """Of several sessions that list an interface, the one that works best."""
    return max(holding, key=lambda s: (flaw(s) is None, s.status == CREATED, s.id), default=None)


def _confirm(want: Want, decision: Decision, session: Session, view: View) -> Wait | Finish:
    if session.status != CREATED:
        return Wait(want.network_interface_id, "the session is settling")
    found = flaw(session)
    if found is not None:
        verdict = Verdict.INEFFECTIVE
    elif view.progress_of(want).changed:
        verdict = Verdict.MIRRORED
    else:
        verdict = Verdict.ALREADY_MIRRORED
    return Finish(
        want,
        verdict,
        session_id=session.id,
        pool=decision.pool,
        rule=decision.rule,
        reason=found,
        remedy=reasons.REMEDIES[found] if found else None,
    )


def _is_target(interface: NetworkInterface, view: View) -> bool:
    on_target = interface.instance_id in view.observation.target_instance_ids
    return on_target or interface.id in view.targets


def _skipped_target(want: Want, decision: Decision) -> Finish:
    return Finish(
        want,
        Verdict.SKIPPED,
        pool=decision.pool,
        rule=decision.rule,
        reason=reasons.TARGET_INSTANCE,
        remedy=reasons.REMEDIES[reasons.TARGET_INSTANCE],
    )


def _missing(want: Want, reason: str, view: View) -> Wait | Finish:
    if not _patience_is_over(want, view):
        return Wait(want.network_interface_id, reason)
    return _rejected(want, reason, reasons.REMEDIES[reason])


def _patience_is_over(want: Want, view: View) -> bool:
    since = view.progress_of(want).absent_since
    return since is not None and view.observation.at - since >= view.limits.visible_within_s


def _rejected(
    want: Want, reason: str, remedy: str | None, decision: Decision | None = None
) -> Finish:
    return Finish(
        want,
        Verdict.REJECTED,
        pool=decision.pool if decision else None,
        rule=decision.rule if decision else None,
        reason=reason,
        remedy=remedy,
    )
