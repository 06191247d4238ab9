"""A session that a pool made stays the pool's: renamed, moved, or made under a former name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evermirror.placement.limits import Limits
from evermirror.policy import Policy
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve, Sweeping
from .growing_pools import CREATE, FILTER, balancer, growing, slbs, writer
from .sweeping import Sweeper
from .tampering import somebody_calls
from .writers import Outcome, World, Writer

UPDATE = "UpdateTrafficMirrorSessionAttribute"
A_DAY_S = 86_400.0
GROWING = Limits(grace_s=300.0, period_s=900.0, allow_growth=True)
RENAMED: dict[str, Any] = {"TrafficMirrorSessionName": "somebody's"}
MOVED: dict[str, Any] = {"Priority": "5000"}


def called(name: str, *was: str) -> Policy:
    """The growing pool under another name, which says what it was called or does not."""
    pool = replace(growing().pools["big"], name=name, was=was)
    return Policy({name: pool}, (), name)


def made(**changes: Any) -> dict[str, Any]:
    """The pool's first session, with one source, as the pool made it."""
    as_made = {"name": "big-0", "priority": 1000, "tags": {"evermirror-pool": "big"}}
    return a_session(1, 1, **{"target": balancer(1), **as_made, **changes})


@pytest.mark.parametrize(
    "changes",
    [{"name": "somebody's"}, {"priority": 7}, {"name": "big-900", "priority": 1900}],
    ids=["another name", "another priority", "above max_sessions"],
)
def test_a_session_that_somebody_changed_is_still_the_pools(
    serve: Serve, changes: dict[str, Any]
) -> None:
    world = serve([1, 2], [made(**changes)], slbs=slbs(1))

    told = writer(world).outcomes(attached(1), attached(2))

    assert {(one["outcome"], one["session_id"]) for one in told} == {
        ("already_mirrored", tms(1)),
        ("mirrored", tms(1)),
    }
    assert world.cloud.journal(CREATE) == []


def test_a_pool_that_says_what_it_was_called_keeps_its_sessions(serve: Serve) -> None:
    world = serve([1, 2], [made()], slbs=slbs(1))

    told = writer(world, called("large", "big")).outcomes(attached(1), attached(2))

    assert {one["session_id"] for one in told} == {tms(1)}
    assert world.placements() == {eni(1): [tms(1)], eni(2): [tms(1)]}
    assert world.cloud.journal(CREATE) == []


def grown_by(world: World, *events: int) -> tuple[Writer, str]:
    """A writer that made the pool's first session for these interfaces, and that session's id."""
    made_by = writer(world)
    assert {one["outcome"] for one in made_by.outcomes(*map(attached, events))} == {"mirrored"}
    world.clock.sleep(30)
    (session,) = world.cloud.state()["sessions"]
    return made_by, session["id"]


def answers(sweeper: Sweeper, writing: Writer) -> list[Outcome]:
    """What comes of all that the sweep asked for."""
    return [one for asked in sweeper.asked for one in writing.deliver_bytes(asked)["outcomes"]]


@pytest.mark.parametrize("change", [RENAMED, MOVED], ids=["another name", "another priority"])
def test_what_a_changed_session_lists_is_neither_asked_for_nor_mirrored_twice_even_after_a_day(
    serve: Serve, sweeping: Sweeping, change: dict[str, Any]
) -> None:
    """By then the service has forgotten the token with which the session was made."""
    world = serve([1, 2, 3], [], slbs=slbs(1))
    made_by, session_id = grown_by(world, 1, 2, 3)
    somebody_calls(world, UPDATE, TrafficMirrorSessionId=session_id, **change)
    sweeper = sweeping(world, policy=growing(), limits=GROWING)

    counted = []
    for later_s in (900.0, A_DAY_S):
        world.clock.sleep(later_s)
        counted.append(sweeper.tick())
    told = made_by.outcomes(*map(attached, (1, 2, 3)))

    assert [(one["mirrored"], one["missing"], one["asked"]) for one in counted] == [(3, 0, 0)] * 2
    assert {(one["outcome"], one["session_id"], one["attempts"]) for one in told} == {
        ("already_mirrored", session_id, 0)
    }
    assert len(world.cloud.state()["sessions"]) == 1


def test_the_number_of_a_renamed_session_is_made_no_second_time(serve: Serve) -> None:
    """Neither its name nor its priority is where the number looks for it."""
    world = serve(range(1, 13), [], slbs=slbs(1))
    made_by, session_id = grown_by(world, *range(1, 11))
    somebody_calls(world, UPDATE, TrafficMirrorSessionId=session_id, **RENAMED, **MOVED)

    told = made_by.outcomes(attached(11), attached(12))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert session_id not in {one["session_id"] for one in told}
    sizes = sorted(len(one["sources"]) for one in world.cloud.state()["sessions"])
    assert sizes == [2, 10]
    assert all(len(places) == 1 for places in world.placements().values())


def test_a_session_whose_tag_somebody_took_off_is_said_and_never_filled(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [made(tags={})], slbs=slbs(1))
    sweeper = sweeping(world, policy=growing(), limits=GROWING)

    before = sweeper.tick()
    told = writer(world).outcomes(attached(1), attached(2))

    assert (before["untagged"], before["mirrored"], before["missing"]) == (1, 1, 1)
    assert before["listed"]["untagged"] == [tms(1)]
    assert [(one["outcome"], one["session_id"] == tms(1)) for one in told] == [
        ("already_mirrored", True),
        ("mirrored", False),
    ]
    new = next(one for one in world.cloud.state()["sessions"] if one["id"] != tms(1))
    assert (new["name"], new["priority"]) == ("big-1", 1001)
    assert sorted(map(len, world.placements().values())) == [1, 1]


@pytest.mark.parametrize(
    "changes",
    [{"name": "ids"}, {"first_priority": 1500}, {"max_sessions": 1}],
    ids=["name", "first priority", "max_sessions"],
)
def test_a_word_of_grow_that_is_edited_disowns_no_session(
    serve: Serve, sweeping: Sweeping, changes: dict[str, Any]
) -> None:
    world = serve(range(1, 21), [], slbs=slbs(1))
    assert len(writer(world).outcomes(*map(attached, range(1, 21)))) == 20
    world.clock.sleep(30)
    edited = growing(**changes)
    sweeper = sweeping(world, policy=edited, limits=GROWING)

    counted = sweeper.tick()
    told = writer(world, edited).outcomes(*map(attached, range(1, 21)))

    assert (counted["status"], counted["mirrored"], counted["asked"]) == ("full", 20, 0)
    assert (counted["twice"], counted["extra"], counted["unknown_pool"]) == (0, 0, 0)
    assert {one["outcome"] for one in told} == {"already_mirrored"}
    assert len(world.cloud.state()["sessions"]) == 2


def test_what_a_pool_made_that_the_policy_no_longer_has_is_a_kind_of_its_own_in_coverage(
    serve: Serve, sweeping: Sweeping
) -> None:
    """The plan says it before a deployment; whoever deploys all the same sees what it costs."""
    world = serve([1, 2], [made()], slbs=slbs(1))
    sweeper = sweeping(world, policy=called("large"), limits=GROWING)
    assert sweeper.tick()["asked"] == 2
    assert len(answers(sweeper, writer(world, called("large")))) == 2
    world.clock.sleep(30)

    counted = sweeper.tick("2026-01-02T00:15:00Z")

    assert (counted["unknown_pool"], counted["listed"]["unknown_pool"]) == (1, [tms(1)])
    assert any("`was`" in remedy for remedy in counted["remedies"])


def test_a_create_that_answers_with_a_session_that_was_there_is_not_waited_for(
    serve: Serve,
) -> None:
    """What it made before mirrors elsewhere by now, and its number looks free."""
    world = serve([1], [], slbs=slbs(1, 2))
    made_by, session_id = grown_by(world, 1)
    state = world.cloud.state()
    changed = {"sources": [], "name": "somebody's", "priority": 7, "target": balancer(2)}
    state["sessions"][0].update(changed)
    world.cloud.load(state)
    world.clock.sleep(60)
    began = world.clock.now()

    told = made_by.outcome(attached(1))

    assert (told["outcome"], told["session_id"] == session_id) == ("mirrored", False)
    assert world.clock.now() - began < 10


@pytest.mark.parametrize("listed", [True, False], ids=["with the source", "emptied"])
def test_a_create_that_answers_with_a_session_that_left_the_pool_for_good_made_nothing(
    serve: Serve, listed: bool
) -> None:
    """Its tag, its name and its filter are others by now, so no look for the pool shows it."""
    other = {"id": "tmf-j6c00000000000000002", "rules": 1}
    world = serve([1, 2], [], slbs=slbs(1), filters=[{"id": FILTER, "rules": 1}, other])
    made_by, session_id = grown_by(world, 1)
    state = world.cloud.state()
    left = {"tags": {}, "name": "mine", "priority": 7, "filter": other["id"]}
    state["sessions"][0].update(left if listed else {**left, "sources": []})
    world.cloud.load(state)
    world.clock.sleep(60)

    told = made_by.outcomes(attached(1))

    assert [one["outcome"] for one in told] == ["mirrored"]
    assert told[0]["session_id"] != session_id
    assert len(world.cloud.state()["sessions"]) == 2
