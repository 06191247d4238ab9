"""Read the time of an event however it is written, because no event is refused for its time.

Seen in the cloud's own samples: `2026-01-01T08:00:00Z`, `...+08:00`, `2020-11-19T21:04:42.179PRC`,
`...Asia/Shanghai`, `20190409T121826.922+0800`, and milliseconds since the epoch.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_WRITTEN = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*(\S*)", re.ASCII
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?", re.ASCII)
# China has kept one zone without summer time since 1991, so names need no zone database.
_NAMED_ZONES = {"": 0, "Z": 0, "UTC": 0, "GMT": 0, "PRC": 480, "ASIA/SHANGHAI": 480}
_MILLISECONDS_FROM = 1e11
LATEST = 253_402_300_799.0
"""The end of the year 9999, after which no calendar here can write a time down."""


def _offset_minutes(zone: str) -> int | None:
    named = _NAMED_ZONES.get(zone.upper())
    if named is not None:
        return named
    match = _OFFSET.fullmatch(zone)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return minutes if match[1] == "+" else -minutes


def _plausible(seconds: float) -> float | None:
    return seconds if 0 < seconds <= LATEST else None


def _from_number(number: float) -> float | None:
    return _plausible(number / 1000 if abs(number) >= _MILLISECONDS_FROM else float(number))


def _from_text(text: str) -> float | None:
    if text.isascii() and text.isdigit() and len(text) <= 13:
        return _from_number(int(text))
    match = _WRITTEN.fullmatch(text)
    offset = _offset_minutes(match[8]) if match else None
    if match is None or offset is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        zone = timezone(timedelta(minutes=offset))
        whole = datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        return None
    return _plausible(whole + float(f"0.{match[7] or 0}"))


def seconds(written: object) -> float | None:
    """Return seconds since the epoch, or None when this is no time that can be read.

    A time without a zone is UTC, as ActionTrail writes it.
    """
    if isinstance(written, bool):
        return None
    if isinstance(written, (int, float)):
        return _from_number(written)
    return _from_text(written[:64].strip()) if isinstance(written, str) else None


def first_readable(*written: object) -> float | None:
    """Return the first of these that can be read as a time."""
    return next((time for time in map(seconds, written) if time is not None), None)
