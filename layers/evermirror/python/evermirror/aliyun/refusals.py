"""What each refusal of the cloud means for the caller: one question, asked in one place.

Every error of the traffic mirror calls comes with HTTP 400, so the code decides and the status
does not. Source: the error lists of VPC API 2016-04-28 and ECS API 2014-05-26.
"""

from __future__ import annotations

import re

from evermirror.aliyun.refusal_table import FAMILIES, ON_READING, TABLE, Refusal
from evermirror.results import About, Kind, Refused

UNKNOWN_CODE = Refusal(
    Kind.NEVER,
    About.CALL,
    "The service answered with a code that no document names.",
    "Look the code up in the service's error center and report it, so that it gets its place.",
    loud=True,
)
UNKNOWN_THROTTLE = Refusal(
    Kind.WAIT,
    About.SERVICE,
    "The service asked to be called later, with a code that no document names.",
    "Nothing to do unless it stays: then ask for a higher request quota.",
    loud=True,
)

READING = ("List", "Describe", "Get")
CREDENTIALS_SHOWN = re.compile(r"string.?to.?sign|signature|access.?key|token", re.IGNORECASE)
LONGEST_MESSAGE = 300


def classify(action: str, code: str, status: int) -> tuple[Refusal, bool]:
    """The entry for a code, and whether any document names that code.

    The same code can stop a reading action and only redirect a change: nobody may read means
    nothing can be done, while one session forbidden leaves the others. `status` matters for
    undocumented codes alone, where 429 says that waiting helps.
    """
    entry = _documented(action, code)
    if entry is not None:
        return entry, True
    return (UNKNOWN_THROTTLE if status == 429 else UNKNOWN_CODE), False


def _documented(action: str, code: str) -> Refusal | None:
    tables = (ON_READING, TABLE) if action.startswith(READING) else (TABLE,)
    family = next((named for pattern, named in FAMILIES if pattern.fullmatch(code)), code)
    found = (table[name] for name in (code, family) for table in tables if name in table)
    return next(found, None)


def refused(
    action: str,
    status: int,
    code: str,
    message: str,
    request_id: str | None,
    retry_after_s: float | None = None,
) -> Refused:
    """An error answer, judged."""
    entry, known = classify(action, code, status)
    if not known and retry_after_s is not None:
        entry = UNKNOWN_THROTTLE
    return Refused(
        code=code,
        kind=entry.kind,
        message=harmless(message) or entry.sentence,
        request_id=request_id,
        retry_after_s=retry_after_s,
        known=known,
        about=entry.about,
        remedy=entry.remedy,
        loud=entry.loud,
        same_token=entry.same_token,
        means=entry.means,
    )


def harmless(message: str) -> str:
    """The service's sentence, cut; empty where it may repeat what was signed.

    Signature errors echo the string to sign with the access key id and every parameter.
    """
    return "" if CREDENTIALS_SHOWN.search(message) else message[:LONGEST_MESSAGE]
