"""The API's own description (OpenAPI 3.1): what Powertools derives, and what it cannot know.

Powertools derives paths and bodies from the code. Signed headers and refusals happen before it is
asked, so they are added here, out of the same patterns and kinds that the code uses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from evermirror.webhook import problems, signature
from evermirror.webhook.problems import Kind, Problem

VERSION = "1.0.0"
ABOUT = """\
Asks Evermirror to look at network interfaces. The policy decides what is mirrored where; a \
request cannot override it.

Requests are signed as [Standard Webhooks 1.0](https://www.standardwebhooks.com) asks. The answer \
to `POST /mirror` depends on the request alone: whoever lost it asks again with the same \
`webhook-id`, and gets the same answer. A `webhook-id` is acted on once; another body under the \
same id is answered as if it were new and not acted on, so use a new id for a new wish.

What became of an interface is published as an outcome, whose `cause` is \
`{"source": "evermirror.webhook", "id": <webhook-id>}`.

Problems are `application/problem+json` (RFC 9457). Other paths answer 404, other methods 405 with \
`Allow`.
"""

_SCHEMA = "#/components/schemas"
_HEADERS = (
    (signature.ID, f"^{signature.ID_PATTERN}$", "Names the request; again for a repetition of it."),
    (
        signature.TIMESTAMP,
        f"^{signature.TIMESTAMP_PATTERN}$",
        "Seconds since 1970, within 300 of now.",
    ),
    (
        signature.SIGNATURE,
        "^(.*[ ,])?v1,[A-Za-z0-9+/]{43}=([ ,].*)?$",
        "`v1,` and the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`; one or more.",
    ),
)
_NOT_SET_UP = (problems.NOT_CONFIGURED,)
_REFUSALS: Mapping[tuple[str, str], Sequence[Kind]] = {
    ("/mirror", "post"): (
        problems.UNREADABLE,
        problems.UNAUTHORIZED,
        problems.TOO_LARGE,
        problems.UNSUPPORTED,
        problems.INVALID,
        problems.PAUSED,
        problems.UNAVAILABLE,
        problems.NOT_CONFIGURED,
    ),
    ("/health", "get"): _NOT_SET_UP,
    ("/openapi.json", "get"): _NOT_SET_UP,
}
_ANSWERS = {
    ("/mirror", "post"): ("Ask for interfaces", "202", "Taken on, now or when it came before."),
    ("/health", "get"): ("Whether the webhook takes requests", "200", "It does."),
    ("/openapi.json", "get"): ("This document", "200", "OpenAPI 3.1."),
}
_ANSWER_HEADERS = {
    401: {"WWW-Authenticate": "The scheme that is asked for."},
    503: {"Retry-After": "Seconds to wait before asking again."},
}


def described(app: APIGatewayHttpResolver) -> str:
    """The document as JSON; always the same for the same code."""
    document: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title="Evermirror webhook", version=VERSION, openapi_version="3.1.0", description=ABOUT
        )
    )
    for (path, method), (summary, status, description) in _ANSWERS.items():
        operation = document["paths"][path][method]
        operation["summary"] = summary
        derived = operation["responses"][status]
        refusals = _refusals(_REFUSALS[path, method])
        operation["responses"] = {status: {**derived, "description": description}, **refusals}
    document["paths"]["/mirror"]["post"]["parameters"] = [_header(*one) for one in _HEADERS]
    document.pop("servers", None)
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template=f"{_SCHEMA}/{{model}}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    return json.dumps(document, indent=2, sort_keys=True)


def _header(name: str, pattern: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }


def _refusals(kinds: Sequence[Kind]) -> dict[str, Any]:
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {str(status): _refusal(status, some) for status, some in by_status.items()}


def _refusal(status: int, kinds: Sequence[Kind]) -> dict[str, Any]:
    narrowed = {
        "properties": {
            "type": {"enum": [kind.type for kind in kinds]},
            "title": {"enum": [kind.title for kind in kinds]},
            "status": {"const": status},
        }
    }
    headers = _ANSWER_HEADERS.get(status, {})
    return {
        "description": "; ".join(f"{kind.title} (`{kind.name}`)" for kind in kinds),
        "content": {
            problems.MEDIA_TYPE: {"schema": {"allOf": [{"$ref": f"{_SCHEMA}/Problem"}, narrowed]}}
        },
        **({"headers": {n: _described(text) for n, text in headers.items()}} if headers else {}),
    }


def _described(text: str) -> dict[str, Any]:
    return {"description": text, "required": True, "schema": {"type": "string"}}
