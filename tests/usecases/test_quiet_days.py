"""A day of a channel that is down for its first hour: its last word is true within the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve, Sweeping
from .quiet_days import Stage
from .tampering import somebody_calls
from .writers import World

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
PERIOD_S = 900.0
REFUSALS = {
    "rejected": "OperationDenied.EcsNotSupportTrafficMirror",
    "deferred": "QuotaExceeded.SourceNumPerTarget",
}
OUT = eni(10)
IT: dict[str, Any] = {"TrafficMirrorSessionId": tms(1), "TrafficMirrorSourceIds.1": OUT}


def taken_out(world: World, word: str) -> None:
    """Somebody takes it out of its session, and the service refuses to have it back."""
    fault = {"error": REFUSALS[word], "status": 400}
    world.cloud.set_faults([{"action": "AddSourcesToTrafficMirrorSession", "do": fault}])
    somebody_calls(world, "RemoveSourcesFromTrafficMirrorSession", **IT)
    world.clock.sleep(MINUTE_S)


def refused_otherwise(world: World, word: str) -> None:
    fault = {"error": REFUSALS[word], "status": 400}
    world.cloud.set_faults([{"action": "AddSourcesToTrafficMirrorSession", "do": fault}])


def put_back(world: World) -> None:
    world.cloud.set_faults([])
    somebody_calls(world, "AddSourcesToTrafficMirrorSession", **IT)
    world.clock.sleep(MINUTE_S)


def the_day(first: float) -> Iterator[tuple[float, str | None]]:
    """What stands from when on: why one interface is not mirrored, or None where it is.

    Within the first hour it changes and changes back; later it does so again, and stays.
    """
    words = ("rejected", None, "rejected", "deferred", None, "deferred", "rejected", None)
    for number, word in enumerate(words):
        yield first + number * PERIOD_S, word
    yield 7 * HOUR_S, "deferred"
    yield 9 * HOUR_S, "rejected"
    yield 9 * HOUR_S + PERIOD_S, None
    yield 16 * HOUR_S, "rejected"


@dataclass
class Belief:
    """For how long what the receiver heard last is not what stands."""

    stage: Stage
    counted_from: float
    wrong_since: float | None = None
    longest_s: float = 0.0

    def judge(self, word: str | None) -> None:
        stage, now = self.stage, self.stage.world.clock.now()
        missing = stage.unmirrored()
        assert missing == ({OUT} if word else set())
        believed = (stage.receiver.gaps, stage.receiver.standing())
        if believed == (missing, {OUT: word} if word else {}):
            self.wrong_since = None
            return
        if self.wrong_since is None:
            self.wrong_since = now
        self.longest_s = max(self.longest_s, now - max(self.wrong_since, self.counted_from))


def lived(stage: Stage, first: float) -> Belief:
    """The day, of which so many seconds pass before something is told first."""
    world = stage.world
    world.clock.sleep(DAY_S - world.clock.now() % DAY_S)
    began = world.clock.now()
    stage.receiver.returns_at = began + HOUR_S
    belief = Belief(stage, stage.receiver.returns_at)
    agenda, word = dict(the_day(first)), None
    for at in range(int(first % PERIOD_S), int(DAY_S), int(PERIOD_S)):
        stage.platform.run_until(began + at - 2 * MINUTE_S)
        for due in [moment for moment in agenda if moment <= at]:
            before, word = word, agenda.pop(due)
            change(world, before, word)
        stage.platform.run_until(began + at)
        belief.judge(word)
        if at == int(first):
            stage.event(attached(1))
        stage.tick()
        stage.platform.run_until(began + at + 10 * MINUTE_S)
        belief.judge(word)
    return belief


def change(world: World, before: str | None, word: str | None) -> None:
    if word is None:
        put_back(world)
    elif before is None:
        taken_out(world, word)
    else:
        refused_otherwise(world, word)


@pytest.mark.parametrize(
    "minute",
    [
        *(0, 44, 59),
        *(pytest.param(n, marks=pytest.mark.prove) for n in range(60) if n not in {0, 44, 59}),
    ],
)
def test_the_last_word_is_true_within_an_hour_of_the_channels_return_and_nothing_is_lost(
    minute: int, serve: Serve, sweeping: Sweeping
) -> None:
    world = serve(list(range(1, 11)), [a_session(1, *range(1, 11))])
    stage = Stage(world, world.writer(), sweeping(world).sweep)

    belief = lived(stage, minute * MINUTE_S)

    assert belief.longest_s <= HOUR_S
    assert belief.wrong_since is None
    # What failed for good is in the dead-letter queue, and no late word of it is believed.
    assert stage.platform.dead_letters
    stage.platform.redrive()
    stage.platform.run_until(world.clock.now() + HOUR_S)
    belief.judge("rejected")
    assert belief.wrong_since is None
    assert not stage.platform.dead_letters
    assert not_heard(stage) == []


def not_heard(stage: Stage) -> list[object]:
    """What was published, and neither reached the receiver nor was overtaken by what did."""

    def about(one: dict[str, object]) -> object:
        return one.get("network_interface_id", "coverage")

    heard = {(about(one), one["number"]) for one in stage.receiver.heard}
    newest = {name: max(n for each, n in heard if each == name) for name, _ in heard}
    return [
        one
        for one in stage.published()
        if (about(one), one["number"]) not in heard
        and not one["number"] < newest.get(about(one), 0)
    ]


def test_what_changes_back_is_told_at_once(serve: Serve, sweeping: Sweeping) -> None:
    world = serve(list(range(1, 11)), [a_session(1, *range(1, 11))])
    stage, word = Stage(world, world.writer(), sweeping(world).sweep), None

    for now in ("rejected", None, "rejected", "deferred", "rejected"):
        change(world, word, now)
        stage.tick()
        stage.platform.run_until(world.clock.now() + MINUTE_S)
        word = now

    covered = [one["status"] for one in stage.receiver.heard if "status" in one]
    assert covered == ["gaps", "full", "gaps", "gaps", "gaps"]
    words = [one["outcome"] for one in stage.receiver.heard if "outcome" in one]
    assert words == ["rejected", "rejected", "deferred", "rejected"]
