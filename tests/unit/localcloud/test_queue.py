"""The queue: what is invisible, what is dead, what is gone, under a stepped clock."""

from __future__ import annotations

import pytest

from localcloud.eventbridge.queue import MessageTooLargeError
from localcloud.waiting import WaitingQueue

from .stage import Stage, staged


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
