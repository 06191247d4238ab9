"""`evermirror up --state` killed in the middle of work does after the restart what was promised."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commandline.control import Control
from tests.worlds import a_fleet, attached, eni

from .processes import Up, up

ALL = [eni(n) for n in range(1, 9)]


def eventually(state: Path, condition: Callable[[dict[str, Any]], bool], what: str) -> None:
    until = time.monotonic() + 20
    while not (state.exists() and condition(json.loads(state.read_text()))):
        assert time.monotonic() < until, f"the state file never had {what}"
        time.sleep(0.02)  # noqa: TID251 - another process writes the file


def sources(document: dict[str, Any]) -> list[str]:
    return sorted(source for session in document["sessions"] for source in session["sources"])


def messages(document: dict[str, Any]) -> list[Any]:
    return [one for queue in document["waiting"]["queues"] for one in queue["messages"]]


def kill(served: Up) -> None:
    served.process.kill()
    served.process.wait(5)


def finished(served: Up) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is idle at last, and the world then."""
    with Control(served.endpoint) as control:
        idle = control.wait_until_idle(50)
        assert idle["idle"], idle
        until = time.monotonic() + 10
        while {one["status"] for one in control.state()["sessions"]} != {"Created"}:
            assert time.monotonic() < until, "sessions are still changing"
            time.sleep(0.05)  # noqa: TID251 - the served cloud's time is real
        return idle, control.state()


@pytest.fixture
def kept(tmp_path: Path) -> tuple[str, ...]:
    """Options of an `up` whose world outlives it, as do the outcomes that its notify wrote."""
    fleet = tmp_path / "fleet.json"
    fleet.write_text(json.dumps(a_fleet(list(range(1, 9)), [1, 2], settle_s=3.0)))
    channel = f"Channels={(tmp_path / 'outcomes').as_uri()}"
    state = str(tmp_path / "state.json")
    return ("--fleet", str(fleet), "--state", state, "--parameter", channel, "--speed", "5")


def told(folder: Path) -> list[str]:
    """The interfaces in outcomes that reached notify's channel, before or after the kill."""
    text = (folder / "outcomes").read_text()
    return [one for one in ALL if one in text]


def test_paused_work_outlives_a_kill_and_is_done_after_the_switch_to_act(
    tmp_path: Path, kept: tuple[str, ...]
) -> None:
    state = tmp_path / "state.json"
    with up(*kept, "--mode", "paused") as served:
        with Control(served.endpoint) as control:
            control.send(json.dumps([attached(n) for n in range(1, 9)]).encode())
        eventually(state, lambda now: len(messages(now)) == len(ALL), "every message")
        kill(served)

    assert sources(json.loads(state.read_text())) == []
    with up(*kept, "--mode", "act") as served:
        idle, world = finished(served)

    assert sources(world) == ALL
    assert told(tmp_path) == ALL
    assert idle["dead_letters"] == 0


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(
            lambda now: messages(now) and not sources(now),
            id="before the first source",
            marks=pytest.mark.prove,
        ),
        pytest.param(
            lambda now: 0 < len(sources(now)) < len(ALL), id="half way", marks=pytest.mark.prove
        ),
        pytest.param(
            lambda now: len(sources(now)) == len(ALL) and messages(now),
            id="before it is told",
            marks=pytest.mark.prove,
        ),
    ],
)
def test_work_that_a_kill_interrupts_is_done_after_the_restart(
    tmp_path: Path, kept: tuple[str, ...], moment: Callable[[dict[str, Any]], bool]
) -> None:
    with up(*kept) as served:
        with Control(served.endpoint) as control:
            control.send(json.dumps([attached(n) for n in range(1, 9)]).encode())
        eventually(tmp_path / "state.json", moment, "that moment")
        kill(served)

    with up(*kept) as served:
        idle, world = finished(served)

    assert sources(world) == ALL
    assert told(tmp_path) == ALL
    assert idle["dead_letters"] == 0


@pytest.mark.prove
@pytest.mark.timeout(300)
@pytest.mark.parametrize("times", [5])
def test_killed_again_and_again_it_ends_the_same(
    tmp_path: Path, kept: tuple[str, ...], times: int
) -> None:
    state = tmp_path / "state.json"
    with up(*kept) as served:
        with Control(served.endpoint) as control:
            control.send(json.dumps([attached(n) for n in range(1, 9)]).encode())
        eventually(state, lambda now: bool(messages(now)), "a message")
        kill(served)
    for number in range(times):
        with up(*kept) as served:
            time.sleep(1.0 + 0.3 * number)  # noqa: TID251 - long enough to begin, rarely to end
            kill(served)

    with up(*kept) as served:
        idle, world = finished(served)

    assert sources(world) == ALL
    assert told(tmp_path) == ALL
    assert idle["dead_letters"] == 0
