"""What a call to the cloud can come back as, because a bare exception hides the doubtful third.

A change is accepted, or refused by a definite code, or nobody knows. Reads have no such doubt:
they give everything, or raise ReadError (read again) or StopError (nobody may read).
"""

from __future__ import annotations

from enum import Enum
from typing import Generic, TypeVar

from evermirror.errors import ReadError
from evermirror.values import dataclass

__all__ = [
    "About",
    "AbsentError",
    "Accepted",
    "Answered",
    "Kind",
    "Meaning",
    "ReadError",
    "Refused",
    "Unknown",
]

Body = TypeVar("Body")


class AbsentError(ReadError):
    """What the parameters named is not there, or not yet visible."""


class Kind(Enum):
    """What a refusal asks of whoever wanted the change."""

    DONE = "done"
    WAIT = "wait"
    ELSEWHERE = "elsewhere"
    NEVER = "never"
    STOP = "stop"


class About(Enum):
    """What a refusal speaks of, so that a busy session is not taken for an attaching interface."""

    SESSION = "session"
    INTERFACE = "interface"
    TARGET = "target"
    CALL = "call"
    SERVICE = "service"


class Meaning(Enum):
    """What a refusal says of the world, for whoever decides something by it.

    `SESSION_FULL`, `TARGET_FULL`: no room for more sources there, or for more sessions.
    `IN_THREE_SESSIONS`: the interface is in as many sessions as it can be in. `TAKEN`: another
    session has the priority. `ALREADY_ASSOCIATED`, `NOT_ASSOCIATED`: the interface is, or is not,
    a source of the session. `NO_SESSION`: there is no such session. `LOCKED`: a bill is
    unpaid; a change of a session is told so of that session, any other call of the account.
    `FORBIDDEN`: the role may not make this change. `DRY_RUN_PASSED`: nothing was wrong.
    `INSTANCE_TYPE`, `INTERFACE_TYPE`: what is of this type can never be mirrored so.
    """

    SESSION_FULL = "session_full"
    TARGET_FULL = "target_full"
    IN_THREE_SESSIONS = "in_three_sessions"
    TAKEN = "taken"
    ALREADY_ASSOCIATED = "already_associated"
    NOT_ASSOCIATED = "not_associated"
    NO_SESSION = "no_session"
    LOCKED = "locked"
    FORBIDDEN = "forbidden"
    DRY_RUN_PASSED = "dry_run_passed"
    INSTANCE_TYPE = "instance_type"
    INTERFACE_TYPE = "interface_type"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service took the change and works on it; only reading proves it.

    `dry_run` means that nothing was changed: the service checked the request and let it pass.
    `session_id` names the session that a creation begins, and is None for every other change.
    """

    request_id: str
    dry_run: bool = False
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The service said no, and nothing was changed.

    `means` is what the code says where anybody decides something by it: nobody reads the code
    itself. `known` is False for a code that no document names. `loud` marks what a person must
    hear of. `same_token` means that an earlier request under this ClientToken is still being
    worked on: ask again with it; after every other refusal a new token is due. `message` is the
    service's own sentence, cut, or the table's where the service's could give away credentials.
    """

    code: str
    kind: Kind
    message: str
    request_id: str | None
    retry_after_s: float | None = None
    known: bool = True
    about: About = About.CALL
    remedy: str = ""
    loud: bool = False
    same_token: bool = False
    means: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the change was made: send the same again, with the same token.

    `reason` is a word for the log: timed_out, connection_failed, cut_short, too_long,
    unreadable_answer, server_error, unexpected_status, dry_run_not_asked_for.
    """

    reason: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Answered(Generic[Body]):
    """A whole and readable answer."""

    body: Body
