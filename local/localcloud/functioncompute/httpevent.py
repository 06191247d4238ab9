"""An HTTP request as the event that a function receives, and its result as an HTTP answer.

Function Compute 3.0, "Use an HTTP trigger to invoke a function": event version v1; repeated
headers and parameters are joined by commas; a result without `statusCode` is a body of its own.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import unquote, urlsplit

from localcloud.functioncompute.attributes import trigger_id
from localcloud.functioncompute.behaviour import Behaviour
from localcloud.functioncompute.resources import Address
from localcloud.functioncompute.template import Deployment
from localcloud.messages import Request, Response

ANSWER_KEYS = frozenset({"statusCode", "headers", "isBase64Encoded", "body"})
# What the service sets itself, whatever the function says.
_RESERVED = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "upgrade"}
)
_BELOW = re.compile(r"/http/([^/]+)(/.*)?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_WITHOUT_BODY = frozenset({204, 304})


class AnswerError(ValueError):
    """A function's result is no HTTP answer; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request came, in seconds since the epoch, and the id it was given."""

    now: float
    request_id: str


def split_target(request: Request) -> tuple[str, str] | None:
    """The function that `/http/{function}/...` names and its own part of the path, as sent."""
    target = request.target
    path = target.partition("?")[0] if target.startswith("/") else urlsplit(target).path
    found = _BELOW.fullmatch(path)
    return (unquote(found[1]), found[2] or "/") if found else None


def event_of(
    request: Request,
    raw_path: str,
    address: Address,
    deployment: Deployment,
    moment: Moment,
    behaviour: Behaviour,
) -> bytes:
    """The event for a request; `raw_path` is the function's own part of the path, as sent."""
    body, encoded = _body(request.body, behaviour)
    headers = _joined((_canonical(name), value) for name, value in _passed_on(request))
    return json.dumps(
        {
            "version": "v1",
            "rawPath": raw_path,
            "headers": headers,
            "queryParameters": _joined(request.query),
            "body": body,
            "isBase64Encoded": encoded,
            "requestContext": {
                "accountId": deployment.account_id,
                "triggerId": trigger_id(address.name),
                "domainName": f"{trigger_id(address.name)}.{deployment.region}.fcapp.run",
                "domainPrefix": trigger_id(address.name),
                "requestId": moment.request_id if behaviour.http_request_id == "given" else "",
                "time": _time(moment.now),
                "timeEpoch": str(round(moment.now * 1000)),
                "http": {
                    "method": request.method,
                    "path": unquote(raw_path),
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": headers.get("User-Agent", ""),
                },
            },
        },
        ensure_ascii=False,
    ).encode()


def _passed_on(request: Request) -> Iterable[tuple[str, str]]:
    """Clients cannot send the service's own headers; the host is in the context."""
    return (
        (name, value)
        for name, value in request.fields
        if name != "host" and not name.startswith("x-fc-")
    )


def _canonical(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _body(body: bytes, behaviour: Behaviour) -> tuple[str, bool]:
    if behaviour.http_bodies == "as_needed":
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def _time(now: float) -> str:
    return datetime.fromtimestamp(int(now), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def response_of(result: bytes, behaviour: Behaviour) -> Response:
    """The answer that a result stands for; `AnswerError` where it stands for none."""
    try:
        answer = json.loads(result)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Response(200, {"Content-Type": "application/json"}, result)
    unknown = sorted(answer.keys() - ANSWER_KEYS)
    if unknown and behaviour.http_extra_keys == "refuse":
        raise AnswerError(f"the answer has the unknown key {unknown[0]}")
    status = _status(answer["statusCode"])
    body = b"" if status in _WITHOUT_BODY else _answered_body(answer)
    return Response(status, _headers(answer.get("headers", {})), body)


def _status(status: object) -> int:
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise AnswerError("statusCode is no number from 200 to 599")
    return status


def _headers(headers: object) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        raise AnswerError("headers is no map of names to values")
    for name, value in headers.items():
        if _NAME.fullmatch(name) is None:
            raise AnswerError(f"{name!r} is no name of a header")
        if not isinstance(value, str) or _VALUE.fullmatch(value) is None:
            raise AnswerError(f"the header {name} has a value that cannot be sent")
    return {name: value for name, value in headers.items() if name.lower() not in _RESERVED}


def _answered_body(answer: Mapping[str, object]) -> bytes:
    body, encoded = answer.get("body", ""), answer.get("isBase64Encoded", False)
    if not isinstance(body, str):
        raise AnswerError("body is no string")
    if not isinstance(encoded, bool):
        raise AnswerError("isBase64Encoded is neither true nor false")
    if not encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise AnswerError("body is no Base64, though isBase64Encoded says so") from None
