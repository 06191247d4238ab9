"""Pools whose sessions are not named by the policy but found."""

from __future__ import annotations

from typing import Any

from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Discovery
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve

LIST = "ListTrafficMirrorSessions"
OTHER_FILTER = "tmf-j6c00000000000000002"
FILTERS = [{"id": "tmf-j6c00000000000000001", "rules": 1}, {"id": OTHER_FILTER, "rules": 1}]


def one_pool(*session_ids: str, **asked: Any) -> Policy:
    return Policy({"found": Pool("found", session_ids, discovery=Discovery(**asked))}, (), "found")


def test_a_pool_takes_the_sessions_that_have_all_that_is_asked_for(serve: Serve) -> None:
    fits = {"name": "ids-1", "tags": {"mirror": "big"}, "target": "lb-j6c00000000000000007"}
    others = [
        a_session(2, **{**fits, "name": "other"}),
        a_session(3, **{**fits, "tags": {}}),
        a_session(4, **{**fits, "target": "lb-j6c00000000000000008"}),
        a_session(5, **fits, filter=OTHER_FILTER),
    ]
    world = serve([1], [a_session(1, **fits), *others], filters=FILTERS)
    policy = one_pool(
        filter_id="tmf-j6c00000000000000001",
        target_id="lb-j6c00000000000000007",
        tags={"mirror": "big"},
        name_prefix="ids-",
    )

    told = world.writer(policy).outcome(attached(1))

    assert (told["outcome"], told["session_id"], told["pool"]) == ("mirrored", tms(1), "found")


def test_named_and_found_sessions_stand_in_for_one_another(serve: Serve) -> None:
    full = a_session(1, *range(101, 111))
    world = serve([1, 2], [full, a_session(2, tags={"mirror": "big"}), 3])

    told = world.writer(one_pool(tms(1), tags={"mirror": "big"})).outcomes(attached(1), attached(2))

    assert {(one["outcome"], one["session_id"]) for one in told} == {("mirrored", tms(2))}


def test_an_interface_in_a_found_session_is_mirrored_already(serve: Serve) -> None:
    world = serve([1], [a_session(2, 1, tags={"mirror": "big"})])

    told = world.writer(one_pool(tags={"mirror": "big"})).outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(2))


def test_a_pool_that_finds_no_session_is_told_as_such(serve: Serve) -> None:
    world = serve([1], [1])

    told = world.writer(one_pool(tags={"mirror": "big"})).outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("deferred", "pool_empty")
    assert "discovery" in told["remedy"]


def test_a_session_that_appears_while_the_pool_is_full_is_used_at_the_next_look(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, *range(101, 111), tags={"mirror": "big"})])
    writer = world.writer(one_pool(tags={"mirror": "big"}))
    before = writer.outcome(attached(1))
    state = world.cloud.state()
    state["sessions"].append(a_session(2, tags={"mirror": "big"}))
    world.cloud.load(state)

    after = writer.outcome(attached(1))

    assert (before["outcome"], before["reason"]) == ("deferred", "pool_full")
    assert (after["outcome"], after["session_id"]) == ("mirrored", tms(2))


def test_a_lone_interface_costs_no_more_calls_in_a_large_found_pool(serve: Serve) -> None:
    many = [a_session(n, tags={"mirror": "big"}) for n in range(1, 151)]
    world = serve([1], many)

    told = world.writer(one_pool(tags={"mirror": "big"})).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert len(world.cloud.journal()) <= 6


def test_sessions_that_are_named_and_found_are_listed_once(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, tags={"mirror": "big"})])

    world.writer(one_pool(tms(1), tags={"mirror": "big"})).outcome(attached(1))

    assert len(world.cloud.journal(LIST)) == 1


def test_the_ceiling_counts_the_sources_of_found_sessions(serve: Serve) -> None:
    world = serve([1, 2], [a_session(1, 101, 102, tags={"mirror": "big"})])

    told = world.writer(one_pool(tags={"mirror": "big"}), max_sources=3).outcomes(
        attached(1), attached(2)
    )

    assert sorted(one["outcome"] for one in told) == ["deferred", "mirrored"]
    assert sum(len(sources) for sources in world.sources()) == 3
    assert {eni(101), eni(102)} < set(world.sources()[0])
