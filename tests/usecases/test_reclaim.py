"""Sources whose interface is gone are taken out; one that exists never is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evermirror.policy import Policy, Pool
from evermirror.settings import Mode, Reclaiming
from tests.worlds import a_fleet, a_session, an_interface, attached, eni, tms

from .conftest import Serve, Sweeping
from .writers import NOTIFY, World, Writer, signed

REMOVE = "RemoveSourcesFromTrafficMirrorSession"
DESCRIBE = "DescribeNetworkInterfaces"
NOTHING = '{"RequestId":"R","NextToken":"","NetworkInterfaceSets":{"NetworkInterfaceSet":[]}}'


def asked_for(*numbers: int, session: int = 1, **more: Any) -> dict[str, Any]:
    return signed(
        {
            "request": 1,
            "cause": {"source": "evermirror.sweep", "id": "tick"},
            "purpose": "reclaim",
            "session_id": tms(session),
            "network_interface_ids": [eni(n) for n in numbers],
            **more,
        }
    )


def removals(world: World) -> list[dict[str, Any]]:
    return world.cloud.journal(REMOVE)


def outcomes_of(writer: Writer, *requests: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one["reason"]) for one in writer.outcomes(*requests)]


def test_a_fleet_whose_dead_fill_its_sessions_gets_room_again(
    serve: Serve, sweeping: Sweeping
) -> None:
    detached = an_interface(3, status="Available", instance=None)
    world = serve([1, 2, detached], [a_session(1, 2, 3, *range(101, 109))])
    sweeper = sweeping(world, reclaiming=Reclaiming.ON)
    writer = world.writer().reclaiming()

    full = sweeper.tick()
    (payload,) = sweeper.asked
    told = writer.deliver_bytes(payload)["outcomes"]
    sweeper.tick("2026-01-02T00:15:00Z")
    writer.deliver_bytes(sweeper.asked[-1])

    assert (full["impossible"], full["gone"], full["reclaims_asked"]) == ({"pool_full": 1}, 9, 9)
    assert {(one["outcome"], one["session_id"], one["pool"]) for one in told} == {
        ("reclaimed", tms(1), "all")
    }
    assert len(told) == 9
    assert world.sources(1) == [[eni(1), eni(2)]]


def test_reported_is_what_is_gone_without_anything_being_removed(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    sweeper = sweeping(world)

    told = sweeper.tick()

    assert (told["gone"], told["reclaims_asked"]) == (1, 0)
    assert told["listed"]["gone"] == [f"{eni(101)} in {tms(1)}"]
    assert sweeper.asked == []


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.PAUSED])
def test_only_in_act_mode_is_anything_asked_to_be_removed(
    serve: Serve, sweeping: Sweeping, mode: Mode
) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    sweeper = sweeping(world, reclaiming=Reclaiming.ON).changed(mode=mode)

    assert sweeper.tick()["reclaims_asked"] == 0
    assert sweeper.asked == []


def test_the_reads_are_a_minute_apart_and_the_last_one_names_one_that_exists(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [a_session(1, 1, 101)])

    sweeping(world, reclaiming=Reclaiming.ON).tick()

    whole, by_id = world.cloud.journal(DESCRIBE)
    assert by_id["t"] - whole["t"] >= 60
    named = {value for key, value in by_id["parameters"].items() if key.startswith("NetworkInt")}
    assert named == {eni(1), eni(101)}


def test_a_sweep_has_no_more_removed_than_its_limit(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [a_session(1, 1, *range(101, 109))])
    sweeper = sweeping(world, reclaiming=Reclaiming.ON, limit=3)

    told = sweeper.tick()
    world.writer().reclaiming().deliver_bytes(sweeper.asked[0])

    assert (told["gone"], told["reclaims_asked"]) == (8, 3)
    assert len(world.sources(1)[0]) == 9 - 3


def test_a_second_read_that_shows_nothing_confirms_nothing(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    sweeper = sweeping(world, reclaiming=Reclaiming.ON)
    empty = {"body": NOTHING, "status": 200}
    world.cloud.set_faults([{"action": DESCRIBE, "when": {"every": 2}, "do": empty}])

    told = sweeper.tick()

    assert (told["gone"], told["reclaims_asked"]) == (0, 0)


def test_an_interface_that_came_back_after_the_sweep_stays_a_source(serve: Serve) -> None:
    world = serve([1, 2], [a_session(1, 1, 2)])

    told = outcomes_of(world.writer().reclaiming(), asked_for(2))

    assert told == [("skipped", "interface_exists")]
    assert removals(world) == []


@pytest.mark.parametrize(
    "when", [{}, {"when": {"every": 2}}], ids=["all reads", "all but the first"]
)
def test_a_describe_that_shows_nothing_removes_nothing(serve: Serve, when: dict[str, Any]) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    world.cloud.set_faults([{"action": DESCRIBE, **when, "do": {"body": NOTHING, "status": 200}}])

    told = outcomes_of(world.writer().reclaiming(), asked_for(101))

    assert told == [("deferred", "nothing_visible")]
    assert removals(world) == []


def test_what_is_asked_for_twice_is_removed_once(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    writer = world.writer().reclaiming()

    first = writer.outcome(asked_for(101))
    again = writer.outcome(asked_for(101))

    assert (first["outcome"], again["outcome"]) == ("reclaimed", "reclaimed")
    assert first["outcome_id"] == again["outcome_id"]
    assert len(removals(world)) == 1


def test_an_answer_lost_after_the_removal_is_asked_for_with_the_same_token(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    world.cloud.set_faults([{"action": REMOVE, "when": {"next": 1}, "do": {"reset": "after"}}])

    told = outcomes_of(world.writer().reclaiming(), asked_for(101))

    assert told == [("reclaimed", None)]
    assert len({entry["parameters"]["ClientToken"] for entry in removals(world)}) == 1
    assert world.sources(1) == [[eni(1)]]


def test_a_busy_session_is_waited_for(serve: Serve) -> None:
    busy = a_session(1, 1, 101, status="Modifying", change={"remaining_s": 8.0})
    world = serve([1], [busy])

    told = world.writer().reclaiming().outcome(asked_for(101))

    assert told["outcome"] == "reclaimed"
    assert [entry["code"] for entry in removals(world)] == [None]


def test_a_removal_that_fails_in_the_background_is_asked_for_again_with_another_token(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    fault = {"action": REMOVE, "when": {"next": 1}, "do": {"background_failure": True}}
    world.cloud.set_faults([fault])

    told = world.writer().reclaiming().outcome(asked_for(101))

    assert told["outcome"] == "reclaimed"
    assert len({entry["parameters"]["ClientToken"] for entry in removals(world)}) == 2


def test_one_that_is_never_removed_is_given_up_after_three_tries(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    world.cloud.set_faults([{"action": REMOVE, "do": {"background_failure": True}}])

    told = outcomes_of(world.writer().reclaiming(), asked_for(101))

    assert told == [("unconfirmed", "without_effect")]
    assert len(removals(world)) == 3


def test_a_refusal_for_one_interface_leaves_the_others_their_turn(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, 101, 102)])
    refusal = {"error": "ResourceNotFound.NetworkInterface"}
    world.cloud.set_faults([{"action": REMOVE, "when": {"next": 2}, "do": refusal}])

    told = outcomes_of(world.writer().reclaiming(), asked_for(101, 102))

    assert sorted(told, key=str) == [
        ("deferred", "ResourceNotFound.NetworkInterface"),
        ("reclaimed", None),
    ]


@pytest.mark.parametrize(
    "code",
    ["Forbidden.RAM", "ResourceNotFound.TrafficMirrorSession", "OptInRequired.TrafficMirror"],
)
def test_every_refusal_ends_with_its_code(serve: Serve, code: str) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    world.cloud.set_faults([{"action": REMOVE, "do": {"error": code}}])

    assert outcomes_of(world.writer().reclaiming(), asked_for(101)) == [("deferred", code)]


def test_a_source_that_the_service_does_not_know_any_more_is_reclaimed(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, 101)])
    unknown = {"error": "ResourceNotAssociated.TrafficMirrorSource"}
    world.cloud.set_faults([{"action": REMOVE, "do": unknown}])

    assert outcomes_of(world.writer().reclaiming(), asked_for(101)) == [("reclaimed", None)]


def test_only_sessions_of_the_policys_pools_lose_a_source(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1), a_session(2, 101)])
    only_one = Policy(pools={"all": Pool("all", (tms(1),))}, default="all")
    writer = world.writer(only_one).reclaiming()

    told = outcomes_of(writer, asked_for(101, session=2), asked_for(101, session=7))

    assert sorted(told) == [("deferred", "session_not_listed"), ("skipped", "session_of_no_pool")]
    assert removals(world) == []


def test_where_reclaim_is_off_a_request_changes_nothing(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, 101)])

    assert outcomes_of(world.writer(), asked_for(101)) == [("skipped", "reclaim_off")]
    observing = world.writer().reclaiming().in_mode(Mode.OBSERVE)
    assert outcomes_of(observing, asked_for(101)) == [("skipped", "would_reclaim")]
    dry = asked_for(101, dry_run=True)
    assert outcomes_of(world.writer().reclaiming(), dry) == [("skipped", "would_reclaim")]
    assert removals(world) == []


def test_what_time_does_not_allow_is_handed_on_as_what_it_is(serve: Serve) -> None:
    stuck = a_session(1, 1, 101, status="Modifying", change={"remaining_s": 900.0})
    world = serve([1], [stuck])
    writer = world.writer().reclaiming()

    answer = writer.deliver(asked_for(101, first_seen=world.clock.now()), timeout_s=60.0)

    assert answer == {"outcomes": [], "handed_over": 1}
    ((request,),) = (json.loads(payload) for _, payload, _ in writer.kept.invocations)
    assert (request["purpose"], request["session_id"]) == ("reclaim", tms(1))
    assert (request["network_interface_ids"], request["generation"]) == ([eni(101)], 1)


def test_a_stuck_session_holds_nobody_else_up(serve: Serve) -> None:
    stuck = a_session(1, 1, 101, status="Modifying", change={"remaining_s": 9000.0})
    world = serve([1], [stuck])
    began = world.clock.now()

    answer = world.writer().reclaiming().deliver(asked_for(101, first_seen=began))

    assert answer == {"outcomes": [], "handed_over": 1}
    assert world.clock.now() - began <= 25.0


def test_what_is_mirrored_is_told_before_a_busy_session_is_waited_for(serve: Serve) -> None:
    stuck = a_session(1, 101, status="Modifying", change={"remaining_s": 9000.0})
    world = serve([2], [stuck, a_session(2, 2)])
    policy = Policy(pools={"a": Pool("a", (tms(1),)), "b": Pool("b", (tms(2),))}, default="b")
    writer = world.writer(policy).reclaiming().publishing_to(NOTIFY)
    began = world.clock.now()
    told_at: list[float] = []
    writer.kept.hears = lambda: told_at.append(world.clock.now() - began)

    answer = writer.deliver(asked_for(101, first_seen=began), attached(2))

    assert [one["outcome"] for one in answer["outcomes"]] == ["already_mirrored"]
    assert answer["handed_over"] == 1
    assert told_at[0] == 0.0


def test_a_load_of_dead_sources_leaves_in_calls_of_ten(serve: Serve) -> None:
    dead = range(101, 125)
    fleet = a_fleet([1], [])["network_interfaces"]
    world = serve(fleet, [a_session(1, 1, *dead)], limits={"sources_per_session": 30})

    told = outcomes_of(world.writer().reclaiming(), asked_for(*dead))

    assert set(told) == {("reclaimed", None)}
    assert len(told) == 24
    assert len(removals(world)) == 3


def test_in_any_hour_no_more_is_removed_than_the_limit_whoever_asks(serve: Serve) -> None:
    world = serve([1, 2], [a_session(1, 1, *range(101, 109)), a_session(2, 2, *range(201, 206))])
    writer = world.writer().reclaiming(most_an_hour=10)

    first = outcomes_of(writer, asked_for(*range(101, 109)))
    rest = outcomes_of(writer, asked_for(*range(201, 206), session=2))
    world.clock.sleep(3_500.0)
    soon = outcomes_of(writer, asked_for(203, 204, 205, session=2))
    world.clock.sleep(200.0)
    later = outcomes_of(writer, asked_for(203, 204, 205, session=2))

    assert first == [("reclaimed", None)] * 8
    assert sorted(rest) == [("deferred", "reclaim_limit")] * 3 + [("reclaimed", None)] * 2
    assert soon == [("deferred", "reclaim_limit")] * 3
    assert later == [("reclaimed", None)] * 3


def test_what_the_service_refused_uses_up_no_removal(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, 101, 102)])
    busy = {"error": "IncorrectStatus.TrafficMirrorSession", "status": 400}
    world.cloud.set_faults([{"action": REMOVE, "when": {"next": 3}, "do": busy}])

    told = outcomes_of(world.writer().reclaiming(most_an_hour=2), asked_for(101, 102))

    assert told == [("reclaimed", None)] * 2
