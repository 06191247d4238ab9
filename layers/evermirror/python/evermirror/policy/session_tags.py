"""Reads tags that sessions are made with or asked for, within what the cloud takes.

Limits are those of CreateTrafficMirrorSession and ListTrafficMirrorSessions (VPC API 2016-04-28). A
List that is refused keeps every pool of a run waiting, so the review refuses it first.
"""

from __future__ import annotations

from evermirror.policy.reading import Part
from evermirror.policy.vocabulary import read_tags

MOST_MADE = 20
"""The service takes 21 when a session is created; the last one says whose pool the session is."""
MOST_LISTED = 10
ADDRESSES = ("http://", "https://")
EITHER_ADDRESS = " or ".join(ADDRESSES)
FOREIGN_PREFIXES = ("aliyun", "acs:")
_EITHER_PREFIX = " or ".join(FOREIGN_PREFIXES)


def read_session_tags(part: Part, most: int, because: str) -> dict[str, str]:
    """Read at most so many tags; `because` ends the sentence that there are more."""
    tags = read_tags(part)
    if len(tags) > most:
        part.wrong(f"has {len(tags)} tags; {because}")
    for key, value in tags.items():
        place, unfit = part.child(key, value), unfit_for_a_tag(key)
        if unfit is not None:
            place.wrong(unfit)
        elif (unfit := unfit_for_a_tag(value)) is not None:
            place.wrong(f"has a value that {unfit}")
    return tags


def unfit_for_a_tag(text: str) -> str | None:
    """Say what is wrong with the key or the value of a tag, if no session can have it."""
    if text.startswith(FOREIGN_PREFIXES):
        return f"begins with {_EITHER_PREFIX}, which the cloud keeps for itself"
    if any(address in text for address in ADDRESSES):
        return f"contains {EITHER_ADDRESS}, which no tag may"
    return None
