"""One bad pool, session or list of tags never defers what belongs to others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from evermirror.errors import StopError
from evermirror.model import Session, SessionQuery
from evermirror.placement.rendezvous import order
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import OneOf
from evermirror.policy.sessions import POOL_TAG, Discovery
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .growing_pools import growing, slbs
from .writers import Outcome, Writer

LOCKED = "IncorrectBusinessStatus.TrafficMirror"
OTHERS = range(11, 15)
REFUSED = StopError("Forbidden.RAM", "not allowed", "Allow it.")


def beside(bad: Pool) -> Policy:
    """The bad pool by default, and a sound one of session 3 for the others."""
    chosen = OneOf("network_interface", frozenset(map(eni, OTHERS)))
    pools = {bad.name: bad, "sound": Pool("sound", (tms(3),))}
    return Policy(pools, (Rule("the others", chosen, "sound"),), bad.name)


def counted(told: list[Outcome]) -> Mapping[tuple[Any, ...], int]:
    return Counter((one["pool"], one["outcome"], one["reason"]) for one in told)


class NotShowing:
    """Session calls of one writer, of which the lists by a pool's tag are refused."""

    def __init__(self, writer: Writer) -> None:
        engine = writer.mirror.engine
        self._api = engine.sessions
        writer.mirror = replace(writer.mirror, engine=replace(engine, sessions=cast("Any", self)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    def find_sessions(self, query: SessionQuery) -> tuple[Session, ...]:
        if POOL_TAG in query.tags:
            raise REFUSED
        return self._api.find_sessions(query)


def test_a_pool_that_the_service_refuses_to_list_harms_no_other(serve: Serve) -> None:
    """It lists by ten tags at most: what `policy check` says beforehand."""
    tags = {f"key-{number}": "value" for number in range(11)}
    world = serve([1, *OTHERS], [a_session(1, tags=tags), 3])
    bad = Pool("bad", discovery=Discovery(tags=tags))

    told = world.writer(beside(bad)).outcomes(*map(attached, (1, *OTHERS)))

    assert counted(told) == {
        ("bad", "deferred", "IllegalParam.Tags"): 1,
        ("sound", "mirrored", None): 4,
    }


def test_a_list_of_tags_that_is_refused_defers_its_own_pool_only(serve: Serve) -> None:
    world = serve([1, *OTHERS], [3], slbs=slbs(1))
    writer = world.writer(beside(growing().pools["big"]), allow_growth=True)
    NotShowing(writer)

    told = writer.outcomes(*map(attached, (1, *OTHERS)))

    assert counted(told) == {
        ("big", "deferred", "Forbidden.RAM"): 1,
        ("sound", "mirrored", None): 4,
    }
    assert "Allow it." in {one["remedy"] for one in told}


@pytest.mark.parametrize("listed_as_locked", [True, False], ids=["as listed", "since the look"])
def test_a_session_that_is_locked_is_passed_and_stops_nobody(
    serve: Serve, listed_as_locked: bool
) -> None:
    locked = a_session(1, business_status="FinancialLocked")
    world = serve([*range(1, 7), *OTHERS], [locked if listed_as_locked else 1, 2, 3])
    bad = Pool("bad", (tms(1), tms(2)))

    def lock() -> None:
        state = world.cloud.state()
        state["sessions"][0]["business_status"] = "FinancialLocked"
        world.cloud.load(state)

    writer = world.writer(beside(bad))
    if not listed_as_locked:
        writer = writer.before("add_sources", 1, lock)

    told = writer.outcomes(*map(attached, (*range(1, 7), *OTHERS)))

    assert counted(told) == {("bad", "mirrored", None): 6, ("sound", "mirrored", None): 4}
    assert {one["session_id"] for one in told} == {tms(2), tms(3)}
    refused = [one for one in world.adds() if one["code"] is not None]
    assert (LOCKED in {one["code"] for one in refused}) is not listed_as_locked


@pytest.mark.parametrize("grows", [False, True], ids=["as it is", "may make no more"])
def test_a_pool_whose_only_seats_are_locked_is_not_called_full(serve: Serve, grows: bool) -> None:
    """Although the List shows for a while that the bill is paid, and the others are full."""
    tags = {POOL_TAG: "big"}
    full = a_session(1, *range(1, 11), tags=tags, name="big-0", priority=1000)
    world = serve(range(1, 12), [full, a_session(2, tags=tags, name="big-1", priority=1001)])
    world.cloud.set_faults(
        [{"action": "AddSourcesToTrafficMirrorSession", "do": {"error": LOCKED, "status": 400}}]
    )
    policy = growing(max_sessions=2) if grows else None

    told = world.writer(policy, allow_growth=True).outcome(attached(11))

    assert (told["outcome"], told["reason"]) == ("deferred", "no_session_mirrors")
    assert [one["code"] for one in world.adds()] == [LOCKED]


def test_an_unpaid_bill_says_nothing_of_a_session_that_is_gone(serve: Serve) -> None:
    world = serve(range(1, 12), [a_session(1, *range(1, 11))])
    world.cloud.set_faults(
        [{"action": "AddSourcesToTrafficMirrorSession", "do": {"error": LOCKED, "status": 400}}]
    )
    policy = Policy(pools={"all": Pool("all", (tms(1), tms(2)))}, default="all")

    told = world.writer(policy).outcome(attached(11))

    assert (told["outcome"], told["reason"]) == ("deferred", "pool_full")


def test_what_was_accepted_in_the_round_that_ends_in_a_stop_is_confirmed(serve: Serve) -> None:
    ids = (tms(1), tms(2))
    first = next(n for n in range(1, 50) if order(eni(n), ids, {}, 0.0)[0] == tms(1))
    second = next(n for n in range(1, 50) if order(eni(n), ids, {}, 0.0)[0] == tms(2))
    world = serve([first, second], [1, 2])
    stop = {"error": "OptInRequired.TrafficMirror", "status": 400}
    world.cloud.set_faults(
        [{"action": "AddSourcesToTrafficMirrorSession", "when": {"every": 2}, "do": stop}]
    )

    told = world.writer().outcomes(attached(first), attached(second))

    assert sorted((one["outcome"], one["reason"]) for one in told) == [
        ("deferred", stop["error"]),
        ("mirrored", None),
    ]
    assert len(world.placements()) == 1
