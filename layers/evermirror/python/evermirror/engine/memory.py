"""How answers and observations change what is known of an interface: one pure step at a time."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from evermirror.engine.blame import Blame, blame
from evermirror.engine.state import Call, Creation, Observation, Progress, Standing
from evermirror.model import ATTACHING, CREATED, IN_USE
from evermirror.results import About, Accepted, Kind, Meaning, Refused, Unknown


def answered(
    progress: Progress, call: Call, answer: Accepted | Refused | Unknown, at: float
) -> Progress:
    """What is known after `call` was answered at `at` (epoch seconds)."""
    sent = replace(progress, sent=progress.sent + 1, client_token=call.client_token)
    if isinstance(answer, Accepted):
        return replace(
            sent,
            standing=Standing.ACCEPTED,
            session_id=call.session_id,
            call=call,
            request_id=answer.request_id,
            without_effect_at=None,
            excuse=None,
            changed=True,
        )
    if isinstance(answer, Unknown):
        return replace(
            sent,
            standing=Standing.UNKNOWN,
            session_id=call.session_id,
            call=call,
            without_effect_at=None,
            changed=True,
        )
    return _refused(sent, call, answer, at)


def _refused(progress: Progress, call: Call, refused: Refused, at: float) -> Progress:
    if refused.same_token:
        return replace(
            progress,
            standing=Standing.UNKNOWN,
            session_id=call.session_id,
            call=call,
            without_effect_at=None,
        )
    # A definite error may be remembered by the service, so the next try is another attempt.
    again = replace(
        progress, attempt=progress.attempt + 1, call=None, request_id=refused.request_id
    )
    if refused.kind is Kind.WAIT and refused.about is not About.INTERFACE:
        return again
    if refused.means is Meaning.LOCKED:
        return _moved_on(again, call.session_id, refused, at)
    if len(call.network_interface_ids) > 1:
        # An error on a call with company judges none of them.
        return replace(again, alone=True)
    if refused.kind is Kind.DONE:
        return replace(
            again,
            standing=Standing.ACCEPTED,
            session_id=call.session_id,
            without_effect_at=None,
            excuse=None,
        )
    if refused.kind is Kind.WAIT:
        since = again.absent_since if again.absent_since is not None else at
        return replace(again, excuse=refused, absent_since=since)
    if refused.kind is Kind.ELSEWHERE:
        return _moved_on(again, call.session_id, refused, at)
    return replace(again, never=refused)


def _moved_on(progress: Progress, session_id: str, refused: Refused, at: float) -> Progress:
    return replace(
        progress,
        standing=Standing.FREE,
        session_id=None,
        without_effect=0,
        without_effect_at=None,
        refused=MappingProxyType({**progress.refused, session_id: refused}),
        refused_at=MappingProxyType({**progress.refused_at, session_id: at}),
    )


def created(
    progress: Progress, creation: Creation, answer: Accepted | Refused | Unknown, at: float
) -> Progress:
    """What is known after a Create that carries the interface was answered at `at`."""
    sent = replace(progress, sent=progress.sent + 1, client_token=creation.client_token)
    if isinstance(answer, Accepted) and answer.session_id is not None:
        return replace(
            sent,
            standing=Standing.ACCEPTED,
            session_id=answer.session_id,
            creation=creation,
            call=None,
            request_id=answer.request_id,
            without_effect_at=None,
            excuse=None,
            changed=True,
        )
    if not isinstance(answer, Refused):
        return replace(sent, standing=Standing.UNKNOWN, creation=creation, changed=True)
    if answer.same_token:
        return replace(sent, standing=Standing.UNKNOWN, creation=creation)
    return _not_created(sent, creation, answer, at)


def remembered(progress: Progress, creation: Creation) -> Progress:
    """What is known where a Create was answered with a session that was there before it."""
    return replace(progress, sent=progress.sent + 1, client_token=creation.client_token)


def set_free(progress: Progress) -> Progress:
    """What is known where the session that was asked is no place for the interface any more."""
    return replace(
        progress,
        standing=Standing.FREE,
        session_id=None,
        call=None,
        creation=None,
        attempt=progress.attempt + 1,
        without_effect=0,
        without_effect_at=None,
    )


def not_made(progress: Progress) -> Progress:
    """What is known where no session came of an accepted Create."""
    return replace(
        progress,
        standing=Standing.FREE,
        session_id=None,
        creation=None,
        without_effect=progress.without_effect + 1,
        without_effect_at=None,
    )


def _not_created(progress: Progress, creation: Creation, refused: Refused, at: float) -> Progress:
    fault = blame(creation, refused)
    if fault is Blame.LATER and refused.about is About.SERVICE:
        return progress
    free = replace(progress, standing=Standing.FREE, creation=None, request_id=refused.request_id)
    if fault is not Blame.INTERFACE:
        return free
    if len(creation.network_interface_ids) > 1:
        return replace(free, alone=True)
    if refused.kind is Kind.WAIT:
        since = free.absent_since if free.absent_since is not None else at
        return replace(free, excuse=refused, absent_since=since)
    if refused.kind is Kind.NEVER:
        return replace(free, never=refused)
    return replace(free, ungrown=refused)


def observed(
    progress: Progress, network_interface_id: str, observation: Observation, stale_bound_s: float
) -> Progress:
    """What is known after the world was read again."""
    seen = _presence(progress, network_interface_id, observation)
    if seen.standing is Standing.FREE or seen.session_id is None:
        return seen
    session = observation.sessions.get(seen.session_id)
    if session is not None and (
        session.status != CREATED or network_interface_id in session.source_ids
    ):
        return seen
    if seen.without_effect_at is None:
        return replace(seen, without_effect_at=observation.at)
    if not is_without_effect(seen, observation.at, stale_bound_s):
        return seen
    if seen.standing is Standing.UNKNOWN:
        return seen
    if seen.creation is not None:
        # A session that was to be made and does not come holds nothing.
        return not_made(seen)
    return replace(
        seen,
        standing=Standing.UNKNOWN,
        call=None,
        attempt=seen.attempt + 1,
        without_effect=seen.without_effect + 1,
    )


def is_without_effect(progress: Progress, at: float, stale_bound_s: float) -> bool:
    """Say whether Lists have shown for long enough that the session did not take the interface."""
    since = progress.without_effect_at
    return since is not None and at - since > stale_bound_s


def _presence(progress: Progress, network_interface_id: str, observation: Observation) -> Progress:
    interface = observation.interfaces.get(network_interface_id)
    if (
        interface is not None
        and interface.status in {IN_USE, ATTACHING}
        and interface.instance_id not in observation.unseen_instance_ids
    ):
        return progress if progress.excuse is not None else replace(progress, absent_since=None)
    if progress.absent_since is None:
        return replace(progress, absent_since=observation.at)
    return progress
