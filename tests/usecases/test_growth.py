"""A pool that may grow makes its next session, once, whoever else makes it at the same time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Growth, Target
from evermirror.settings import Mode
from tests.worlds import a_session, an_interface, attached, eni

from .conftest import Serve
from .writers import KilledError, World, Writer

CREATE = "CreateTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"
FILTER = "tmf-j6c00000000000000001"
FIRST_PRIORITY = 1000


def balancer(number: int) -> str:
    return f"lb-j6c{number:017}"


def slbs(*numbers: int) -> list[dict[str, str]]:
    return [{"id": balancer(number)} for number in numbers]


def growing(targets: int = 1, *session_ids: str, **changes: Any) -> Policy:
    growth = Growth(
        **{
            "filter_id": FILTER,
            "targets": tuple(Target(balancer(n + 1), "SLB") for n in range(targets)),
            "first_priority": FIRST_PRIORITY,
            "last_priority": 2000,
            "max_sessions": 50,
            "name": "big",
            **changes,
        }
    )
    return Policy({"big": Pool("big", session_ids, growth=growth)}, (), "big")


def writer(world: World, policy: Policy | None = None, **limits: Any) -> Writer:
    return world.writer(policy or growing(), **{"allow_growth": True, **limits})


def grown(world: World) -> dict[int, list[str]]:
    """What the sessions that were made list, by their number, once everything has settled."""
    world.clock.sleep(60)
    sessions = world.cloud.state()["sessions"]
    made = (one for one in sessions if one["tags"].get("evermirror-pool") == "big")
    return {one["priority"] - FIRST_PRIORITY: sorted(one["sources"]) for one in made}


def unseen(world: World, seconds: float) -> None:
    """The List shows nothing of what was made lately."""
    stale = {"stale_s": seconds + 1}
    world.cloud.set_faults([{"action": LIST, "when": {"between_s": [0, seconds]}, "do": stale}])


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


# Two who make the same number.


def test_a_number_that_another_instance_has_made_is_adopted(serve: Serve) -> None:
    world = serve([1, 2, 3], [], slbs=slbs(1))
    with pytest.raises(KilledError):
        writer(world).dying_asleep().deliver(attached(3))
    unseen(world, 1)

    told = writer(world).outcomes(attached(1), attached(2))

    assert [one["outcome"] for one in told] == ["mirrored"] * 2
    assert grown(world) == {0: [eni(1), eni(2), eni(3)]}


def test_a_run_that_dies_between_create_and_confirmation_leaves_one_place(serve: Serve) -> None:
    world = serve(list(range(1, 13)), [], slbs=slbs(1))
    events = [attached(n) for n in range(1, 13)]
    with pytest.raises(KilledError):
        writer(world).dying_asleep().deliver(*events)
    unseen(world, 4)

    told = writer(world).outcomes(*reversed(events))

    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert [len(sources) for _, sources in sorted(grown(world).items())] == [10, 2]
    assert all(len(places) == 1 for places in world.placements().values())


@pytest.mark.parametrize("token_remembered", [True, False])
def test_a_number_that_was_made_unseen_with_others_in_it_doubles_nobody(
    serve: Serve, token_remembered: bool
) -> None:
    behaviour = {} if token_remembered else {"token_ttl_s": 0}
    world = serve(list(range(1, 9)), [], slbs=slbs(1), behaviour=behaviour)
    with pytest.raises(KilledError):
        writer(world).dying_asleep().deliver(*[attached(n) for n in range(1, 6)])
    unseen(world, 6)

    told = writer(world).outcomes(*[attached(n) for n in range(4, 9)])

    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert grown(world) == {0: [eni(n) for n in range(1, 9)]}


def test_a_strangers_priority_is_left_to_the_stranger(serve: Serve) -> None:
    stranger = a_session(1, 101, priority=FIRST_PRIORITY, name="big-0")
    world = serve([1], [stranger], slbs=slbs(1))

    told = writer(world).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert grown(world) == {1: [eni(1)]}
    assert world.placements()[eni(101)] == ["tms-j6c00000000000000001"]


def test_a_collision_whose_holder_never_shows_is_waited_for(serve: Serve) -> None:
    world = serve([1], [], slbs=slbs(1))
    collision = {"error": "IllegalParam.Priority", "status": 400}
    world.cloud.set_faults([{"action": CREATE, "do": collision}])

    answer = writer(world).deliver(attached(1))

    assert (answer["outcomes"], answer["handed_over"]) == ([], 1)
    asked = world.cloud.journal(CREATE)
    assert {call["parameters"]["Priority"] for call in asked} == {str(FIRST_PRIORITY)}
    assert len(asked) <= 3


def test_a_collision_with_a_session_that_goes_is_over_when_it_is_gone(serve: Serve) -> None:
    world = serve([1], [], slbs=slbs(1))
    collision = {"error": "IllegalParam.Priority", "status": 400}
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 1}, "do": collision}])

    told = writer(world).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert grown(world) == {0: [eni(1)]}


@pytest.mark.parametrize("at", [1, 2, 3])
def test_two_writers_that_grow_an_empty_pool_at_once_put_nobody_in_twice(
    serve: Serve, at: int
) -> None:
    world = serve(list(range(1, 31)), [], slbs=slbs(1))
    other = writer(world)
    answers: list[dict[str, Any]] = []
    one = writer(world).before(
        "create_session",
        at,
        lambda: answers.append(other.deliver(*[attached(n) for n in range(11, 31)])),
    )

    answers.append(one.deliver(*[attached(n) for n in range(1, 26)]))

    assert len(answers) == 2
    assert sorted(world.placements()) == [eni(n) for n in range(1, 31)]
    assert all(len(places) == 1 for places in world.placements().values())
    assert all(len(sources) <= 10 for sources in grown(world).values())


# Doubt and refusals.


@pytest.mark.parametrize(
    "trouble",
    [{"reset": "after"}, {"reset": "before"}, {"error": "InternalError", "status": 500}],
    ids=["reset after", "reset before", "500"],
)
def test_a_create_with_an_unknown_outcome_is_sent_again_as_it_is(
    serve: Serve, trouble: Mapping[str, Any]
) -> None:
    world = serve(list(range(1, 13)), [], slbs=slbs(1))
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 1}, "do": trouble}])

    told = writer(world).outcomes(*[attached(n) for n in range(1, 13)])

    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert [len(sources) for _, sources in sorted(grown(world).items())] == [10, 2]
    first, second = world.cloud.journal(CREATE)[:2]
    if second["parameters"]["Priority"] == first["parameters"]["Priority"]:
        assert first["parameters"] == second["parameters"]


def test_a_session_whose_creation_fails_in_the_background_is_made_again(serve: Serve) -> None:
    world = serve([1, 2], [], slbs=slbs(1))
    fails = {"background_failure": True}
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 1}, "do": fails}])

    told = writer(world).outcomes(attached(1), attached(2))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert grown(world) == {0: [eni(1), eni(2)]}
    assert len({call["parameters"]["ClientToken"] for call in world.cloud.journal(CREATE)}) == 2


def test_a_session_that_is_never_made_ends_unconfirmed(serve: Serve) -> None:
    world = serve([1], [], slbs=slbs(1))
    world.cloud.set_faults([{"action": CREATE, "do": {"background_failure": True}}])

    told = writer(world).outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("unconfirmed", "without_effect")
    assert len(world.cloud.journal(CREATE)) == 3


@pytest.mark.parametrize("remembered", [True, False])
def test_an_interface_that_cannot_be_mirrored_keeps_none_of_the_others_out(
    serve: Serve, remembered: bool
) -> None:
    bad = an_interface(3, bond_without_slave=True)
    world = serve([1, 2, bad, 4, 5], [], slbs=slbs(1), behaviour={"remember_failures": remembered})

    told = writer(world).outcomes(*[attached(n) for n in range(1, 6)])

    by_id = {one["network_interface_id"]: one for one in told}
    assert by_id[eni(3)]["reason"] == "OperationUnsupported.BondingNetworkInterface"
    assert grown(world) == {0: [eni(1), eni(2), eni(4), eni(5)]}


def test_an_interface_that_is_not_there_yet_does_not_keep_the_others_waiting(
    serve: Serve,
) -> None:
    world = serve([1, 2, 3], [], slbs=slbs(1))
    # The first of them by id and age, as the service sees it at first.
    missing = {"error": "OperationDenied.FreeNetworkInterface", "status": 400}
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 2}, "do": missing}])

    told = writer(world).outcomes(attached(1), attached(2), attached(3))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert grown(world) == {0: [eni(1), eni(2), eni(3)]}


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


# Whether it may at all.


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


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "observe"])
def test_what_would_be_made_is_told_and_not_made(serve: Serve, dry_run: bool) -> None:
    world = serve([1], [], slbs=slbs(1))
    asking = writer(world).in_mode(Mode.ACT if dry_run else Mode.OBSERVE)
    request = {"request": 1, "dry_run": dry_run, "network_interface_ids": [eni(1)]}

    told = asking.outcome(request)

    assert (told["outcome"], told["reason"]) == ("would_mirror", "would_create_session")
    assert world.cloud.state()["sessions"] == []


# How many sources a call may name.


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
