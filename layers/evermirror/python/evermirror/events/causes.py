"""Give each event the identity it keeps through every wrapping, redelivery and retry.

Equal `source` and `id` mean the same event (EventBridge, event overview). Where an event carries
no identity of its own, that of the message around it serves, and then a digest of what it says.
"""

from __future__ import annotations

from evermirror.events.json_text import digest, digest_bytes
from evermirror.events.records import LONGEST_IDENTITY
from evermirror.model import Cause

ACTIONTRAIL = "actiontrail"
CLOUD_MONITOR = "cloudmonitor"
MESSAGE = "mns"
DIGEST = "evermirror.digest"
REQUEST = "evermirror.request"


def _usable(text: object) -> str | None:
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_IDENTITY:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: it could never be published
        return None
    return text


def _cause(source: object, identity: object) -> Cause | None:
    usable_source, usable_identity = _usable(source), _usable(identity)
    return Cause(usable_source, usable_identity) if usable_source and usable_identity else None


def own(value: dict[str, object]) -> Cause | None:
    """Return the identity that this element itself carries, or None."""
    if "source" in value:
        return _cause(value["source"], value.get("id"))
    if "eventName" in value:
        return _cause(ACTIONTRAIL, value.get("eventId"))
    if "content" in value:
        return _cause(CLOUD_MONITOR, value.get("id"))
    return _cause(MESSAGE, value.get("MessageId", value.get("messageId")))


def of_request(value: dict[str, object]) -> Cause | None:
    """Return the cause that a request names, or None."""
    cause = value.get("cause")
    return _cause(cause.get("source"), cause.get("id")) if isinstance(cause, dict) else None


def by_content(value: object) -> Cause:
    """Return the identity of something that says nothing but itself."""
    return Cause(DIGEST, digest(value))


def by_bytes(payload: bytes) -> Cause:
    return Cause(DIGEST, digest_bytes(payload))
