"""Moments of the fleet file and of answers: ISO 8601 in UTC outside, seconds inside."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

_LAST = 253402300799.0  # 9999-12-31T23:59:59Z, the last that can be written


def after(now: float, seconds: float) -> float:
    """The moment that many seconds later, to the microsecond: ten steps of 0.1 s are one second."""
    return round(now + seconds, 6)


def seconds_of(moment: object) -> object:
    """`2026-01-01T00:00:00Z`, or seconds since the epoch, as seconds since the epoch."""
    if not isinstance(moment, str):
        return moment
    try:
        parsed = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError("a moment is written like 2026-01-01T00:00:00Z") from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    return parsed.timestamp()


def to_the_second(moment: float) -> str:
    """As ECS and the fleet file write it: 2026-01-01T00:00:00Z."""
    return _utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_the_millisecond(moment: float) -> str:
    """As EventBridge writes the time of publishing: 2026-01-01T00:00:00.000Z."""
    return _utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_the_minute(moment: float) -> str:
    """As the VPC API writes a session's CreationTime: 2026-01-01T00:00Z."""
    return _utc(moment).strftime("%Y-%m-%dT%H:%MZ")


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, tz=timezone.utc)


def _exactly(moment: float) -> str:
    """To the second where that loses nothing, to the microsecond otherwise."""
    whole = to_the_second(moment)
    return whole if moment == int(moment) else _utc(moment).isoformat().replace("+00:00", "Z")


# Bounded, because an infinite wait could be neither written down nor read back.
Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Moment = Annotated[
    float,
    Field(ge=0, le=_LAST, allow_inf_nan=False),
    BeforeValidator(seconds_of),
    PlainSerializer(_exactly, return_type=str, when_used="json"),
]
