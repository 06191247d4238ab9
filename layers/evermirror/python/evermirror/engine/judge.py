"""What one interface needs next, before it competes with others for a session.

From the cheapest doubt to the dearest: refused for good, not there, not ours, listed already,
not attached yet, and only then placed.
"""

from __future__ import annotations

from evermirror import reasons
from evermirror.engine.actions import Finish, Wait, finish
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
        never = progress.never
        return finish(want, Verdict.REJECTED, reason=never.code, remedy=never.remedy)
    interface = view.observation.interfaces.get(want.network_interface_id)
    if interface is None:
        return _missing(want, reasons.INTERFACE_NOT_VISIBLE, view)
    instance = view.observation.instances.get(interface.instance_id or "")
    decision = view.policy.decide(interface, instance)
    if decision.undecided and interface.instance_id is None and interface.status == IN_USE:
        return finish(want, Verdict.SKIPPED, reason=reasons.NO_INSTANCE)
    if decision.undecided:
        return _missing(want, reasons.INSTANCE_NOT_VISIBLE, view)
    if decision.pool is None:
        return finish(want, Verdict.SKIPPED, decision, decision.reason)
    if _is_target(interface, view):
        return finish(want, Verdict.SKIPPED, decision, reasons.TARGET_INSTANCE)
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
        return finish(want, Verdict.REJECTED, decision, excuse.code, remedy=excuse.remedy)
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
    return finish(want, Verdict.DEFERRED, decision, reason)


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
    return finish(want, verdict, decision, found, session.id)


def _is_target(interface: NetworkInterface, view: View) -> bool:
    on_target = interface.instance_id in view.observation.target_instance_ids
    return on_target or interface.id in view.targets


def _missing(want: Want, reason: str, view: View) -> Wait | Finish:
    if not _patience_is_over(want, view):
        return Wait(want.network_interface_id, reason)
    return finish(want, Verdict.REJECTED, reason=reason)


def _patience_is_over(want: Want, view: View) -> bool:
    since = view.progress_of(want).absent_since
    return since is not None and view.observation.at - since >= view.limits.visible_within_s
