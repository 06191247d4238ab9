"""A pool that may grow makes its next session when its sessions are full, and no sooner."""

from __future__ import annotations

from tests.worlds import a_session, attached, eni

from .conftest import Serve
from .growing_pools import CREATE, balancer, growing, grown, slbs, writer


def test_an_empty_pool_makes_the_sessions_that_its_interfaces_need(serve: Serve) -> None:
    world = serve(list(range(1, 26)), [], slbs=slbs(1))

    told = writer(world).outcomes(*[attached(n) for n in range(1, 26)])

    assert [one["outcome"] for one in told] == ["mirrored"] * 25
    assert [len(sources) for _, sources in sorted(grown(world).items())] == [10, 10, 5]
    made = world.cloud.state()["sessions"]
    assert {one["name"]: one["enabled"] for one in made} == {f"big-{n}": True for n in range(3)}
    assert {one["tags"]["evermirror-pool"] for one in made} == {"big"}
    assert {one["target"] for one in made} == {balancer(1)}


def test_a_pool_grows_only_when_its_sessions_are_full(serve: Serve) -> None:
    world = serve([1, 2, 3], [a_session(1, *range(101, 109))], slbs=slbs(1))

    told = writer(world, growing(1, "tms-j6c00000000000000001")).outcomes(
        *[attached(n) for n in (1, 2, 3)]
    )

    assert [one["outcome"] for one in told] == ["mirrored"] * 3
    assert [len(sources) for sources in grown(world).values()] == [1]


def test_an_interface_that_comes_later_joins_the_session_that_was_made(serve: Serve) -> None:
    world = serve([1, 2], [], slbs=slbs(1))
    first = writer(world).outcome(attached(1))

    second = writer(world).outcome(attached(2))

    assert first["session_id"] == second["session_id"]
    assert len(world.cloud.journal(CREATE)) == 1


def test_targets_come_round(serve: Serve) -> None:
    world = serve(list(range(1, 31)), [], slbs=slbs(1, 2))

    writer(world, growing(2)).deliver(*[attached(n) for n in range(1, 31)])

    targets = {one["priority"]: one["target"] for one in world.cloud.state()["sessions"]}
    assert targets == {1000: balancer(1), 1001: balancer(2), 1002: balancer(1)}


def test_one_source_a_call_is_what_remains_when_the_service_takes_no_more(serve: Serve) -> None:
    one = {"sources_per_call": 1, "sources_per_create": 1}
    world = serve(list(range(1, 5)), [], slbs=slbs(1), limits=one)
    taught = writer(world, sources_per_call=5, sources_per_create=5)

    told = taught.outcomes(*[attached(n) for n in range(1, 5)])
    tried = len(world.cloud.journal())
    refused = [call for call in world.cloud.journal() if call["status"] != 200]

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert grown(world) == {0: [eni(n) for n in range(1, 5)]}
    assert len(refused) == 2
    assert "ERROR" not in taught.lines.getvalue()

    state = world.cloud.state()
    state["sessions"][0]["sources"] = []
    world.cloud.load(state)
    again = taught.outcomes(*[attached(n) for n in range(1, 5)])

    assert {one["outcome"] for one in again} == {"mirrored"}
    assert [c for c in world.cloud.journal()[tried:] if c["status"] != 200] == []
