"""When a timer trigger fires: `@every` and the six-field cron of Function Compute.

Function Compute, "Time triggers": seconds, minutes, hours, day of month, month, day of week, in UTC
unless `CRON_TZ=Asia/Shanghai` stands before them. Where both days are limited either is enough,
and Monday is 1, Sunday 7 (0 is taken as Sunday too); neither is spelled out in the documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SHORTEST_S = 60
_DAYS_AHEAD = 366 * 8
_PERIOD = re.compile(r"@every +(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
_ZONE = re.compile(r"CRON_TZ=(\S+) +(.*)")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


class ScheduleError(ValueError):
    """An expression is not one; the message says which part and why."""


class Schedule(Protocol):
    """When to fire. Moments are seconds since the epoch."""

    def after(self, moment: float) -> float:
        """The first time to fire after a moment."""


@dataclass(frozen=True, slots=True)
class Every:
    """Each so many seconds, counted from when the trigger was switched on."""

    period_s: float

    def after(self, moment: float) -> float:
        return moment + self.period_s


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    names: Sequence[str] = ()
    open: bool = False


_FIELDS = (
    _Field("seconds", 0, 59),
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of month", 1, 31, open=True),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 1, 7, _WEEKDAYS, open=True),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """Moments given by fields, in one time zone."""

    fields: Mapping[str, Sequence[int]]
    zone: tzinfo
    days_limited: tuple[bool, bool]

    def after(self, moment: float) -> float:
        local = datetime.fromtimestamp(moment, self.zone).replace(tzinfo=None)
        for ahead in range(_DAYS_AHEAD):
            day = local.date() + timedelta(days=ahead)
            if self._fits(day):
                first = (local.hour, local.minute) if ahead == 0 else (0, 0)
                for there in self._times(day, first):
                    found = self._moment(there)
                    if found is not None and found > moment:
                        return found
        raise ScheduleError("there is no such day")

    def _fits(self, day: date) -> bool:
        if day.month not in self.fields["month"]:
            return False
        in_month = day.day in self.fields["day of month"]
        in_week = day.isoweekday() in self.fields["day of week"]
        return (in_month or in_week) if all(self.days_limited) else (in_month and in_week)

    def _times(self, day: date, first: tuple[int, int]) -> Iterator[datetime]:
        for hour in self.fields["hours"]:
            for minute in self.fields["minutes"]:
                if (hour, minute) >= first:
                    for second in self.fields["seconds"]:
                        yield datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - the zone is added where it is read

    def _moment(self, there: datetime) -> float | None:
        """None for a time that the clocks skip on that day."""
        moment = there.replace(tzinfo=self.zone).timestamp()
        back = datetime.fromtimestamp(moment, self.zone).replace(tzinfo=None)
        return moment if back == there else None


def parse(expression: str) -> Schedule:
    """The schedule of an expression; `ScheduleError` for what is none or would never fire."""
    text = expression.strip()
    if text.startswith("@every"):
        return _every(text)
    zoned = _ZONE.fullmatch(text)
    zone, fields = (_zone(zoned[1]), zoned[2]) if zoned else (timezone.utc, text)
    cron = _cron(fields.split(), zone)
    cron.after(0.0)
    return cron


def _every(text: str) -> Every:
    found = _PERIOD.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ScheduleError(f"{text!r} is not like @every 5m or @every 1h30m")
    hours, minutes, seconds = (float(one or 0) for one in found.groups())
    period_s = hours * 3600 + minutes * 60 + seconds
    if period_s < SHORTEST_S:
        raise ScheduleError(f"{text!r}: a minute is the shortest period")
    return Every(period_s)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleError(f"this machine knows no time zone {name}") from None


def _cron(texts: Sequence[str], zone: tzinfo) -> Cron:
    if len(texts) != len(_FIELDS):
        names = ", ".join(one.name for one in _FIELDS)
        raise ScheduleError(f"six fields are needed ({names}), here are {len(texts)}")
    fields = {field.name: _values(field, text) for field, text in zip(_FIELDS, texts, strict=True)}
    return Cron(fields, zone, (texts[3] not in {"*", "?"}, texts[5] not in {"*", "?"}))


def _values(field: _Field, text: str) -> Sequence[int]:
    values: set[int] = set()
    for part in text.split(","):
        values.update(_part(field, part))
    return sorted(values)


def _part(field: _Field, part: str) -> range:
    spans, slash, step = part.partition("/")
    if slash and not (step.isdecimal() and int(step)):
        raise ScheduleError(f"{field.name}: {part!r} has no whole number after /")
    least, most = _span(field, spans, stepped=bool(slash))
    if not field.least <= least <= most <= field.most:
        sentence = f"{field.name}: {part!r} is not within {field.least} to {field.most}"
        raise ScheduleError(sentence)
    return range(least, most + 1, int(step) if slash else 1)


def _span(field: _Field, text: str, *, stepped: bool) -> tuple[int, int]:
    if text == "*" or (text == "?" and field.open):
        return field.least, field.most
    first, dash, last = text.partition("-")
    least = _number(field, first)
    if dash:
        return least, _number(field, last)
    return least, field.most if stepped else least


def _number(field: _Field, text: str) -> int:
    if text.upper() in field.names:
        return field.names.index(text.upper()) + 1
    if not text.isdecimal():
        raise ScheduleError(f"{field.name}: {text!r} is neither a number nor a name")
    return 7 if field.names is _WEEKDAYS and int(text) == 0 else int(text)
