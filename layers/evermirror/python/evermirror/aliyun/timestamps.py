"""The cloud writes times in several ways, and a time it writes badly must not cost an answer."""

from __future__ import annotations

from datetime import datetime, timezone


def seconds_since_epoch(text: object) -> float | None:
    """Read `2023-09-05T15:26Z` (VPC), `2026-01-01T00:00:00Z` (ECS) or an offset; else None."""
    if not isinstance(text, str):
        return None
    spelled = text.strip()
    if spelled[-1:] in {"Z", "z"}:
        spelled = f"{spelled[:-1]}+00:00"
    try:
        moment = datetime.fromisoformat(spelled)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None
