"""What is told of a heal: that it is back and who had removed it, or that it was not ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from evermirror import reasons
from evermirror.events import tampered
from evermirror.model import Intent, Outcome, Purpose, Session, Tampering, Verdict, outcome_of

COVERED = {Verdict.MIRRORED, Verdict.ALREADY_MIRRORED}
GONE = {reasons.INTERFACE_NOT_VISIBLE, reasons.INTERFACE_NOT_ATTACHED}
REASONS = {
    tampered.REMOVE: reasons.SOURCE_REMOVED,
    tampered.DELETE: reasons.SESSION_DELETED,
    tampered.UPDATE: reasons.SESSION_CHANGED,
    tampered.SWITCHED_OFF: reasons.SESSION_SWITCHED_OFF,
}


def told(outcome: Outcome, intent: Intent, *, by_us: bool, belonged: bool) -> Outcome:
    """The outcome of a look that a record led to; `by_us` says that we remember healing it.

    `belonged` says that the interface may have been where the policy wants it. Of what was never
    there nobody took anything away: it is mirrored now, as after any other event.

    An interface that is covered again is `healed`, whoever was quicker: after a crash the second
    run must say what the first one did. One that the policy does not want, or that is gone, stays
    away, and nobody needs to hear of it; so our own removals of dead sources raise no noise.
    """
    tampering = intent.tampering
    if intent.purpose is Purpose.MIRROR:
        return outcome
    if outcome.verdict is Verdict.SKIPPED or outcome.reason in GONE:
        return replace(outcome, verdict=Verdict.IGNORED, remedy=None)
    if not belonged:
        return replace(outcome, attached_to_mirrored_s=None)
    if outcome.verdict in COVERED:
        if outcome.verdict is Verdict.MIRRORED or _is_back(outcome, intent, by_us=by_us):
            return healed(outcome, tampering)
        if outcome.session_id != intent.session_id:
            # Perhaps all along, so nobody is accused; or by a run that died before it could tell.
            return outcome
        return replace(outcome, verdict=Verdict.IGNORED, reason=reasons.SESSION_CHANGED)
    return replace(outcome, tampering=tampering)


def _is_back(outcome: Outcome, intent: Intent, *, by_us: bool) -> bool:
    """Whether what is covered now was not, as the record shows.

    Who takes a source out of one of two sessions, or deletes a double, left it covered all along.
    """
    if _is(intent.tampering, tampered.DELETE):
        return by_us
    if _is(intent.tampering, tampered.REMOVE):
        return by_us or outcome.session_id == intent.session_id
    return intent.tampering is not None and not _is(intent.tampering, tampered.UPDATE)


def _is(tampering: Tampering | None, action: str) -> bool:
    return tampering is not None and tampering.action == action


def healed(outcome: Outcome, tampering: Tampering | None) -> Outcome:
    """It is back; who took it away, and when, stands in the remedy and in `tampering`."""
    reason = REASONS.get(tampering.action if tampering else "", reasons.SESSION_CHANGED)
    return replace(
        outcome,
        verdict=Verdict.HEALED,
        reason=reason,
        remedy=f"{sentence(tampering)} {reasons.REMEDIES[reason]}",
        tampering=tampering,
        # From the attach to the mirror it was another way, long ago.
        attached_to_mirrored_s=None,
    )


def changed(intent: Intent, pool: str, session: Session | None, reason: str | None) -> Outcome:
    """The answer for a session of the pool that mirrors otherwise; `reason` is what is wrong now.

    `session` is None where the service does not list it any more.
    """
    remedy = f"{sentence(intent.tampering)} {reasons.remedy_of_session(reason)}"
    return replace(
        outcome_of(intent, Verdict.SESSION_CHANGED, reason, remedy),
        session_id=intent.session_id if session is None else session.id,
        target_id=None if session is None else session.target_id or None,
        pool=pool,
    )


def too_often(intent: Intent) -> Outcome:
    """The answer instead of a heal, where a session was healed too often."""
    reason = reasons.HEAL_LIMIT
    return deferred(intent, reason, f"{sentence(intent.tampering)} {reasons.REMEDIES[reason]}")


def of_empty(intent: Intent, session: Session, *, made_sure: bool) -> Outcome:
    """A session without sources has nothing to mirror, but may be on again, or must stay off."""
    if not _is(intent.tampering, tampered.SWITCHED_OFF) or not made_sure:
        return ignored(intent, reasons.SESSION_CHANGED)
    if not session.enabled:
        return _still_off(intent)
    return healed(outcome_of(intent, Verdict.HEALED), intent.tampering)


def _still_off(intent: Intent) -> Outcome:
    """The answer for a session without sources that could not be switched on."""
    remedy = f"{sentence(intent.tampering)} The session is still switched off. Enable it."
    return outcome_of(intent, Verdict.INEFFECTIVE, reasons.SESSION_DISABLED, remedy)


def ignored(intent: Intent, reason: str) -> Outcome:
    return outcome_of(intent, Verdict.IGNORED, reason)


def out_of_time(intent: Intent) -> Outcome:
    return deferred(intent, reasons.OUT_OF_TIME)


def deferred(intent: Intent, reason: str, remedy: str | None = None) -> Outcome:
    """The answer for a record that comes to nothing now; the sweep finds what it was about."""
    return outcome_of(intent, Verdict.DEFERRED, reason, remedy)


def sentence(tampering: Tampering | None) -> str:
    """Who did what, and when, as far as it is known."""
    if tampering is None:
        return "The session was changed."
    when = "" if tampering.at is None else f" at {_moment(tampering.at)}"
    what = f" ({', '.join(tampering.changed)})" if tampering.changed else ""
    return f"{tampering.actor} called {tampering.action}{what}{when}."


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
