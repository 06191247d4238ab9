"""HTTP as Function Compute's trigger hands it to a function, and takes it back.

Source: Function Compute 3.0, "Use an HTTP trigger to invoke a function", event version v1, and
captures of it: header names in any case, repeated headers joined by commas, bodies as text or
Base64, an empty request id, keys that no document names.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from evermirror.events.json_text import MOST_BYTES, UnreadableError, decode_bytes
from evermirror.values import dataclass
from evermirror.webhook.problems import MEDIA_TYPE, NOT_HTTP, TOO_LARGE, ProblemError


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request: `path` decoded, header names in lower case, `body` as it was sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer: its body is JSON text."""

    status: int
    headers: Mapping[str, str]
    body: str


def read(event: bytes) -> HttpRequest:
    """The request in an event.

    Raises ProblemError for one too large, and for one that no HTTP trigger makes.
    """
    if len(event) > MOST_BYTES:
        # Whatever it is: a caller that sent too much is told so.
        raise ProblemError(TOO_LARGE, f"The event is longer than {MOST_BYTES} bytes.")
    try:
        value = decode_bytes(event)
    except UnreadableError as error:
        raise _not_http(f"The event {error}.") from None
    context = _map(_map(value).get("requestContext"))
    http = _map(context.get("http"))
    method, path = http.get("method"), http.get("path", _map(value).get("rawPath"))
    if not isinstance(method, str) or not isinstance(path, str):
        raise _not_http(
            "The event has no requestContext.http with a method and a path. Timers, queues and "
            "direct requests belong to the other functions."
        )
    return HttpRequest(method, path, _headers(_map(value).get("headers")), _body(_map(value)))


def written(answer: HttpAnswer) -> str:
    """The answer as the trigger takes it: these four keys, because others may be refused."""
    return json.dumps(
        {
            "statusCode": answer.status,
            "headers": dict(answer.headers),
            "isBase64Encoded": False,
            "body": answer.body,
        }
    )


def refusal(problem: ProblemError) -> HttpAnswer:
    """The answer that a problem is (RFC 9457)."""
    headers = {"content-type": MEDIA_TYPE, **problem.headers}
    return HttpAnswer(problem.kind.status, headers, problem.to_json())


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _headers(value: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in _map(value).items():
        if isinstance(text, str):
            # Spelled in two ways it is still one header that was sent twice.
            key = name.lower()
            found[key] = f"{found[key]},{text.strip()}" if key in found else text.strip()
    return found


def _body(value: Mapping[str, object]) -> bytes:
    body = value.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise _not_http("The event's body is no text.")
    try:
        if value.get("isBase64Encoded") is True:
            return base64.b64decode(body, validate=True)
        return body.encode()
    except (binascii.Error, ValueError):
        raise _not_http("The event's body is neither text nor Base64.") from None


def _not_http(detail: str) -> ProblemError:
    return ProblemError(NOT_HTTP, detail)
