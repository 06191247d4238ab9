"""When timers fire: six-field cron, time zones, `@every`, and what is no schedule."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from localcloud.functioncompute.schedule import ScheduleError, parse

START = "2026-01-15T10:20:30+00:00"


def firings(expression: str, start: str = START, count: int = 3) -> list[str]:
    schedule, moment, found = parse(expression), datetime.fromisoformat(start).timestamp(), []
    for _ in range(count):
        moment = schedule.after(moment)
        found.append(datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 0 4 * * *", ["2026-01-16 04:00:00", "2026-01-17 04:00:00", "2026-01-18 04:00:00"]),
        ("0 */20 * * * *", ["2026-01-15 10:40:00", "2026-01-15 11:00:00", "2026-01-15 11:20:00"]),
        ("30 20 10 * * *", ["2026-01-16 10:20:30", "2026-01-17 10:20:30", "2026-01-18 10:20:30"]),
        ("*/20 * * * * *", ["2026-01-15 10:20:40", "2026-01-15 10:21:00", "2026-01-15 10:21:20"]),
        ("0 0/25 9-10 ? 1 ?", ["2026-01-15 10:25:00", "2026-01-15 10:50:00"]),
        ("0 0 0 ? * MON-WED", ["2026-01-19 00:00:00", "2026-01-20 00:00:00"]),
        ("0 0 0 ? * 7", ["2026-01-18 00:00:00", "2026-01-25 00:00:00", "2026-02-01 00:00:00"]),
        ("0 0 0 ? * 0", ["2026-01-18 00:00:00", "2026-01-25 00:00:00", "2026-02-01 00:00:00"]),
        ("0 0 0 31 * ?", ["2026-01-31 00:00:00", "2026-03-31 00:00:00", "2026-05-31 00:00:00"]),
        ("0 0 0 29 feb ?", ["2028-02-29 00:00:00", "2032-02-29 00:00:00", "2036-02-29 00:00:00"]),
        ("0 0 0 1,17 * sat", ["2026-01-17 00:00:00", "2026-01-24 00:00:00", "2026-01-31 00:00:00"]),
        ("@every 5m", ["2026-01-15 10:25:30", "2026-01-15 10:30:30", "2026-01-15 10:35:30"]),
        ("@every 1h30m", ["2026-01-15 11:50:30", "2026-01-15 13:20:30", "2026-01-15 14:50:30"]),
        ("@every 900s", ["2026-01-15 10:35:30", "2026-01-15 10:50:30", "2026-01-15 11:05:30"]),
    ],
)  # fmt: skip
def test_an_expression_fires_at_its_times(expression: str, expected: list[str]) -> None:
    assert firings(expression, count=len(expected)) == expected


def test_a_time_zone_moves_the_times() -> None:
    assert firings("CRON_TZ=Asia/Shanghai 0 0 4 * * *")[0] == "2026-01-15 20:00:00"


def test_a_time_that_the_clocks_skip_is_skipped_and_one_that_comes_twice_fires_once() -> None:
    skipped = firings("CRON_TZ=Europe/Berlin 0 30 2 * * *", "2026-03-28T12:00:00+00:00", 2)
    assert skipped == ["2026-03-30 00:30:00", "2026-03-31 00:30:00"]
    twice = firings("CRON_TZ=Europe/Berlin 0 30 2 * * *", "2026-10-24T12:00:00+00:00", 2)
    assert twice == ["2026-10-25 00:30:00", "2026-10-26 01:30:00"]


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("* * * * *", "six fields are needed"),
        ("", "six fields are needed"),
        ("60 * * * * *", "seconds: '60' is not within 0 to 59"),
        ("0 0 0 30-20 * *", "day of month: '30-20'"),
        ("0 0 ? * * *", "hours: '?' is neither"),
        ("0 0 0 * * MOND", "day of week: 'MOND' is neither a number nor a name"),
        ("0 */0 * * * *", "minutes: '*/0' has no whole number after /"),
        ("0 0 0 31 2 ?", "there is no such day"),
        ("CRON_TZ=Mars/Olympus 0 0 4 * * *", "no time zone Mars/Olympus"),
        ("CRON_TZ=../etc 0 0 4 * * *", "no time zone"),
        ("@every 5", "is not like @every 5m"),
        ("@every", "is not like @every 5m"),
        ("@every 30s", "a minute is the shortest period"),
        ("@daily", "six fields"),
    ],
)
def test_what_is_no_schedule_is_refused_with_its_reason(expression: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse(expression)
    assert sentence in str(caught.value)
