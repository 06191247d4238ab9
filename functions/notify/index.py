"""Door: outcomes that mirror published, to the channels that people and systems look at."""

from __future__ import annotations

from evermirror.starting import uncollected

with uncollected():
    from evermirror.notify.wiring import application


def handler(event: bytes, context: object) -> str:
    """Answers `{"delivered": N}` as JSON."""
    return application().notify(event, context)
