"""What an id of the cloud looks like, because an id that fails its pattern must never reach an API.

No document promises a length, so the patterns are wider than the ids seen so far (an
interface has 20 characters after its dash). Documentation masks ids with asterisks, and the test
button of CloudMonitor sends `<resource-id>`: both fail here, as they should.
"""

from __future__ import annotations

import re

_TAIL = "[a-z0-9]{8,40}"
NETWORK_INTERFACE = re.compile(f"eni-{_TAIL}")
INSTANCE = re.compile(f"i-{_TAIL}")
SESSION = re.compile(f"tms-{_TAIL}")
FILTER = re.compile(f"tmf-{_TAIL}")
_FILTER_OR_RULE = re.compile(f"tm[fr]-{_TAIL}")
LOAD_BALANCER = re.compile(f"lb-{_TAIL}")
_ACCOUNT = re.compile("[0-9]{5,20}")
_REGION = re.compile("[a-z]{2}-[a-z]+(-[a-z0-9]+)*")


def _matches(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and pattern.fullmatch(text) is not None


def is_network_interface_id(text: object) -> bool:
    return _matches(NETWORK_INTERFACE, text)


def is_instance_id(text: object) -> bool:
    return _matches(INSTANCE, text)


def is_session_id(text: object) -> bool:
    return _matches(SESSION, text)


def is_filter_id(text: object) -> bool:
    return _matches(FILTER, text)


def is_filter_or_rule_id(text: object) -> bool:
    return _matches(_FILTER_OR_RULE, text)


def is_load_balancer_id(text: object) -> bool:
    return _matches(LOAD_BALANCER, text)


def is_account_id(text: object) -> bool:
    return _matches(_ACCOUNT, text)


def is_region_id(text: object) -> bool:
    """Say whether this has the form of a region; whether the region exists is not known here."""
    return _matches(_REGION, text)
