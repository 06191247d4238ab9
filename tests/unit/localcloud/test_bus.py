"""The bus: which rule gets which bytes, and what becomes of events that it cannot take."""

from __future__ import annotations

import base64
import json

import pytest

from localcloud.eventbridge.bus import Disorder, EventBus, split
from localcloud.eventbridge.targets import Targets
from localcloud.faults import Faults
from localcloud.functioncompute.resources import Rule, RuleTarget

from .stage import Stage, staged

RULES = (
    Rule("running", "default", {"type": ["run"]}, True, (RuleTarget("events", encode=False),)),
    Rule("all", "default", {"type": [{"prefix": ""}]}, True, (RuleTarget("events", encode=True),)),
    Rule("off", "default", {}, False, (RuleTarget("events", encode=False),)),
)


def bus(stage: Stage) -> EventBus:
    async def push(target: RuleTarget, payload: bytes) -> bool:
        raise AssertionError("no rule here has a function")

    faults = Faults(stage.clock.now)
    targets = Targets(stage.queues.send, push, faults, stage.clock, stage.activity)
    return EventBus(RULES, targets, stage.clock, stage.activity)


def bodies(stage: Stage) -> list[str]:
    return [one.body for one in stage.queues["events"].messages]


def test_the_bus_delivers_the_bytes_as_they_came_to_every_matching_rule() -> None:
    async def scene(stage: Stage) -> None:
        odd = '{ "type" :"run",\n "id":"1", "n": 1.50, "ü": "\\u00fc"}'
        assert bus(stage).put(odd.encode()) == 1
        assert bodies(stage) == [odd, base64.b64encode(odd.encode()).decode()]

    staged(scene)


def test_duplicates_delay_and_disorder_are_made_as_asked() -> None:
    async def scene(stage: Stage) -> None:
        events = [f'{{"type":"x","id":"{n}"}}' for n in range(4)]
        one_bus = bus(stage)
        put = one_bus.put(f"[{','.join(events)}]".encode(), Disorder(2, 5.0, 3))
        assert put == 8
        assert bodies(stage) == []
        assert stage.activity.counts() == {"deliveries": 1}
        await stage.after(5)
        seen = [base64.b64decode(one).decode() for one in bodies(stage)]
        assert sorted(seen) == sorted(events * 2)
        assert seen != sorted(events * 2)
        assert [one.rules for one in one_bus.deliveries] == [("all",)] * 8

    staged(scene)


@pytest.mark.parametrize(
    "payload", [b"", b"\xff", b"text", b"1", b"null", b"[1, 2", b"[" * 100_000, b'{"a":' * 50_000]
)
def test_what_is_no_event_is_recorded_and_goes_nowhere(payload: bytes) -> None:
    async def scene(stage: Stage) -> None:
        one_bus = bus(stage)
        one_bus.put(payload)
        assert bodies(stage) == []
        assert all(one.problem for one in one_bus.deliveries)
        assert len(one_bus.deliveries) == 1

    staged(scene)


def test_an_event_too_large_for_the_queue_is_recorded() -> None:
    async def scene(stage: Stage) -> None:
        one_bus = bus(stage)
        one_bus.put(json.dumps({"type": "x", "pad": "x" * 70_000}).encode())
        assert "at most 65536 bytes" in str(one_bus.deliveries[0].problem)

    staged(scene)


@pytest.mark.parametrize(
    ("payload", "elements"),
    [
        (b"[]", []),
        (b' [ {"a": [1, 2]} ,\n"text", 3 ] ', [b'{"a": [1, 2]}', b'"text"', b"3"]),
        (b"[1,]", [b"[1,]"]),
        (b"[1] 2", [b"[1] 2"]),
        (b"{}", [b"{}"]),
    ],
)
def test_an_array_is_split_into_the_bytes_of_its_elements(
    payload: bytes, elements: list[bytes]
) -> None:
    assert split(payload) == elements


def test_an_event_above_the_limit_of_the_bus_goes_nowhere() -> None:
    async def scene(stage: Stage) -> None:
        one_bus = bus(stage)
        one_bus.put(json.dumps({"type": "x", "pad": "x" * 2**18}).encode())
        assert one_bus.deliveries[0].problem == "an event has at most 262144 bytes"
        assert bodies(stage) == []

    staged(scene)
