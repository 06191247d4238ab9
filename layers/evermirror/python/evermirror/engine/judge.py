"""What one interface needs next, before it competes with others for a session.

From the cheapest doubt to the dearest: refused for good, not there, not ours, listed already,
not attached yet, and only then placed.
"""

from __future__ import annotations

from evermirror import reasons
from evermirror.engine.actions import Finish, Wait, finish
from evermirror.engine.state import Want
from evermirror.engine.view import View
from evermirror.engine.walk import Ask, Growing, walk
from evermirror.errors import StopError
from evermirror.model import ATTACHING, CREATED, IN_USE, NetworkInterface, Session, Verdict
from evermirror.placement.effect import Effect
from evermirror.policy import Decision


def judge(want: Want, view: View) -> Ask | Growing | Wait | Finish:
    """The next step for this interface alone."""
    progress = view.progress_of(want)
    if progress.never is not None:
        refused = progress.never
        return finish(want, Verdict.REJECTED, reason=refused.code, remedy=refused.remedy)
    interface = view.observation.interfaces.get(want.network_interface_id)
    if interface is None:
        return _missing(want, reasons.INTERFACE_NOT_VISIBLE, view)
    decision = view.eligibility(interface)
    if decision.undecided:
        return _missing(want, reasons.INSTANCE_NOT_VISIBLE, view)
    if decision.pool is None:
        return finish(want, Verdict.SKIPPED, decision, decision.reason)
    return _place(want, interface, decision, view)


def _place(
    want: Want, interface: NetworkInterface, decision: Decision, view: View
) -> Ask | Growing | Wait | Finish:
    pool = decision.pool or ""
    listing = view.best_listing(interface.id, pool)
    if listing is not None:
        return _confirm(want, decision, listing, view)
    if interface.status == ATTACHING:
        return Wait(interface.id, "the interface is attaching")
    if interface.status != IN_USE:
        return _missing(want, reasons.INTERFACE_NOT_ATTACHED, view)
    excuse = view.progress_of(want).excuse
    if excuse is not None and _patience_is_over(want, view):
        return finish(want, Verdict.REJECTED, decision, excuse.code, remedy=excuse.remedy)
    return _seek(want, decision, view)


def _seek(want: Want, decision: Decision, view: View) -> Ask | Growing | Wait | Finish:
    """A place for an attached interface that its pool does not list, if the pool was seen."""
    pool = decision.pool or ""
    unread = view.observation.unread.get(pool)
    if isinstance(unread, StopError):
        return finish(want, Verdict.DEFERRED, decision, unread.code, remedy=unread.remedy)
    if unread is not None:
        return Wait(want.network_interface_id, "the sessions of its pool could not be read")
    if view.progress_of(want).session_id is None:
        if not view.was_looked_at(pool):
            # It has moved since the look began, to a pool whose sessions nothing is known of.
            return Wait(want.network_interface_id, "its pool is looked at next")
        if view.placement.is_unlisted(pool):
            return _unlisted(want, decision, view)
    return walk(want, decision, view)


def _unlisted(want: Want, decision: Decision, view: View) -> Wait | Finish:
    reason = reasons.SESSIONS_NOT_LISTED
    if (
        not view.only_asks(want)
        and view.observation.at - want.first_seen < view.limits.visible_within_s
    ):
        return Wait(want.network_interface_id, reason)
    return finish(want, Verdict.DEFERRED, decision, reason)


def _confirm(
    want: Want, decision: Decision, listing: tuple[Session, Effect], view: View
) -> Wait | Finish:
    session, effect = listing
    if session.status != CREATED:
        return Wait(want.network_interface_id, "the session is settling")
    if effect.reason is not None:
        verdict = Verdict.INEFFECTIVE
    elif effect.doubt is not None:
        verdict = Verdict.UNCONFIRMED
    elif view.progress_of(want).changed:
        verdict = Verdict.MIRRORED
    else:
        verdict = Verdict.ALREADY_MIRRORED
    return finish(want, verdict, decision, effect.reason or effect.doubt, session_id=session.id)


def _missing(want: Want, reason: str, view: View) -> Wait | Finish:
    if not _patience_is_over(want, view):
        return Wait(want.network_interface_id, reason)
    return finish(want, Verdict.REJECTED, reason=reason)


def _patience_is_over(want: Want, view: View) -> bool:
    since = view.progress_of(want).absent_since
    return since is not None and view.observation.at - since >= view.limits.visible_within_s
