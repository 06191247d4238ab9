"""Records of changed sessions and filters: what somebody changed, who it was, and when.

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

MIRRORING = (
    "PacketLength",
    "TrafficMirrorFilterId",
    "TrafficMirrorTargetId",
    "TrafficMirrorTargetType",
    "VirtualNetworkId",
)
"""Parameters of an update by which a session mirrors other packets, or to somewhere else."""

UPDATE_RULE = "UpdateTrafficMirrorFilterRuleAttribute"

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
    """The session that was changed."""
    return _named(call, parameters, "TrafficMirrorSession")


def filter_id(call: SessionCall, parameters: Mapping[str, object]) -> str | None:
    """The filter whose rules were changed, or the rule, as an update of one names nothing else."""
    kind = "TrafficMirrorFilterRule" if call.event_name == UPDATE_RULE else "TrafficMirrorFilter"
    return _named(call, parameters, kind)


def _named(call: SessionCall, parameters: Mapping[str, object], kind: str) -> str | None:
    """The id of such a resource; from the record's own list where its parameters are bare."""
    named = parameters.get(f"{kind}Id")
    if isinstance(named, str):
        return named
    resources = call.referenced_resources
    listed = resources.get(f"ACS::VPC::{kind}") if isinstance(resources, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, str) else None


def tampering(call: SessionCall, parameters: Mapping[str, object]) -> Tampering:
    """Who did what, and when."""
    action = call.event_name
    if action != UPDATE:
        return Tampering(_actor(call), action, seconds(call.event_time))
    if str(parameters.get("Enabled")).lower() == "false":
        action = SWITCHED_OFF
    changed = tuple(name for name in MIRRORING if parameters.get(name) not in (None, ""))
    return Tampering(_actor(call), action, seconds(call.event_time), changed)


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
