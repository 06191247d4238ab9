"""What a refused Create speaks of, because it names a target, a filter and interfaces at once."""

from __future__ import annotations

from enum import Enum

from evermirror.engine.state import Call, Creation
from evermirror.results import About, Kind, Meaning, Refused


class Blame(Enum):
    """Why a session was not created.

    `LATER`: nothing is wrong, the service or the filter is busy. `NUMBER`: somebody holds the
    priority, or the token stands for another request. `TARGET`, `INTERFACE`: not with these.
    `CROWD`: not with so many sources. `POOL`: no session of this pool can be created. `REMEMBERED`:
    one of these for good, but perhaps as it was when the number's own token was used before.
    """

    LATER = "later"
    NUMBER = "number"
    TARGET = "target"
    INTERFACE = "interface"
    CROWD = "crowd"
    POOL = "pool"
    REMEMBERED = "remembered"


def blame(creation: Creation, refused: Refused) -> Blame:
    """What stands in the way of this session.

    The service may remember a refusal and say it again, so what it says for good to the number's
    own token is believed only once it is said to a token that no other wish has.
    """
    fault = _fault(creation, refused)
    ends = fault is Blame.POOL or _ends_one(creation, refused, fault)
    return Blame.REMEMBERED if ends and creation.attempt == 0 else fault


def _ends_one(creation: Creation, refused: Refused, fault: Blame) -> bool:
    """Say whether nothing else is tried for the only source; company is tried one by one."""
    is_alone = len(creation.network_interface_ids) == 1
    lasts = fault in {Blame.TARGET, Blame.INTERFACE} and refused.kind is not Kind.WAIT
    return is_alone and lasts


def spends_token(creation: Creation, refused: Refused) -> bool:
    """Say whether another token must be used after this refusal."""
    fault = blame(creation, refused)
    passes = fault is Blame.LATER and refused.about is About.SERVICE
    # Under the token of a number that is held somebody's session may still come to light.
    return not passes and fault is not Blame.NUMBER and not refused.same_token


def _fault(creation: Creation, refused: Refused) -> Blame:
    if creation.new.target_id in refused.message:
        # A missing target is told by the same code as a missing source, and by its name.
        return Blame.TARGET
    if refused.about is About.INTERFACE:
        return Blame.INTERFACE
    if refused.kind is Kind.WAIT:
        return Blame.NUMBER if refused.about is About.CALL else Blame.LATER
    if refused.about is About.TARGET:
        return Blame.TARGET
    if may_be_a_crowd(creation, refused):
        return Blame.INTERFACE
    return Blame.CROWD if is_a_crowd(creation, refused) else Blame.POOL


def is_a_crowd(call: Call | Creation, refused: Refused) -> bool:
    """Say whether a call was refused for naming more than one source.

    No document says by which code, so every documented refusal of the request as such counts; one
    source a call is right in any case. A session that is only to be made cannot be full.
    """
    if len(call.network_interface_ids) < 2 or not refused.known:
        return False
    as_such = refused.kind is Kind.NEVER and refused.about is About.CALL
    return as_such or (isinstance(call, Creation) and refused.means is Meaning.SESSION_FULL)


def may_be_a_crowd(call: Call | Creation, refused: Refused) -> bool:
    """Say whether a call may have been refused so.

    By a code that no document names; or as if the session were full, which it may be by now: a
    race for its last seat was lost.
    """
    if len(call.network_interface_ids) < 2:
        return False
    unknown = not refused.known and refused.kind is Kind.NEVER
    return unknown or (isinstance(call, Call) and refused.means is Meaning.SESSION_FULL)
