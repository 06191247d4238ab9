"""What somebody takes out of a session, or switches off, is back at once where it is wanted."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.rpc import Answer, Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import VPC
from evermirror.errors import PausedError
from evermirror.events import tampered
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import OneOf
from evermirror.settings import Mode
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import REGION, a_session, an_interface, eni, numbers, tms

from .conftest import Serve
from .writers import World, Writer

ADD = "AddSourcesToTrafficMirrorSession"
HOUR_S = 3600.0


def record(call: str, session: int, *sources: int, **parameters: Any) -> dict[str, Any]:
    """The event that says that somebody changed a session."""
    named = {f"TrafficMirrorSourceIds.{n}": eni(one) for n, one in enumerate(sources, start=1)}
    return {
        "id": f"event-{next(numbers)}",
        "source": "acs.vpc",
        "specversion": "1.0",
        "type": "vpc:ActionTrail:ApiCall",
        "time": "2026-01-01T00:00:00Z",
        "data": {
            "eventName": call,
            "acsRegion": REGION,
            "eventTime": "2026-01-01T00:00:00Z",
            "userIdentity": {"type": "ram-user", "userName": "mallory"},
            "requestParameters": {"TrafficMirrorSessionId": tms(session), **named, **parameters},
        },
    }


def removed(session: int, *sources: int) -> dict[str, Any]:
    return record(tampered.REMOVE, session, *sources)


def told(writer: Writer, *events: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [(one["outcome"], one["reason"]) for one in writer.outcomes(*events)]


def somebody_calls(world: World, action: str, **parameters: str) -> None:
    """Another person's call, and the time that it takes to settle."""
    key = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
    auth = Acs3Auth(lambda: key, time.time, lambda: uuid.uuid4().hex)  # noqa: TID251
    with open_http(verify=False) as http:
        budget = Budget(time.monotonic, lambda _: None, 1e9)
        endpoints = Endpoints(REGION, world.cloud.endpoint)
        rpc = Rpc(http, endpoints, auth, REGION, budget, time.monotonic)
        rpc.call(VPC, action, parameters, Answer)
    world.clock.sleep(10)


def test_a_source_that_somebody_removed_is_back_with_who_removed_it(serve: Serve) -> None:
    world = serve([1, 2], [a_session(1, 1, 2)])
    named = {"TrafficMirrorSessionId": tms(1), "TrafficMirrorSourceIds.1": eni(1)}
    somebody_calls(world, tampered.REMOVE, **named)
    assert world.sources(1) == [[eni(2)]]

    healed = world.writer().healing().outcome(removed(1, 1))

    assert (healed["outcome"], healed["reason"]) == ("healed", "source_removed")
    assert (healed["network_interface_id"], healed["session_id"]) == (eni(1), tms(1))
    assert healed["tampering"] == {
        "actor": "ram-user mallory",
        "action": tampered.REMOVE,
        "at": "2026-01-01T00:00:00.000Z",
    }
    assert "mallory called Remove" in healed["remedy"]
    assert healed["attached_to_mirrored_s"] is None
    assert world.sources(1) == [[eni(1), eni(2)]]


def test_the_same_record_again_says_the_same_thing_and_changes_nothing(serve: Serve) -> None:
    world = serve([1], [1])
    writer = world.writer().healing()
    event = removed(1, 1)

    first, again = writer.outcome(event), writer.outcome(event)

    assert [first["outcome"], again["outcome"]] == ["healed", "healed"]
    assert first["outcome_id"] == again["outcome_id"]
    assert len(world.adds()) == 1


def test_what_the_policy_does_not_want_stays_away(serve: Serve) -> None:
    world = serve([1], [1])
    rule = Rule("opted out", OneOf("network_interface", frozenset({eni(1)})), None)
    policy = Policy({"all": Pool("all", (tms(1),))}, (rule,), "all")

    assert told(world.writer(policy).healing(), removed(1, 1)) == [("ignored", "excluded_by_rule")]
    assert world.adds() == []


@pytest.mark.parametrize("interface", [None, an_interface(7, status="Available", instance=None)])
def test_our_own_removal_of_a_dead_source_makes_no_noise(
    serve: Serve, interface: dict[str, Any] | None
) -> None:
    world = serve([1, *([interface] if interface else [])], [a_session(1, 1)])

    outcomes = told(world.writer().healing(), removed(1, 7))

    assert [outcome for outcome, _ in outcomes] == ["ignored"]
    assert world.adds() == []


@pytest.mark.parametrize("enabled", ["false", False])
def test_a_session_that_was_switched_off_is_on_again(serve: Serve, enabled: object) -> None:
    world = serve([1, 2], [a_session(1, 1, 2, enabled=False)])
    off = record(tampered.UPDATE, 1, Enabled=enabled)

    outcomes = told(world.writer().healing(), off)

    assert outcomes == [("healed", "session_switched_off")] * 2
    assert world.cloud.session(tms(1))["enabled"] is True


def test_a_session_on_again_by_a_run_that_died_is_still_told(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    assert outcomes == [("healed", "session_switched_off")]
    assert world.cloud.journal(tampered.UPDATE) == []


def test_an_update_that_took_nothing_away_is_none_of_our_business(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    renamed = record(tampered.UPDATE, 1, TrafficMirrorSessionName="other")

    assert told(world.writer().healing(), renamed) == [("ignored", "session_changed")]


def test_a_session_of_no_pool_may_be_switched_off_by_anybody(serve: Serve) -> None:
    world = serve([1], [1, a_session(2, 1, enabled=False)])
    only_one = Policy({"all": Pool("all", (tms(1),))}, (), "all")

    outcomes = told(world.writer(only_one).healing(), record(tampered.UPDATE, 2, Enabled=False))

    assert outcomes == [("ignored", "session_of_no_pool")]
    assert world.cloud.session(tms(2))["enabled"] is False


def test_an_empty_session_is_switched_on_as_well(serve: Serve) -> None:
    world = serve([1], [a_session(1, enabled=False)])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    assert outcomes == [("healed", "session_switched_off")]
    assert world.cloud.session(tms(1))["enabled"] is True


def test_a_switch_that_is_refused_leaves_the_interface_ineffective_with_who_did_it(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    world.cloud.set_faults([{"action": tampered.UPDATE, "do": {"error": "Forbidden.RAM"}}])

    writer = world.writer().healing()
    (outcome,) = writer.outcomes(record(tampered.UPDATE, 1, Enabled=False))

    assert (outcome["outcome"], outcome["reason"]) == ("ineffective", "session_disabled")
    assert outcome["tampering"]["actor"] == "ram-user mallory"
    lines = [json.loads(line) for line in writer.lines.getvalue().splitlines()]
    loud = [(line["code"], line["session_id"]) for line in lines if line["level"] == "ERROR"]
    assert loud == [("Forbidden.RAM", tms(1))]


def test_a_lost_answer_to_the_switch_is_asked_for_with_the_same_token(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    lost = {"action": tampered.UPDATE, "when": {"next": 1}, "do": {"reset": "before"}}
    world.cloud.set_faults([lost])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    calls = world.cloud.journal(tampered.UPDATE)
    assert outcomes == [("healed", "session_switched_off")]
    assert len({entry["parameters"]["ClientToken"] for entry in calls}) == 1


def test_what_a_deleted_session_had_is_looked_for_and_put_elsewhere(serve: Serve) -> None:
    world = serve([1, 2, 3], [a_session(1, 1), 2])
    writer = world.writer(Policy({"all": Pool("all", (tms(1), tms(2), tms(9)))}, (), "all"))

    answer = writer.healing().deliver(record(tampered.DELETE, 9))
    ((_, payload, _),) = writer.kept.invocations
    healed = writer.deliver_bytes(payload)["outcomes"]

    assert answer == {"outcomes": [], "handed_over": 2}
    assert {(one["network_interface_id"], one["outcome"], one["reason"]) for one in healed} == {
        (eni(2), "healed", "session_deleted"),
        (eni(3), "healed", "session_deleted"),
    }
    assert {eni(2), eni(3)} <= set(world.placements())


def test_a_deleted_session_that_no_pool_could_have_had_costs_no_look(serve: Serve) -> None:
    world = serve([1], [1])

    outcomes = told(world.writer().healing(), record(tampered.DELETE, 9))

    assert outcomes == [("ignored", "nothing_lost")]
    assert world.cloud.journal() == []


def test_a_look_at_everything_that_fails_is_handed_on(serve: Serve) -> None:
    world = serve([1], [1])
    writer = world.writer(Policy({"all": Pool("all", (tms(1), tms(9)))}, (), "all")).healing()
    throttle = {"action": "DescribeNetworkInterfaces", "do": {"throttle": True}}
    world.cloud.set_faults([throttle])

    event = record(tampered.DELETE, 9)
    answer = writer.deliver(event)
    world.cloud.set_faults([])

    ((request,),) = (json.loads(payload) for _, payload, _ in writer.kept.invocations)
    assert answer == {"outcomes": [], "handed_over": 1}
    assert (request["purpose"], request["session_id"]) == ("heal", tms(9))
    assert request["tampering"]["actor"] == "ram-user mallory"
    assert request["cause"]["id"] == event["id"]


def test_a_session_that_is_changed_again_and_again_is_left_alone_and_that_is_shouted(
    serve: Serve,
) -> None:
    world = serve([1, 2, 3, 4], [1, 2])
    writer = world.writer(Policy({"all": Pool("all", (tms(1),))}, (), "all")).healing(per_hour=3)

    outcomes = [told(writer, removed(1, n)) for n in range(1, 5)]

    assert outcomes[:3] == [[("healed", "source_removed")]] * 3
    assert outcomes[3] == [("deferred", "heal_limit")]
    assert len(world.adds()) == 3
    lines = [json.loads(line) for line in writer.lines.getvalue().splitlines()]
    assert [line["code"] for line in lines if line["level"] == "ERROR"] == ["heal_limit"]
    refused = [line for line in lines if line.get("reason") == "heal_limit"]
    assert "mallory called" in refused[0]["remedy"]

    world.clock.sleep(HOUR_S)
    assert told(writer, removed(1, 4)) == [("healed", "source_removed")]


def test_the_limit_holds_within_one_delivery_and_counts_a_call_once(serve: Serve) -> None:
    world = serve([1, 2, 3, 4, 5, 6], [1])
    writer = world.writer().healing(per_hour=2)

    outcomes = told(writer, removed(1, 1, 2, 3), removed(1, 4, 5), removed(1, 6))

    assert sorted(outcomes) == [("deferred", "heal_limit")] + [("healed", "source_removed")] * 5


def test_where_healing_is_off_a_changed_session_is_ignored(serve: Serve) -> None:
    world = serve([1], [1])

    assert told(world.writer(), removed(1, 1)) == [("ignored", "healing_off")]
    assert world.cloud.journal() == []


def test_observing_it_says_what_it_would_do_and_does_not(serve: Serve) -> None:
    world = serve([1, 2], [1, a_session(2, 2, enabled=False)])
    writer = world.writer().healing().in_mode(Mode.OBSERVE)

    outcomes = told(writer, removed(1, 1), record(tampered.UPDATE, 2, Enabled=False))

    assert sorted(outcomes) == [("ineffective", "session_disabled"), ("would_mirror", None)]
    assert world.adds() == world.cloud.journal(tampered.UPDATE) == []


def test_paused_the_record_waits(serve: Serve) -> None:
    world = serve([1], [1])

    with pytest.raises(PausedError):
        world.writer().healing().in_mode(Mode.PAUSED).deliver(removed(1, 1))


@pytest.mark.parametrize(
    "code", ["OptInRequired.TrafficMirror", "IncorrectBusinessStatus.TrafficMirror"]
)
def test_a_service_that_refuses_everybody_is_told(serve: Serve, code: str) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    world.cloud.set_faults([{"action": tampered.UPDATE, "do": {"error": code}}])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    assert outcomes == [("deferred", code)]
