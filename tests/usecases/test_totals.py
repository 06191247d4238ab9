"""Lists that count otherwise than they show: nobody is put in a second session, nobody waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evermirror.aliyun.vpc import Vpc
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Discovery
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve, Sweeping
from .growing_pools import growing, slbs, writer
from .writers import Interrupted, World, Writer

LIST = "ListTrafficMirrorSessions"
FOUND = Policy({"ids": Pool("ids", discovery=Discovery(name_prefix="ids-"))}, (), "ids")
MANY = range(1, 131)


def ids(numbers: range, holder: int | None = None) -> list[dict[str, Any]]:
    """Sessions that the pool finds; the one of number `holder` lists interface 1."""
    return [a_session(n, *([1] if n == holder else []), name=f"ids-{n}") for n in numbers]


def delete(world: World, number: int) -> None:
    state = world.cloud.state()
    state["sessions"] = [one for one in state["sessions"] if one["id"] != tms(number)]
    world.cloud.load(state)


def seeing_a_deletion(world: World, number: int) -> Writer:
    """A writer before whose second page somebody deletes a session."""
    writing = world.writer(FOUND)
    sessions = writing.mirror.engine.sessions
    assert isinstance(sessions, Vpc)
    rpc: Any = Interrupted(sessions._rpc, "read", 2, lambda: delete(world, number))
    engine = replace(writing.mirror.engine, sessions=Vpc(rpc))
    writing.mirror = replace(writing.mirror, engine=engine)
    return writing


def test_a_deletion_between_two_pages_hides_no_session_that_holds_the_interface(
    serve: Serve,
) -> None:
    world = serve([1], ids(MANY, holder=101), behaviour={"list_paging": "offset"})

    told = seeing_a_deletion(world, 1).outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(101))
    assert world.adds() == []


def test_a_total_too_high_for_good_neither_stops_mirror_nor_makes_it_mirror_twice(
    serve: Serve,
) -> None:
    world = serve([1, 2], ids(MANY, holder=130), behaviour={"total_count_extra": 1})

    held, new = world.writer(FOUND).outcomes(attached(1), attached(2))

    assert (held["outcome"], held["session_id"]) == ("already_mirrored", tms(130))
    assert new["outcome"] == "mirrored"
    assert {one: len(places) for one, places in world.placements().items()} == {
        eni(1): 1,
        eni(2): 1,
    }


def test_a_pool_grows_once_though_its_list_counts_a_session_that_it_never_shows(
    serve: Serve,
) -> None:
    world = serve([1, 2], [], slbs=slbs(1), behaviour={"total_count_extra": 1})

    told = writer(world, growing()).outcomes(attached(1), attached(2))

    assert [one["outcome"] for one in told] == ["mirrored", "mirrored"]
    assert len(world.cloud.state()["sessions"]) == 1


@pytest.mark.parametrize("paging", ["cursor", "offset"])
def test_a_total_that_lags_behind_a_deletion_stops_nothing(serve: Serve, paging: str) -> None:
    behaviour = {"total_count_stale_s": 60.0, "list_paging": paging}
    world = serve([1], ids(MANY, holder=101), behaviour=behaviour)

    told = seeing_a_deletion(world, 1).outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(101))
    assert world.adds() == []


def test_the_sweep_counts_on_and_says_which_lists_fell_short(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], ids(MANY, holder=130), behaviour={"total_count_extra": 1})
    sweeper = sweeping(world, policy=FOUND)

    told = sweeper.tick()

    assert (told["status"], told["mirrored"], told["missing"]) == ("gaps", 1, 1)
    assert sweeper.logged()[0]["shortfalls"] == [
        {"action": "ListTrafficMirrorFilters", "listed": 1, "total": 2},
        {"action": LIST, "listed": 130, "total": 131},
    ]
    assert len(world.cloud.journal(LIST)) == 4
