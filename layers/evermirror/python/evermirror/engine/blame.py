"""What a refused Create speaks of, because it names a target, a filter and interfaces at once."""

from __future__ import annotations

from enum import Enum

from evermirror.engine.state import Call, Creation
from evermirror.results import About, Kind, Meaning, Refused


class Blame(Enum):
    """Why a session was not created.

    `LATER`: nothing is wrong, the service or the filter is busy. `NUMBER`: somebody holds the
    priority, or the token stands for another request. `TARGET`, `INTERFACE`: not with these.
    `CROWD`: not with so many sources. `POOL`: no session of this pool can be created.
    """

    LATER = "later"
    NUMBER = "number"
    TARGET = "target"
    INTERFACE = "interface"
    CROWD = "crowd"
    POOL = "pool"


def blame(creation: Creation, refused: Refused) -> Blame:
    """What stands in the way of this session."""
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
