"""Door: events from the queue, and requests, to the one use case that changes sessions."""

from __future__ import annotations

from evermirror.starting import uncollected

with uncollected():
    from evermirror.wiring import application


def handler(event: bytes, context: object) -> str:
    """Answers `{"outcomes": [...], "handed_over": N}` as JSON."""
    return application().mirror(event, context)
