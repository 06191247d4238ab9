"""What a handler returned, as the bytes that its caller gets."""

from __future__ import annotations

import datetime as dt
import decimal
import json


def encoded(result: object) -> bytes:
    """What a handler returned, as bytes; TypeError or ValueError for what JSON cannot say."""
    if isinstance(result, (bytes, bytearray)):
        return bytes(result)
    if isinstance(result, str):
        return result.encode()
    if result is None:
        return b"null"
    return json.dumps(result, indent=4, sort_keys=True, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    to_json = getattr(value, "to_json", None)
    if callable(to_json):
        return to_json()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
