"""Timer triggers fire at the times of the local cloud's clock, whatever speed it has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.functioncompute.intrinsics import TemplateError
from tests.platform.conftest import wait_until

NOTE = """
import os, pathlib

def handler(event, context):
    with pathlib.Path(os.environ["NOTE"]).open("ab") as file:
        file.write(event + b"\\n")
"""


def with_timer(workshop: Any, **config: Any) -> None:
    note = str(workshop.folder / "note")
    workshop.function("it", NOTE, EnvironmentVariables={"NOTE": note})
    workshop.resource(
        "timer",
        "ALIYUN::FC3::Trigger",
        FunctionName="it",
        TriggerName="sweep",
        TriggerType="timer",
        TriggerConfig={"enable": True, "payload": '{"k":1}', **config},
    )


def fired(workshop: Any) -> list[dict[str, Any]]:
    note = workshop.folder / "note"
    return [json.loads(line) for line in note.read_text().splitlines()] if note.exists() else []


def test_a_timer_fires_at_its_times_and_says_so_in_the_documented_event(workshop: Any) -> None:
    with_timer(workshop, cronExpression="0 */10 * * * *")
    served = workshop.serve(speed=0)
    for number in range(1, 4):
        served.cloud.advance(600)
        assert served.idle()["idle"]
        assert len(fired(workshop)) == number
    events = fired(workshop)
    assert [one["triggerTime"][-5:] for one in events] == ["0:00Z"] * 3
    assert len({one["triggerTime"] for one in events}) == 3
    for event in events:
        assert list(event) == ["triggerTime", "triggerName", "payload"]
        assert (event["triggerName"], event["payload"]) == ("sweep", '{"k":1}')


def test_every_five_minutes_is_counted_from_the_start(workshop: Any) -> None:
    with_timer(workshop, cronExpression="@every 5m")
    served = workshop.serve(speed=0)
    served.cloud.advance(299)
    assert served.control("GET", "invocations") == []
    served.cloud.advance(1)
    assert served.idle()["idle"]
    served.cloud.advance(1500)
    assert served.idle()["idle"]
    assert len(served.control("GET", "invocations")) == 6


def test_a_timer_follows_a_faster_clock(workshop: Any) -> None:
    with_timer(workshop, cronExpression="@every 1m")
    workshop.serve(speed=600)
    assert wait_until(lambda: len(fired(workshop)) >= 3)


def test_a_timer_that_is_switched_off_fires_by_hand_only(workshop: Any) -> None:
    with_timer(workshop, cronExpression="@every 1m", enable=False)
    served = workshop.serve(speed=0)
    served.cloud.advance(3600)
    assert served.control("GET", "invocations") == []
    answer = served.control("POST", "timers/sweep")
    assert served.idle()["idle"]
    assert [one["triggerName"] for one in fired(workshop)] == ["sweep"]
    (task,) = served.control("GET", "invocations")
    assert answer == {"request_id": task["request_id"], "request_ids": [task["request_id"]]}


def test_an_expression_that_is_none_is_refused_with_its_place(workshop: Any) -> None:
    with_timer(workshop, cronExpression="* * * * *")
    with pytest.raises(TemplateError, match=r"timer\.TriggerConfig\.cronExpression: six fields"):
        workshop.serve()
