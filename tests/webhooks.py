"""Requests to the webhook: signed as any sender would, and the events that carry them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from commandline.assembly import WEBHOOK_SECRET
from tests.worlds import eni

SECRET = WEBHOOK_SECRET
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_2f9c"


def right_now() -> int:
    return int(time.time())  # noqa: TID251 - the function's own clock is real


def body(*numbers: int, **changes: Any) -> bytes:
    """A request for the interfaces of these numbers."""
    asked = {"network_interface_ids": [eni(number) for number in numbers or (1,)]}
    return json.dumps({**asked, **changes}).encode()


def signature(
    content: bytes,
    webhook_id: str,
    timestamp: int | str,
    secret: str = SECRET,
    digest: str = "sha256",
) -> str:
    """An entry of webhook-signature."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + content
    return (
        f"v1,{base64.b64encode(hmac.new(key, signed, getattr(hashlib, digest)).digest()).decode()}"
    )


def signed(
    content: bytes, webhook_id: str = ID, timestamp: int | str | None = None, secret: str = SECRET
) -> dict[str, str]:
    """The headers of a request with this body."""
    when = right_now() if timestamp is None else timestamp
    return {
        "Content-Type": "application/json",
        "Webhook-Id": webhook_id,
        "Webhook-Timestamp": str(when),
        "Webhook-Signature": signature(content, webhook_id, when, secret),
    }


def an_event(
    method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the HTTP trigger hands to the function."""
    return {
        "version": "v1",
        "rawPath": path,
        "headers": {"Accept": "*/*", **(headers or {})},
        "queryParameters": {},
        "body": base64.b64encode(content).decode(),
        "isBase64Encoded": True,
        "requestContext": {
            "accountId": "1234567890123456",
            "requestId": "",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1"},
        },
    }
