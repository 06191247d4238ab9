"""A session that somebody switched off, or changed, is on and mirrors again."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from evermirror.events import tampered
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Discovery
from tests.worlds import a_session, eni, tms

from .conftest import Serve
from .tampering import record, somebody_updates, told
from .writers import KilledError, signed


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


def test_an_empty_session_that_cannot_be_switched_on_is_told_with_who_did_it(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, enabled=False)])
    world.cloud.set_faults([{"action": tampered.UPDATE, "do": {"error": "Forbidden.RAM"}}])

    outcome = world.writer().healing().outcome(record(tampered.UPDATE, 1, Enabled=False))

    assert (outcome["outcome"], outcome["reason"]) == ("ineffective", "session_disabled")
    assert outcome["session_id"] == tms(1)
    assert outcome["tampering"]["actor"] == "ram-user mallory"


def test_a_lost_answer_to_the_switch_is_asked_for_with_the_same_token(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    lost = {"action": tampered.UPDATE, "when": {"next": 1}, "do": {"reset": "before"}}
    world.cloud.set_faults([lost])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    calls = world.cloud.journal(tampered.UPDATE)
    assert outcomes == [("healed", "session_switched_off")]
    assert len({entry["parameters"]["ClientToken"] for entry in calls}) == 1


def test_a_service_that_refuses_everybody_is_told(serve: Serve) -> None:
    code = "OptInRequired.TrafficMirror"
    world = serve([1], [a_session(1, 1, enabled=False)])
    world.cloud.set_faults([{"action": tampered.UPDATE, "do": {"error": code}}])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    assert outcomes == [("deferred", code)]


def test_a_session_whose_bill_is_unpaid_stays_off_and_the_log_says_why(serve: Serve) -> None:
    code = "IncorrectBusinessStatus.TrafficMirror"
    world = serve([1], [a_session(1, 1, enabled=False)])
    world.cloud.set_faults([{"action": tampered.UPDATE, "do": {"error": code}}])
    writer = world.writer().healing()

    outcomes = told(writer, record(tampered.UPDATE, 1, Enabled=False))

    assert outcomes == [("ineffective", "session_disabled")]
    loud = [line for line in writer.lines.getvalue().splitlines() if "ERROR" in line]
    assert [(code in line, tms(1) in line) for line in loud] == [(True, True)]


def test_a_list_that_does_not_show_the_switch_yet_is_not_believed(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)], settle_s=1, behaviour={"stale_list_s": 8})
    world.clock.sleep(60)
    at = somebody_updates(world, 1, wait_s=2, Enabled="false")

    off = record(tampered.UPDATE, 1, at=at, Enabled="false")
    outcomes = told(world.writer().healing(), off)

    assert outcomes == [("healed", "session_switched_off")]
    assert world.cloud.session(tms(1))["enabled"] is True


@pytest.mark.parametrize(
    "trouble",
    [{"throttle": True, "retry_after_ms": 5000}, {"error": "SystemBusy"}],
    ids=["throttled", "busy"],
)
def test_trouble_that_passes_leaves_no_session_off(serve: Serve, trouble: dict[str, Any]) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    fault = {"action": tampered.UPDATE, "when": {"between_s": [0, 15]}, "do": trouble}
    world.cloud.set_faults([fault])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    assert outcomes == [("healed", "session_switched_off")]
    assert world.cloud.session(tms(1))["enabled"] is True


def test_trouble_that_stays_is_handed_on_in_the_hope_of_better_times(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    throttle = {"throttle": True, "retry_after_ms": 4000}
    world.cloud.set_faults([{"action": tampered.UPDATE, "do": throttle}])
    writer = world.writer().healing()
    began = world.clock.now()

    answer = writer.deliver(record(tampered.UPDATE, 1, Enabled=False))

    asked = [entry["t"] for entry in world.cloud.journal(tampered.UPDATE)]
    assert answer == {"outcomes": [], "handed_over": 1}
    assert all(later - earlier >= 4.0 for earlier, later in itertools.pairwise(asked))
    assert world.clock.now() - began < 45.0


def test_a_switch_without_effect_is_tried_three_times(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    world.cloud.set_faults([{"action": tampered.UPDATE, "do": {"background_failure": True}}])

    outcomes = told(world.writer().healing(), record(tampered.UPDATE, 1, Enabled=False))

    tokens = {one["parameters"]["ClientToken"] for one in world.cloud.journal(tampered.UPDATE)}
    assert outcomes == [("ineffective", "session_disabled")]
    assert len(tokens) == len(world.cloud.journal(tampered.UPDATE)) == 3


def test_a_session_that_does_not_settle_holds_nobody_else_up(serve: Serve) -> None:
    stuck = a_session(1, 1, status="Modifying", change={"remaining_s": 9000.0})
    world = serve([1], [stuck])
    began = world.clock.now()

    answer = world.writer().healing().deliver(record(tampered.UPDATE, 1))

    assert answer == {"outcomes": [], "handed_over": 1}
    assert world.clock.now() - began <= 25.0


def test_what_a_session_had_that_left_its_pool_by_another_name_stays_mirrored(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, 1, name="ids-1"), a_session(2, name="ids-2")])
    found = Policy({"all": Pool("all", discovery=Discovery(name_prefix="ids-"))}, (), "all")
    renaming: dict[str, Any] = {"TrafficMirrorSessionName": "theirs"}
    at = somebody_updates(world, 1, **renaming)

    healed = world.writer(found).healing().outcome(record(tampered.UPDATE, 1, at=at, **renaming))

    assert (healed["outcome"], healed["reason"]) == ("healed", "session_changed")
    assert eni(1) in world.sources(2)[0]


def test_a_dry_run_switches_nothing_on(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    request = {
        "request": 1,
        "cause": {"source": "somebody", "id": "1"},
        "purpose": "heal",
        "session_id": tms(1),
        "dry_run": True,
    }

    assert told(world.writer().healing(), signed(request)) == [("ineffective", "session_disabled")]
    assert world.cloud.session(tms(1))["enabled"] is False


@pytest.mark.parametrize(
    ("sources", "verdict"), [((), "ignored"), ((1,), "already_mirrored")], ids=["empty", "in use"]
)
def test_somebody_elses_session_that_is_switched_off_accuses_nobody(
    serve: Serve, sources: tuple[int, ...], verdict: str
) -> None:
    theirs = a_session(2, *sources, name="theirs")
    world = serve([1], [a_session(1, 1, name="ids-1"), theirs])
    found = Policy({"all": Pool("all", discovery=Discovery(name_prefix="ids-"))}, (), "all")

    outcome = world.writer(found).healing().outcome(record(tampered.UPDATE, 2, Enabled=False))

    assert outcome["outcome"] == verdict
    assert "tampering" not in outcome


def test_an_update_that_took_no_session_out_of_the_pool_accuses_nobody(serve: Serve) -> None:
    """An update changes no tags, so that a session without them never was one of the pool's."""
    theirs = a_session(9, 1, target="lb-j6c00000000000000009", tags={})
    world = serve([1], [theirs, a_session(1, tags={"mirror": "big"})])
    found = Policy({"big": Pool("big", discovery=Discovery(tags={"mirror": "big"}))}, (), "big")
    described: dict[str, Any] = {"TrafficMirrorSessionDescription": "mine"}
    event = record(tampered.UPDATE, 9, at=somebody_updates(world, 9, **described), **described)

    outcome = world.writer(found).healing().outcome(event)

    assert (outcome["outcome"], outcome["session_id"]) == ("mirrored", tms(1))
    assert "tampering" not in outcome


def test_a_heal_by_a_run_that_died_before_telling_is_told_by_the_next(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, name="ids-1"), a_session(2, name="ids-2")])
    found = Policy({"all": Pool("all", discovery=Discovery(name_prefix="ids-"))}, (), "all")
    renaming: dict[str, Any] = {"TrafficMirrorSessionName": "theirs"}
    event = record(tampered.UPDATE, 1, at=somebody_updates(world, 1, **renaming), **renaming)
    with pytest.raises(KilledError):
        world.writer(found).dying_asleep().healing().deliver(event)
    world.clock.sleep(10)

    told = world.writer(found).healing().outcome(event)

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(2))
