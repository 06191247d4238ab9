"""What somebody takes out of a session is back at once where it is wanted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evermirror.errors import PausedError
from evermirror.events import tampered
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import OneOf
from evermirror.settings import Mode
from tests.worlds import a_session, an_interface, attached, eni, tms

from .conftest import Serve
from .tampering import record, removed, somebody_removes, told

ADD = "AddSourcesToTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"


def test_a_source_that_somebody_removed_is_back_with_who_removed_it(serve: Serve) -> None:
    world = serve([1, 2], [a_session(1, 1, 2)])
    somebody_removes(world, 1, 1)
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


def test_a_list_that_does_not_show_the_removal_yet_is_not_believed(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)], settle_s=1, behaviour={"stale_list_s": 8})
    world.clock.sleep(60)
    at = somebody_removes(world, 1, 1, wait_s=2)

    outcomes = told(world.writer().healing(), removed(1, 1, at=at))

    assert outcomes == [("healed", "source_removed")]
    assert world.sources(1) == [[eni(1)]]


def test_a_list_of_before_the_removal_confirms_no_heal(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)], settle_s=1)
    world.clock.sleep(60)
    at = somebody_removes(world, 1, 1, wait_s=2)
    fails = {"action": ADD, "when": {"next": 1}, "do": {"background_failure": True}}
    stale = {"action": LIST, "when": {"between_s": [1, 6]}, "do": {"stale_s": 8}}
    world.cloud.set_faults([fails, stale])

    writer = world.writer().healing()
    answer = writer.deliver(removed(1, 1, at=at))
    ((_, payload, _),) = writer.kept.invocations
    (healed,) = writer.deliver_bytes(payload)["outcomes"]

    assert answer == {"outcomes": [], "handed_over": 1}
    assert (healed["outcome"], healed["reason"]) == ("healed", "source_removed")
    assert world.sources(1) == [[eni(1)]]


def test_a_record_that_comes_late_is_told_at_the_first_look(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    began = world.clock.now()

    outcomes = told(world.writer().healing(), removed(1, 1, at=began - 11))

    assert outcomes == [("healed", "source_removed")]
    assert world.clock.now() == began


@pytest.mark.parametrize("ahead_s", [None, 3600.0])
def test_without_a_time_that_can_be_the_record_is_as_old_as_its_arrival(
    serve: Serve, ahead_s: float | None
) -> None:
    world = serve([1], [a_session(1, 1)], settle_s=1, behaviour={"stale_list_s": 8})
    world.clock.sleep(60)
    at = somebody_removes(world, 1, 1, wait_s=2)
    event = removed(1, 1, at=at + (ahead_s or 0.0))
    if ahead_s is None:
        del event["data"]["eventTime"]

    assert told(world.writer().healing(), event) == [("healed", "source_removed")]
    assert world.sources(1) == [[eni(1)]]


def test_what_cannot_be_waited_for_is_handed_on(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    writer = world.writer().healing()
    event = removed(1, 1, at=world.clock.now())

    answer = writer.deliver(event, timeout_s=20.0)

    assert answer == {"outcomes": [], "handed_over": 1}
    ((request,),) = (json.loads(payload) for _, payload, _ in writer.kept.invocations)
    assert (request["purpose"], request["network_interface_ids"]) == ("heal", [eni(1)])


def test_whoever_takes_a_source_out_of_one_of_two_sessions_is_not_accused(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1), a_session(2, 1)])
    at = somebody_removes(world, 2, 1)

    outcome = world.writer().healing().outcome(removed(2, 1, at=at))

    assert (outcome["outcome"], outcome["session_id"]) == ("already_mirrored", tms(1))
    assert "tampering" not in outcome
    assert world.adds() == []


def test_what_is_taken_out_of_a_session_of_no_pool_is_none_of_our_business(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1), a_session(9, 1)])
    at = somebody_removes(world, 9, 1)
    only_one = Policy({"all": Pool("all", (tms(1),))}, (), "all")
    before = len(world.cloud.journal())

    outcomes = told(world.writer(only_one).healing(), removed(9, 1, at=at))

    assert outcomes == [("ignored", "session_of_no_pool")]
    assert len(world.cloud.journal()) == before


def test_nobody_is_accused_of_what_the_same_delivery_brought_into_the_session(
    serve: Serve,
) -> None:
    world = serve([1, 2], [a_session(3, 1, enabled=False)])
    off = record(tampered.UPDATE, 3, Enabled=False)

    outcomes = world.writer().healing().outcomes(attached(2), off)

    told = [(one["network_interface_id"], one["outcome"]) for one in outcomes]
    assert told == [
        (eni(2), "deferred"),
        (eni(1), "healed"),
    ]
    accused = {one["network_interface_id"] for one in outcomes if "tampering" in one}
    assert accused == {eni(1)}


def test_a_heal_that_was_put_elsewhere_is_told_alike_when_the_record_comes_again(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, *range(101, 111)), 2])
    writer = world.writer().healing()
    event = removed(1, 1)

    first, again = writer.outcome(event), writer.outcome(event)

    assert (first["outcome"], first["session_id"]) == ("healed", tms(2))
    assert first["outcome_id"] == again["outcome_id"]
