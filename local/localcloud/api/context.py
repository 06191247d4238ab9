"""What an action is told besides its parameters: the moment, and which trouble it is in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """`action` and `request_id` are the call's own, `now` is the local cloud's time.

    `stale_s` makes lists answer as of that many seconds ago; `fails_in_background` lets a change
    be accepted and come to nothing. `sees_nothing` is a caller whose lists are empty, for want of
    permission.
    """

    action: str
    now: float
    request_id: str = ""
    stale_s: float = 0.0
    fails_in_background: bool = False
    sees_nothing: bool = False
