"""Function Compute's calling convention: what a handler is given, whichever runtime gives it.

The python3.12 runtime removed `context.credentials` and `context.service`, which the older ones
have (Function Compute 3.0, "Context" of the Python runtimes); both shapes are read here.
"""

from __future__ import annotations

from typing import NamedTuple

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import SettingsError
from evermirror.model import Place

DEFAULT_TIMEOUT_S = 60.0


class Invocation(NamedTuple):
    """One call of a handler. `credentials` is None where the environment carries them."""

    request_id: str
    place: Place
    function: str
    timeout_s: float
    credentials: Credentials | None


def read_context(context: object) -> Invocation:
    """Reads either shape of context; raises SettingsError where account or region are missing."""
    account_id, region = _text(context, "account_id"), _text(context, "region")
    if not account_id or not region:
        raise SettingsError("the function's context names no account_id or no region")
    function = getattr(context, "function", None)
    return Invocation(
        request_id=_text(context, "request_id"),
        place=Place(account_id, region),
        function=_text(function, "name"),
        timeout_s=_seconds(getattr(function, "timeout", None)),
        credentials=_credentials(getattr(context, "credentials", None)),
    )


def _text(holder: object, name: str) -> str:
    value = getattr(holder, name, None)
    return str(value) if value is not None else ""


def _seconds(value: object) -> float:
    # Older runtimes give the time-out as text.
    try:
        return float(str(value))
    except ValueError:
        return DEFAULT_TIMEOUT_S


def _credentials(holder: object) -> Credentials | None:
    key_id, secret = _text(holder, "access_key_id"), _text(holder, "access_key_secret")
    if not key_id or not secret:
        return None
    return Credentials(key_id, secret, _text(holder, "security_token") or None)
