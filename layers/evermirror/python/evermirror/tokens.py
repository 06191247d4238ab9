"""The rule for ClientTokens, in one place, because a wrong token loses or doubles a change.

A token names one *try of one change*: the account, region, action and session, the interfaces
that the call carries, the causes they are there for, and the number of the attempt. Hence:

* the same event delivered again asks with the same token, and the service answers as it did the
  first time instead of acting twice (VPC API 2016-04-28, "Ensure idempotence");
* after an unknown outcome (time-out, reset, 5xx) the same token is sent again, so that a change
  which was made after all is not made a second time;
* after a definite error the attempt rises: the service may remember a failure and replay it
  to the same token. It rises, too, after an accepted change was seen settled without effect:
  a remembered success for a source that was removed since would otherwise be replayed for ever;
* a new cause (another event, a redrive, the next sweep) is a new token, because it is a new wish.

A session that a pool makes is named otherwise, because there its *number* is the change: account,
region, action, pool and number, and nothing of any event or interface. So two writers that make
the same number with other interfaces use the same token, and the second is told of it
(IdempotentParameterMismatch) instead of making a second session, whatever the priority's check
does. After a definite refusal, and when a holder of number or token would have shown by now and
has not, that token is spent: the session was deleted since, or never came. What is tried then is
named by its interfaces and causes as well, like every other change, or the remembered tokens of
runs long gone would bar the number, one after the other. The unique priority goes on guarding it.
So a refusal of the number's own token is not believed: it may be what the service said to a run
long gone. It is asked once more with a token that only this wish has, and an instance remembers
whose own token is spent.

Order and repetition of interfaces and causes do not matter. The digest runs over JSON, which
keeps neighbouring values apart, and is ASCII whatever the ids hold. `em1` is the rule's version:
changing the rule changes it, so that tokens of two versions never meet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from evermirror.model import Cause, Place

VERSION = "em1"
MAXIMUM_LENGTH = 64
"""Characters the service accepts (VPC API 2016-04-28, ClientToken: at most 64, ASCII only)."""

CREATE = "CreateTrafficMirrorSession"

_DIGEST_LENGTH = 56


def client_token(
    place: Place,
    action: str,
    session_id: str,
    network_interface_ids: Iterable[str],
    causes: Iterable[Cause],
    attempt: int,
) -> str:
    """The token of one attempt at one change: ASCII, at most 64 characters, always the same."""
    named: list[object] = [
        VERSION,
        place.account_id,
        place.region,
        action,
        session_id,
        sorted(set(network_interface_ids)),
        sorted({(cause.source, cause.id) for cause in causes}),
        attempt,
    ]
    return _token(named)


def creation_token(place: Place, pool: str, number: int) -> str:
    """The token of the first attempt at making the session of this number of a pool."""
    return _token([VERSION, place.account_id, place.region, CREATE, pool, number])


def later_creation_token(
    place: Place,
    pool: str,
    number: int,
    network_interface_ids: Iterable[str],
    causes: Iterable[Cause],
    attempt: int,
) -> str:
    """The token of an attempt after the number's own token was spent; `attempt` from 1."""
    return client_token(place, CREATE, f"{pool}/{number}", network_interface_ids, causes, attempt)


def _token(named: list[object]) -> str:
    text = json.dumps(named, ensure_ascii=True, separators=(",", ":"))
    return f"{VERSION}-{hashlib.sha256(text.encode('ascii')).hexdigest()[:_DIGEST_LENGTH]}"
