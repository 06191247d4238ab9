"""The cloud writes times in several ways, and a time it writes badly must not cost an answer."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache


def seconds_since_epoch(text: object) -> float | None:
    """Read `2023-09-05T15:26Z` (VPC), `2026-01-01T00:00:00Z` (ECS) or an offset; else None."""
    return _read(text) if isinstance(text, str) else None


@lru_cache(4096)
def _read(text: str) -> float | None:
    # A fleet was not made an interface a minute: many have the same time.
    spelled = text.strip()
    if spelled[-1:] in {"Z", "z"}:
        spelled = f"{spelled[:-1]}+00:00"
    try:
        moment = datetime.fromisoformat(spelled)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None
