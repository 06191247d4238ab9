"""Where growth ends: targets, quotas, the range, the ceiling, what the deployment allows."""

from __future__ import annotations

import json

import pytest

from evermirror.policy.sessions import Target
from evermirror.settings import Mode
from tests.worlds import a_session, attached, eni, instance

from .conftest import Serve
from .growing_pools import CREATE, FIRST_PRIORITY, balancer, growing, grown, slbs, writer
from .tampering import somebody_removes


def test_a_full_target_leads_to_the_number_with_the_next_target(serve: Serve) -> None:
    crowd = a_session(1, *range(101, 121), target=balancer(1))
    world = serve(
        [1, 2],
        [crowd],
        slbs=slbs(1, 2),
        limits={"sources_per_slb_target": 20, "sources_per_session": 20},
    )

    told = writer(world, growing(2)).outcomes(attached(1), attached(2))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert grown(world) == {1: [eni(1), eni(2)]}


@pytest.mark.parametrize("remembered", [True, False])
def test_a_target_that_was_full_for_an_earlier_run_is_asked_anew(
    serve: Serve, remembered: bool
) -> None:
    crowd = a_session(1, *range(101, 121), target=balancer(1))
    world = serve(
        [1],
        [crowd],
        slbs=slbs(1),
        limits={"sources_per_slb_target": 20, "sources_per_session": 20},
        behaviour={"remember_failures": remembered},
    )
    assert writer(world).outcome(attached(1))["reason"] == "pool_full"
    somebody_removes(world, 1, 101)

    told = writer(world).outcome({**attached(1), "id": "another"})

    assert told["outcome"] == "mirrored"


def test_an_instance_does_not_send_the_refused_token_of_a_number_again(serve: Serve) -> None:
    crowd = a_session(1, *range(101, 121), target=balancer(1))
    limits = {"sources_per_slb_target": 20, "sources_per_session": 20}
    world = serve([1], [crowd], slbs=slbs(1), limits=limits)
    instance = writer(world)

    for name in ("first", "second", "third"):
        assert instance.outcome({**attached(1), "id": name})["reason"] == "pool_full"

    tokens = [call["parameters"]["ClientToken"] for call in world.cloud.journal(CREATE)]
    assert len(tokens) == len(set(tokens)) == 4


def test_a_target_with_little_room_left_is_filled_one_by_one(serve: Serve) -> None:
    crowd = a_session(1, *range(101, 119), target=balancer(1))
    world = serve(
        [1, 2, 3],
        [crowd],
        slbs=slbs(1),
        limits={"sources_per_slb_target": 20, "sources_per_session": 20},
    )

    told = writer(world).outcomes(attached(1), attached(2), attached(3))

    assert sorted(one["outcome"] for one in told) == ["deferred", "mirrored", "mirrored"]
    assert [len(sources) for sources in grown(world).values()] == [2]
    (left,) = [one for one in told if one["outcome"] == "deferred"]
    assert left["reason"] == "pool_full"
    assert "target" in left["remedy"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("QuotaExceeded.SessionNum", "QuotaExceeded.SessionNum"),
        ("QuotaExceeded.FilterRelatedSession", "QuotaExceeded.FilterRelatedSession"),
        ("ResourceNotFound.Slb", "ResourceNotFound.Slb"),
        ("ResourceNotFound.TrafficMirrorFilter", "ResourceNotFound.TrafficMirrorFilter"),
        ("QuotaExceeded.SlbRelatedSession", "pool_full"),
        ("Forbidden.RAM", "growth_not_allowed"),
        ("OperationDenied.SomethingNew", "OperationDenied.SomethingNew"),
    ],
)
def test_a_pool_that_cannot_grow_says_why_and_what_to_do(
    serve: Serve, code: str, reason: str
) -> None:
    world = serve([1, 2, 3], [], slbs=slbs(1))
    world.cloud.set_faults([{"action": CREATE, "do": {"error": code, "status": 400}}])

    told = writer(world).outcomes(*[attached(n) for n in (1, 2, 3)])

    assert {(one["outcome"], one["reason"]) for one in told} == {("deferred", reason)}
    assert all(one["remedy"] for one in told)
    assert len(world.cloud.journal(CREATE)) <= 3


def test_a_pool_that_has_made_all_it_may_is_full(serve: Serve) -> None:
    world = serve(list(range(1, 31)), [], slbs=slbs(1))

    told = writer(world, growing(max_sessions=2)).outcomes(*[attached(n) for n in range(1, 31)])

    assert [one["outcome"] for one in told].count("mirrored") == 20
    left = [one for one in told if one["outcome"] == "deferred"]
    assert {one["reason"] for one in left} == {"pool_full"}
    assert all("max_sessions" in one["remedy"] for one in left)


def test_the_range_of_priorities_is_the_end_of_growth(serve: Serve) -> None:
    world = serve(list(range(1, 31)), [], slbs=slbs(1))

    told = writer(world, growing(last_priority=FIRST_PRIORITY)).outcomes(
        *[attached(n) for n in range(1, 31)]
    )

    assert [one["outcome"] for one in told].count("mirrored") == 10
    assert list(grown(world)) == [0]


def test_the_ceiling_holds_for_sessions_that_are_made(serve: Serve) -> None:
    world = serve(list(range(1, 31)), [], slbs=slbs(1))

    told = writer(world, max_sources=13).outcomes(*[attached(n) for n in range(1, 31)])

    assert sum(len(sources) for sources in grown(world).values()) == 13
    assert {one["reason"] for one in told if one["outcome"] != "mirrored"} == {"ceiling_reached"}


def test_growth_that_the_deployment_does_not_allow_is_refused_and_shouted_about(
    serve: Serve,
) -> None:
    world = serve([1], [], slbs=slbs(1))
    refusing = writer(world, allow_growth=False)

    told = refusing.outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("deferred", "growth_not_allowed")
    assert "AllowGrowth" in told["remedy"]
    assert world.cloud.journal(CREATE) == []
    loud = [json.loads(line) for line in refusing.lines.getvalue().splitlines() if "ERROR" in line]
    assert [line["code"] for line in loud] == ["growth_not_allowed"]


def test_a_pool_whose_other_session_would_mirror_nothing_says_so_before_and_after(
    serve: Serve,
) -> None:
    world = serve([1, 2, 9], [], slbs=slbs(1), limits={"sources_per_session": 1})
    state = world.cloud.state()
    for one in state["instances"]:
        one["status"] = "Stopped" if one["id"] == instance(9) else "Running"
    world.cloud.load(state)
    targets = (Target(balancer(1), "SLB"), Target(eni(9), "NetworkInterface"))
    policy = growing(targets=targets, last_priority=FIRST_PRIORITY + 1)
    asking = writer(world, policy, sources_per_session=1)
    request = {"request": 1, "network_interface_ids": [eni(1), eni(2)]}

    before = asking.outcomes({**request, "dry_run": True})
    told = asking.outcomes(request)

    assert [one["reason"] for one in before] == ["would_create_session", "no_session_mirrors"]
    assert sorted(str(one["reason"]) for one in told) == ["None", "no_session_mirrors"]
    assert grown(world) == {0: [eni(1)]}


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "observe"])
def test_what_would_be_made_is_told_and_not_made(serve: Serve, dry_run: bool) -> None:
    world = serve([1], [], slbs=slbs(1))
    asking = writer(world).in_mode(Mode.ACT if dry_run else Mode.OBSERVE)
    request = {"request": 1, "dry_run": dry_run, "network_interface_ids": [eni(1)]}

    told = asking.outcome(request)

    assert (told["outcome"], told["reason"]) == ("would_mirror", "would_create_session")
    assert world.cloud.state()["sessions"] == []
