"""The ceiling holds over what is under way: what nobody can know yet counts at its worst."""

from __future__ import annotations

from typing import Any

import pytest

from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import OneOf
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .growing_pools import CREATE, growing, slbs
from .test_learning import ADD, sources_of_calls
from .writers import KilledError, World


def beside(session_ids: tuple[str, ...], *to_growing: int) -> Policy:
    """A pool of these sessions, and one that grows, for the interfaces of these numbers."""
    chosen = OneOf("network_interface", frozenset(map(eni, to_growing)))
    pools = {"ids": Pool("ids", session_ids), **growing().pools}
    return Policy(pools, (Rule("to the growing one", chosen, "big"),), "ids")


def all_sources(world: World) -> int:
    """How many sources all sessions list once everything has settled."""
    return sum(map(len, world.placements().values()))


def test_a_session_that_is_still_being_made_counts_with_all_that_it_may_bring(
    serve: Serve,
) -> None:
    many = range(1, 41)
    world = serve(range(1, 81), list(many), slbs=slbs(1), settle_s=30.0)
    policy = beside(tuple(map(tms, many)), *many)
    writer = world.writer(policy, allow_growth=True, max_sources=40).at_work_since(60)

    growing_on = writer.deliver(*map(attached, many))
    told = writer.outcomes(*map(attached, range(41, 81)))

    assert growing_on["handed_over"] == 40
    assert {(one["outcome"], one["reason"]) for one in told} == {("deferred", "ceiling_reached")}
    assert all_sources(world) == 40


@pytest.mark.parametrize("at_work_s", [0, 60], ids=["as an instance begins", "at work"])
def test_what_a_run_that_died_after_its_create_may_have_made_counts(
    serve: Serve, at_work_s: float
) -> None:
    world = serve(range(1, 21), [1], slbs=slbs(1), settle_s=10.0)
    policy = beside((tms(1),), *range(1, 11))
    how: dict[str, Any] = {"allow_growth": True, "max_sources": 10}
    dying = world.writer(policy, **how).at_work_since(60).dying_asleep()
    with pytest.raises(KilledError):
        dying.deliver(*map(attached, range(1, 11)))

    next_one = world.writer(policy, **how).at_work_since(at_work_s)
    told = next_one.outcomes(*map(attached, range(11, 21)))

    assert len(world.cloud.journal(CREATE)) == 1
    assert {one["reason"] for one in told} == {"ceiling_reached"}
    assert all_sources(world) == 10


def test_a_change_in_flight_counts_as_the_setting_says_and_not_as_was_learned(
    serve: Serve,
) -> None:
    """Who learned to add one by one knows nothing of the call that another one sent."""
    carried = {"remaining_s": 60.0, "add": [eni(n) for n in range(21, 30)]}
    busy = a_session(1, status="Modifying", change=carried)
    world = serve(range(1, 31), [busy, 2], limits={"sources_per_call": 10})
    policy = Policy({"a": Pool("a", (tms(1),)), "b": Pool("b", (tms(2),))}, (), "b")
    writer = world.writer(policy, sources_per_call=9, max_sources=12).at_work_since(60)
    refused = {"error": "QuotaExceeded.SourcesPerRequest", "status": 400}
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": refused}])
    taught = writer.outcomes(attached(1), attached(2))

    told = writer.deliver(*map(attached, range(11, 15)))["outcomes"]

    assert {one["outcome"] for one in taught} == {"mirrored"}
    assert sources_of_calls(world, ADD) == [2, 1, 1, 1]
    assert [one["outcome"] for one in told].count("mirrored") == 1
    assert all_sources(world) == 12
