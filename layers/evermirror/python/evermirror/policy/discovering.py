"""Reads how a pool finds its sessions: by what they have in common."""

from __future__ import annotations

from evermirror.policy.reading import Part
from evermirror.policy.session_tags import (
    ADDRESSES,
    EITHER_ADDRESS,
    MOST_LISTED,
    read_session_tags,
)
from evermirror.policy.sessions import Discovery
from evermirror.policy.vocabulary import FILTER, LONGEST_NAME, TARGET

DISCOVERY_KEYS = ("filter", "target", "tags", "name_prefix")


def read_discovery(part: Part) -> Discovery:
    """Read what a pool's sessions have in common; it means something only without a problem."""
    if part.value == {}:
        part.wrong("is empty; name at least one thing that the pool's sessions have in common")
    entries = part.fields(DISCOVERY_KEYS)
    return Discovery(
        filter_id=FILTER.read(entries["filter"]) if "filter" in entries else None,
        target_id=TARGET.read(entries["target"]) if "target" in entries else None,
        tags=_tags(entries["tags"]) if "tags" in entries else {},
        name_prefix=_prefix(entries["name_prefix"]) if "name_prefix" in entries else None,
    )


def _tags(part: Part) -> dict[str, str]:
    if part.value == {}:
        part.wrong("is empty; name at least one tag")
    most = f"the service lists sessions by {MOST_LISTED} at most, so name fewer of them"
    return read_session_tags(part, MOST_LISTED, most)


def _prefix(part: Part) -> str | None:
    prefix = part.text("what the names of the pool's sessions begin with")
    if prefix is not None and not 1 <= len(prefix) <= LONGEST_NAME:
        part.wrong(f"must have 1 to {LONGEST_NAME} characters, as the names of sessions have")
    elif prefix is not None and prefix.startswith(ADDRESSES):
        part.wrong(f"begins with {EITHER_ADDRESS}, which no name of a session may")
    return prefix
