"""Records of changed sessions: which session and sources somebody changed, who it was, and when.

Source of the form: ActionTrail, "Management event structure": parameters are flat, lists in dotted
keys (`TrafficMirrorSourceIds.1`) or whole, and may be quoted as JSON. Nothing of a record is kept
but what is needed to look, and the name of whoever made the call; no key, no address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from evermirror.events.json_text import UnreadableError, decode
from evermirror.events.records import LONGEST_IDENTITY, SessionCall
from evermirror.events.times import seconds
from evermirror.model import Tampering

REMOVE = "RemoveSourcesFromTrafficMirrorSession"
DELETE = "DeleteTrafficMirrorSession"
UPDATE = "UpdateTrafficMirrorSessionAttribute"
SWITCHED_OFF = f"{UPDATE} Enabled=false"
"""What an update is called that switched the session off."""

_NUMBERED = re.compile(r"TrafficMirrorSourceIds\.(\d{1,4})")
SOMEBODY = "somebody"


def parameters_of(call: SessionCall) -> Mapping[str, object]:
    """What the call asked for; empty where the record does not tell."""
    if isinstance(call.request_parameters, dict) and call.request_parameters:
        return call.request_parameters
    if isinstance(call.request_parameter_json, str):
        try:
            again = decode(call.request_parameter_json)
        except UnreadableError:
            return {}
        return again if isinstance(again, dict) else {}
    return {}


def source_ids(parameters: Mapping[str, object]) -> tuple[str, ...]:
    """The sources that the call named, in whichever form, in order."""
    numbered = sorted(
        (int(match[1]), value)
        for key, value in parameters.items()
        if (match := _NUMBERED.fullmatch(key)) and isinstance(value, str)
    )
    whole = parameters.get("TrafficMirrorSourceIds")
    if isinstance(whole, str) and whole.startswith("["):
        try:
            whole = decode(whole)
        except UnreadableError:
            whole = None
    listed = whole if isinstance(whole, list) else [whole]
    named = [*(value for _, value in numbered), *(one for one in listed if isinstance(one, str))]
    return tuple(dict.fromkeys(named))


def session_id(call: SessionCall, parameters: Mapping[str, object]) -> str | None:
    """The session that was changed; from the record's resources where its parameters are bare."""
    named = parameters.get("TrafficMirrorSessionId")
    if isinstance(named, str):
        return named
    resources = call.referenced_resources
    listed = (
        resources.get("ACS::VPC::TrafficMirrorSession") if isinstance(resources, dict) else None
    )
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, str) else None


def tampering(call: SessionCall, parameters: Mapping[str, object]) -> Tampering:
    """Who did what, and when."""
    action = call.event_name
    if action == UPDATE and str(parameters.get("Enabled")).lower() == "false":
        action = SWITCHED_OFF
    return Tampering(_actor(call), action, seconds(call.event_time))


def _actor(call: SessionCall) -> str:
    """`ram-user net-admin`: the kind of identity and its name, as far as the record tells."""
    identity = call.user_identity if isinstance(call.user_identity, dict) else {}
    named = identity.get("userName") or identity.get("principalId")
    words = [word for word in (identity.get("type"), named) if isinstance(word, str) and word]
    # What is no text that can be written, half a surrogate pair say, is written as such.
    text = " ".join(words).encode("utf-8", "replace").decode()
    return text[:LONGEST_IDENTITY] or SOMEBODY


def owner(call: SessionCall) -> object:
    """The account whose session it is."""
    identity = call.user_identity if isinstance(call.user_identity, dict) else {}
    return call.recipient_account_id or identity.get("accountId")
