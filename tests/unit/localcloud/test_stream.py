"""The stream: batches, their windows, retries and deletion, under a stepped clock."""

from __future__ import annotations

import random

import pytest

from localcloud.eventbridge.retries import pauses
from localcloud.functioncompute.behaviour import Deletion

from .stage import Stage, running, staged, turns


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
            await turns()
            stage.send("b", "c", "d")
            await turns()
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
