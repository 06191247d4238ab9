"""No session takes an interface while another session of its pool may be about to hold it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evermirror.placement.rendezvous import order
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .writers import KilledError, World

ADD = "AddSourcesToTrafficMirrorSession"
STALE_BOUND_S = 10.0
FIRST, SECOND = (int(one[-3:]) for one in order(eni(1), (tms(1), tms(2)), {}, 0.0))
"""The two sessions of most worlds here, in the order of interface 1."""


def busy(number: int, seconds: float | None, *adds: int, **more: Any) -> dict[str, Any]:
    """A session that somebody changes, for so many seconds or for ever."""
    change = {"remaining_s": seconds, "add": [eni(n) for n in adds]}
    return a_session(
        number, status="Modifying", **({} if seconds is None else {"change": change}), **more
    )


def wish(age_s: float, now: float) -> dict[str, Any]:
    return {
        "request": 1,
        "cause": {"source": "acs.ecs", "id": "event-1"},
        "generation": 1,
        "first_seen": now - age_s,
        "network_interface_ids": [eni(1)],
    }


def test_room_that_comes_while_the_second_session_takes_the_interface_is_not_used(
    serve: Serve,
) -> None:
    # A run passed FIRST, which was full, asked SECOND, and died; then a source was removed.
    world = serve([1], [a_session(FIRST, *range(101, 110)), busy(SECOND, 2.0, 1)])

    told = world.writer().outcome(attached(1))

    assert told["session_id"] == tms(SECOND)
    assert world.placements()[eni(1)] == [tms(SECOND)]


def test_the_run_that_died_itself_leaves_no_second_place(serve: Serve) -> None:
    world = serve([1], [a_session(FIRST, *range(101, 111)), SECOND])
    event = attached(1)
    with pytest.raises(KilledError):
        world.writer().dying_asleep().deliver(event)
    state = world.cloud.state()
    for session in state["sessions"]:
        if session["id"] == tms(FIRST):
            session["sources"].pop()
    world.cloud.load(state)

    again = world.writer().outcome(event)

    assert again["session_id"] == tms(SECOND)
    assert world.placements()[eni(1)] == [tms(SECOND)]


def test_a_session_that_others_never_stop_changing_holds_a_wish_up_for_a_while_only(
    serve: Serve,
) -> None:
    world = serve([1], [FIRST, busy(SECOND, None)])
    writer = world.writer(doubt_bound_s=120.0)
    began = writer.clock.now()

    answers = [writer.deliver(wish(1000, began))]
    while not answers[-1]["outcomes"] and writer.clock.now() - began < 200:
        answers.append(writer.deliver(wish(1000, began)))

    assert (answers[0]["outcomes"], answers[0]["handed_over"]) == ([], 1)
    (told,) = answers[-1]["outcomes"]
    assert (told["outcome"], told["session_id"]) == ("mirrored", tms(FIRST))
    assert 120 <= writer.clock.now() - began <= 140


def test_how_long_a_wish_has_waited_for_something_else_ends_no_doubt(serve: Serve) -> None:
    """It waited for two minutes, and a session of its pool has only just become busy."""
    world = serve([1], [FIRST, busy(SECOND, None)])
    writer = world.writer(doubt_bound_s=120.0)

    answer = writer.deliver(wish(1000, writer.clock.now()))

    assert (answer["outcomes"], answer["handed_over"]) == ([], 1)
    assert world.adds() == []


def test_a_runs_own_changes_hold_none_of_its_wishes_up(serve: Serve) -> None:
    world = serve(list(range(1, 41)), list(range(1, 9)))
    writer = world.writer()
    began = writer.clock.now()

    told = writer.outcomes(*[attached(n) for n in range(1, 41)])

    assert [one["outcome"] for one in told] == ["mirrored"] * 40
    deepest = max(len(sources) for sources in world.sources())
    assert sum(writer.clock.slept[: len(writer.clock.slept) - 1]) <= deepest * 3.2
    assert began < writer.clock.now()


def test_a_dry_run_does_not_wait_for_others(serve: Serve) -> None:
    world = serve([1], [FIRST, busy(SECOND, None)])

    told = world.writer().outcome({**wish(0, world.clock.now()), "dry_run": True})

    assert (told["outcome"], told["session_id"]) == ("would_mirror", tms(FIRST))


@pytest.mark.parametrize("pending", [False, True], ids=["listed there", "on its way there"])
def test_a_change_without_effect_is_made_again_only_after_a_look_at_the_whole_pool(
    serve: Serve, pending: bool
) -> None:
    """While this run waited, room came in FIRST, and another writer put the interface there."""
    world = serve([1], [a_session(FIRST, *range(101, 111)), SECOND])
    world.cloud.set_faults(
        [{"action": ADD, "when": {"next": 1}, "do": {"background_failure": True}}]
    )

    def another_writer_places_it() -> None:
        state = world.cloud.state()
        (first,) = (one for one in state["sessions"] if one["id"] == tms(FIRST))
        first["sources"].pop()
        if pending:
            change = {"remaining_s": 12.0, "add": [eni(1)]}
            first.update(status="Modifying", change=change)
        else:
            first["sources"].append(eni(1))
        world.cloud.load(state)

    told = world.writer().before("list_sessions", 4, another_writer_places_it).outcome(attached(1))

    assert told["session_id"] == tms(FIRST)
    assert world.placements()[eni(1)] == [tms(FIRST)]


def switched_off(world: World) -> Callable[[], None]:
    """Somebody switches FIRST off."""

    def switch() -> None:
        state = world.cloud.state()
        (first,) = (one for one in state["sessions"] if one["id"] == tms(FIRST))
        first["enabled"] = False
        world.cloud.load(state)

    return switch


@pytest.mark.parametrize(
    "lost",
    [{"background_failure": True}, {"reset": "before"}, {"error": "InternalError", "status": 500}],
    ids=["accepted, and never done", "never arrived", "failed in there"],
)
def test_a_session_that_ceased_to_mirror_is_not_asked_again_and_is_left(
    serve: Serve, lost: dict[str, Any]
) -> None:
    """Once the List has shown for long enough that it did not take the interface."""
    world = serve([1], [FIRST, SECOND])
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": lost}])
    writer = world.writer().before("list_sessions", 2, switched_off(world))
    began = world.clock.now()

    told = writer.outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("mirrored", tms(SECOND))
    asked = [add["parameters"]["TrafficMirrorSessionId"] for add in world.adds()]
    assert asked == [tms(FIRST), tms(SECOND)]
    assert world.clock.now() - began > STALE_BOUND_S


def test_a_session_that_took_it_before_it_ceased_to_mirror_is_not_left(serve: Serve) -> None:
    """Although nobody heard its answer."""
    world = serve([1], [FIRST, SECOND])
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": {"reset": "after"}}])
    writer = world.writer().before("list_sessions", 2, switched_off(world))

    told = writer.outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("ineffective", "session_disabled")
    assert world.placements() == {eni(1): [tms(FIRST)]}
