"""Queue, stream and bus under a clock that moves only when told to."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from localcloud.activity import Activity
from localcloud.clock import SteppedClock
from localcloud.eventbridge.bus import Disorder, EventBus, split
from localcloud.eventbridge.queue import MessageTooLargeError, Queues
from localcloud.eventbridge.retries import pauses
from localcloud.eventbridge.stream import EventStream
from localcloud.eventbridge.targets import Targets
from localcloud.faults import Faults
from localcloud.functioncompute.behaviour import Behaviour, Deletion, Switches
from localcloud.functioncompute.resources import Queue, Rule, RuleTarget, Stream
from localcloud.functioncompute.template import Deployment
from localcloud.waiting import WaitingQueue

START = 1_767_225_600.0
DEPLOYMENT = Deployment("1234567890123456", "cn-hongkong")


class Stage:
    """A queue `events` with a dead-letter queue, and a function that records its pushes."""

    def __init__(self, **queue: Any) -> None:
        self.clock = SteppedClock(START)
        self.activity = Activity()
        settings = {"visibility_s": 60, "dead_letters": "dead", "receives": 100, **queue}
        named = {"events": Queue("events", **settings), "dead": Queue("dead")}
        self.queues = Queues(named, ["dead"], self.clock, self.activity)
        self.pushed: list[list[str]] = []
        self.asynchronously: list[bool] = []
        self.answers: list[bool] = []

    async def push(self, payload: bytes, asynchronous: bool) -> bool:
        bodies = [one["data"]["messageBody"] for one in json.loads(payload)]
        self.pushed.append(bodies)
        self.asynchronously.append(asynchronous)
        return self.answers.pop(0) if self.answers else True

    def stream(self, deletion: Deletion = Deletion.AFTER_PUSH, **changes: Any) -> EventStream:
        settings = {
            "name": "events",
            "function": "mirror",
            "queue": "events",
            "decode": False,
            "enabled": True,
            "asynchronous": False,
            "batch": 3,
            "window_s": 2,
            "strategy": "EXPONENTIAL_DECAY_RETRY",
            "tolerant": True,
            "dead_letters": "dead",
            **changes,
        }
        switches = Switches(Behaviour(message_deletion=deletion))
        return EventStream(Stream(**settings), DEPLOYMENT, self.queues, self.push, switches)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.queues.send("events", body)

    async def after(self, seconds: float) -> None:
        await _turns()
        await self.clock.advance_through(seconds)
        await _turns()


async def _turns() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def staged(scene: Callable[[Stage], Awaitable[None]], **queue: Any) -> None:
    async def play() -> None:
        await scene(Stage(**queue))

    asyncio.run(play())


async def running(stage: Stage, stream: EventStream, play: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(stream.run())
    try:
        await play()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_received_message_is_invisible_until_its_time_is_over() -> None:
    async def scene(stage: Stage) -> None:
        queue = stage.queues["events"]
        stage.send("a")
        (first,) = queue.receive(10)
        receipt = first.receipt or ""
        assert queue.receive(10) == []
        await stage.after(60)
        (second,) = queue.receive(10)
        assert second.body == "a"
        assert second.receipt != receipt
        assert not queue.delete(receipt)
        assert queue.delete(second.receipt or "")
        assert stage.activity.counts() == {}

    staged(scene)


def test_what_waits_outlives_its_queue_and_is_given_out_at_once() -> None:
    async def scene(stage: Stage) -> None:
        for body in ("done", "in work", "waiting"):
            stage.send(body)
        done, _ = stage.queues["events"].receive(2)
        stage.queues["events"].delete(done.receipt or "")
        stage.queues.send("dead", "buried")
        kept = WaitingQueue.model_validate_json(stage.queues["events"].waiting().model_dump_json())
        new = Stage()
        new.queues.resume([kept, stage.queues["dead"].waiting(), WaitingQueue(name="x", sent=1)])
        sent = new.queues.send("events", "new")

        found = new.queues["events"].receive(10)
        assert [one.body for one in found] == ["in work", "waiting", "new"]
        assert [one.receives for one in found] == [2, 1, 1]
        assert sent not in {one.id for one in kept.messages}
        assert new.queues.dead == 1
        assert new.activity.counts() == {"messages": 3}

    staged(scene)


def test_a_message_received_too_often_is_a_dead_letter() -> None:
    async def scene(stage: Stage) -> None:
        stage.send("a")
        for _ in range(2):
            assert len(stage.queues["events"].receive(1)) == 1
            await stage.after(60)
        assert stage.queues["events"].receive(1) == []
        assert stage.queues.dead == 1
        assert stage.activity.counts() == {}

    staged(scene, receives=2)


def test_a_message_kept_too_long_is_gone_and_counted() -> None:
    async def scene(stage: Stage) -> None:
        stage.send("a")
        await stage.after(101)
        assert stage.queues["events"].receive(1) == []
        assert stage.queues["events"].expired == 1

    staged(scene, retention_s=100)


def test_a_message_too_large_is_refused() -> None:
    async def scene(stage: Stage) -> None:
        with pytest.raises(MessageTooLargeError):
            stage.send("x" * 101)

    staged(scene, message_limit=100)


def test_a_batch_is_pushed_when_its_window_closes() -> None:
    async def scene(stage: Stage) -> None:
        async def play() -> None:
            stage.send("a")
            await stage.after(1.5)
            stage.send("b")
            assert stage.pushed == []
            await stage.after(0.5)
            assert stage.pushed == [["a", "b"]]
            assert len(stage.queues["events"]) == 0

        await running(stage, stage.stream(), play)

    staged(scene)


def test_a_full_batch_does_not_wait() -> None:
    async def scene(stage: Stage) -> None:
        async def play() -> None:
            stage.send("a")
            await _turns()
            stage.send("b", "c", "d")
            await _turns()
            assert stage.pushed == [["a", "b", "c"]]
            await stage.after(2)
            assert stage.pushed == [["a", "b", "c"], ["d"]]

        await running(stage, stage.stream(), play)

    staged(scene)


def test_a_failed_push_is_repeated_with_doubling_pauses_and_nothing_is_lost() -> None:
    async def scene(stage: Stage) -> None:
        stage.answers = [False, False, False, True]

        async def play() -> None:
            stage.send("a")
            await stage.after(2)
            for pause, pushes in ((1, 2), (2, 3), (4, 4)):
                await stage.after(pause - 0.1)
                assert len(stage.pushed) == pushes - 1
                await stage.after(0.1)
                assert len(stage.pushed) == pushes
            assert len(stage.queues["events"]) == 0
            assert stage.queues.dead == 0

        await running(stage, stage.stream(), play)

    staged(scene)


@pytest.mark.parametrize("deletion", list(Deletion))
def test_when_the_retries_are_spent_the_batch_is_a_dead_letter(deletion: Deletion) -> None:
    async def scene(stage: Stage) -> None:
        stage.answers = [False] * 4

        async def play() -> None:
            stage.send("a", "b")
            await stage.after(70)
            stage.send("c")
            await stage.after(10)
            assert stage.pushed == [["a", "b"]] * 4 + [["c"]]
            assert stage.queues.dead == 2
            assert stage.activity.counts() == {}

        await running(stage, stage.stream(deletion, strategy="BACKOFF_RETRY"), play)

    staged(scene, visibility_s=1000)


def test_without_tolerance_a_failing_batch_blocks_those_behind_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.answers = [False] * 9

        async def play() -> None:
            stage.send("a")
            await stage.after(2)
            stage.send("b")
            await stage.after(80)
            assert stage.pushed[-1] == ["a"]
            await stage.after(120)
            assert stage.pushed == [["a"]] * 10 + [["b"]]
            assert stage.queues.dead == 0

        stream = stage.stream(strategy="BACKOFF_RETRY", tolerant=False)
        await running(stage, stream, play)

    staged(scene, visibility_s=1000)


def test_a_push_longer_than_the_visibility_makes_a_message_come_twice() -> None:
    async def scene(stage: Stage) -> None:
        stage.answers = [False] * 7

        async def play() -> None:
            stage.send("a")
            await stage.after(200)
            assert stage.pushed == [["a"]] * 9

        await running(stage, stage.stream(), play)

    staged(scene, visibility_s=60)


def test_deleted_before_the_push_a_message_is_no_longer_in_the_queue() -> None:
    async def scene(stage: Stage) -> None:
        stage.answers = [False]

        async def play() -> None:
            stage.send("a")
            await stage.after(2)
            assert len(stage.queues["events"]) == 0
            assert stage.activity.counts() == {"pushes": 1}
            await stage.after(1)
            assert stage.pushed == [["a"], ["a"]]

        await running(stage, stage.stream(Deletion.BEFORE_PUSH), play)

    staged(scene)


def test_a_stream_that_is_switched_off_leaves_every_message() -> None:
    async def scene(stage: Stage) -> None:
        async def play() -> None:
            stage.send("a", "b", "c")
            await stage.after(1000)
            assert stage.pushed == []
            assert len(stage.queues["events"].receive(10)) == 3

        await running(stage, stage.stream(enabled=False), play)

    staged(scene)


def test_the_retries_are_those_that_are_documented() -> None:
    decaying = list(pauses("EXPONENTIAL_DECAY_RETRY", random.Random(1)))
    assert len(decaying) == 176
    assert decaying[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert set(decaying[9:]) == {512}
    backing_off = list(pauses("BACKOFF_RETRY", random.Random(1)))
    assert len(backing_off) == 3
    assert all(10 <= one <= 20 for one in backing_off)


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


def test_messages_that_the_pattern_does_not_want_are_dropped() -> None:
    async def scene(stage: Stage) -> None:
        async def play() -> None:
            stage.send("wanted", "other")
            await stage.after(2)
            assert stage.pushed == [["wanted"]]
            assert len(stage.queues["events"]) == 0

        pattern = {"data": {"messageBody": [{"prefix": "want"}]}}
        await running(stage, stage.stream(pattern=pattern), play)

    staged(scene)


def test_a_batch_too_large_for_an_invocation_is_pushed_in_parts() -> None:
    async def scene(stage: Stage) -> None:
        async def play() -> None:
            stage.send(*(str(number) * 50_000 for number in range(3)))
            await stage.after(2)
            assert [[body[0] for body in batch] for batch in stage.pushed] == [["0"], ["1", "2"]]
            assert stage.asynchronously == [True, True]
            assert len(stage.queues["events"]) == 0

        await running(stage, stage.stream(asynchronous=True), play)

    staged(scene)
