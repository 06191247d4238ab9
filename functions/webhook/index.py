"""Door: signed requests from the HTTP trigger, to the use case that passes them on to mirror."""

from __future__ import annotations

from evermirror.starting import uncollected

with uncollected():
    from evermirror.webhook.wiring import answer


def handler(event: bytes, context: object) -> str:
    """Answers with `statusCode`, `headers`, `isBase64Encoded` and `body` as JSON."""
    return answer(event, context)
