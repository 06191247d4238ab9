"""What a deleted session had is mirrored by another, however early its deletion is heard of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from evermirror.events import tampered
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Discovery
from evermirror.publishing import LAST_GENERATION
from tests.worlds import a_session, an_interface, attached, eni, tms

from .conftest import Serve
from .growing_pools import LIST, growing, slbs
from .tampering import record, record_of, somebody_deletes, told
from .writers import Outcome, Writer


def old(number: int) -> dict[str, Any]:
    """An interface that was there long before anybody did anything."""
    return an_interface(number, created="2025-01-01T00:00:00Z")


def heard(writer: Writer, event: Mapping[str, Any]) -> list[Outcome]:
    """All that is told of an event, what mirror hands to itself included."""
    answer = writer.deliver(event)
    outcomes: list[Outcome] = list(answer["outcomes"])
    while answer["handed_over"]:
        answer = writer.deliver_bytes(writer.kept.invocations[-1][1])
        outcomes += answer["outcomes"]
    return outcomes


def test_what_a_deleted_session_had_is_looked_for_and_put_elsewhere(serve: Serve) -> None:
    world = serve([1, old(2), old(3)], [a_session(1, 1), 2])
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


def test_a_look_at_everything_that_takes_too_long_is_left_to_the_sweep(serve: Serve) -> None:
    world = serve([old(1)], [1])
    writer = world.writer(Policy({"all": Pool("all", (tms(1), tms(9)))}, (), "all")).healing()
    slow = writer.before("every_session", 1, lambda: world.clock.sleep(121))

    assert told(slow, record(tampered.DELETE, 9)) == [("deferred", "out_of_time")]
    assert world.adds() == []


@pytest.mark.parametrize("wait_s", [0.0, 2.0, 5.0])
def test_a_deletion_is_heard_of_while_the_session_is_still_there(
    serve: Serve, wait_s: float
) -> None:
    world = serve([old(1)], [a_session(1, 1), 2])
    writer = world.writer().healing()
    at = somebody_deletes(world, tms(1), wait_s=wait_s)

    (healed,) = heard(writer, record(tampered.DELETE, 1, at=at))

    assert (healed["outcome"], healed["reason"]) == ("healed", "session_deleted")
    assert world.placements() == {eni(1): [tms(2)]}


def test_a_list_that_still_shows_the_deleted_session_says_what_it_had(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1), 2], settle_s=1)
    writer = world.writer().healing()
    world.clock.sleep(60)
    at = somebody_deletes(world, tms(1), wait_s=2)
    stale = {"action": LIST, "when": {"between_s": [0, 5]}, "do": {"stale_s": 8}}
    world.cloud.set_faults([stale])

    (healed,) = heard(writer, record(tampered.DELETE, 1, at=at))

    assert (healed["outcome"], healed["reason"]) == ("healed", "session_deleted")
    assert world.placements() == {eni(1): [tms(2)]}


def test_an_empty_session_that_is_still_there_is_compared_as_if_it_were_gone(
    serve: Serve,
) -> None:
    """What it was given last may be hidden from a List until it has settled."""
    world = serve([old(1)], [1, 2])
    writer = world.writer().healing()
    at = somebody_deletes(world, tms(1), wait_s=0)

    (healed,) = heard(writer, record(tampered.DELETE, 1, at=at))

    assert (healed["outcome"], healed["session_id"]) == ("healed", tms(2))


def test_a_list_that_is_throttled_for_a_moment_is_asked_again(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1), 2])
    writer = world.writer().healing()
    at = somebody_deletes(world, tms(1), wait_s=2)
    world.cloud.set_faults([{"action": LIST, "when": {"next": 2}, "do": {"throttle": True}}])

    answer = writer.deliver(record(tampered.DELETE, 1, at=at))

    ((request,),) = (json.loads(payload) for _, payload, _ in writer.kept.invocations)
    assert answer["handed_over"] == 1
    assert request["network_interface_ids"] == [eni(1)]


def test_many_deletions_are_one_look_and_every_loss_is_told_once(serve: Serve) -> None:
    ours = tuple(tms(n) for n in (1, 2, *range(11, 16)))
    world = serve([old(1), old(2)], [a_session(1, 1), 2])
    writer = world.writer(Policy({"all": Pool("all", ours)}, (), "all")).healing()
    at = world.clock.now()

    answer = writer.deliver(*(record(tampered.DELETE, n, at=at) for n in range(11, 16)))
    ((_, payload, _),) = writer.kept.invocations
    told = writer.deliver_bytes(payload)["outcomes"]

    assert answer["handed_over"] == 1
    assert [one["reason"] for one in answer["outcomes"]] == ["nothing_lost"] * 4
    assert [(one["outcome"], one["network_interface_id"]) for one in told] == [("healed", eni(2))]
    assert len(world.cloud.journal("DescribeNetworkInterfaces")) == 2


def test_an_interface_too_young_to_have_been_in_it_is_mirrored_and_nobody_is_accused(
    serve: Serve,
) -> None:
    world = serve([an_interface(1, created="2026-01-01T00:00:00Z")], [1])
    writer = world.writer(Policy({"all": Pool("all", (tms(1), tms(9)))}, (), "all")).healing()
    deletion = record(tampered.DELETE, 9)

    (mirrored,) = heard(writer, deletion)

    assert (mirrored["outcome"], mirrored["reason"]) == ("mirrored", None)
    assert mirrored["cause"]["id"] == deletion["id"]
    assert "tampering" not in mirrored


def test_whoever_deletes_what_a_pool_grows_is_not_fought_for_ever(serve: Serve) -> None:
    world = serve([old(1)], [], slbs=slbs(1))
    writer = world.writer(growing(1), allow_growth=True).healing(per_hour=2)
    writer.deliver(attached(1))

    told = []
    for _ in range(3):
        (holding,) = world.placements()[eni(1)]
        at = somebody_deletes(world, holding)
        told += heard(writer, record_of(tampered.DELETE, holding, at=at))

    assert [one["outcome"] for one in told] == ["healed", "healed", "deferred"]
    assert told[-1]["reason"] == "heal_limit"
    assert "mallory called" in told[-1]["remedy"]
    assert world.placements() == {}


def test_whoever_deletes_a_session_of_no_pool_is_not_accused(serve: Serve) -> None:
    theirs = a_session(2, 1, 2, name="theirs")
    world = serve([old(1), old(2)], [a_session(1, 1, name="ids-1"), theirs])
    found = Policy({"all": Pool("all", discovery=Discovery(name_prefix="ids-"))}, (), "all")
    at = somebody_deletes(world, tms(2), wait_s=1)

    told = heard(world.writer(found).healing(), record(tampered.DELETE, 2, at=at))

    assert {(one["network_interface_id"], one["outcome"]) for one in told} == {
        (eni(1), "already_mirrored"),
        (eni(2), "mirrored"),
    }
    assert not any("tampering" in one for one in told)


@pytest.mark.parametrize("wait_s", [0.0, 2.0])
def test_whoever_deletes_one_of_two_sessions_that_list_a_source_is_not_accused(
    serve: Serve, wait_s: float
) -> None:
    world = serve([1], [a_session(1, 1), a_session(2, 1)])
    at = somebody_deletes(world, tms(1), wait_s=wait_s)

    (outcome,) = heard(world.writer().healing(), record(tampered.DELETE, 1, at=at))

    assert (outcome["outcome"], outcome["session_id"]) == ("already_mirrored", tms(2))
    assert "tampering" not in outcome
    assert world.adds() == []


def test_a_deletion_that_cannot_be_looked_at_leaves_other_records_alone(serve: Serve) -> None:
    world = serve([1], [a_session(1, enabled=False)])
    policy = Policy({"all": Pool("all", (tms(1), tms(9)))}, (), "all")
    forbidden = {"action": "DescribeNetworkInterfaces", "do": {"error": "Forbidden.RAM"}}
    world.cloud.set_faults([forbidden])
    off = record(tampered.UPDATE, 1, Enabled=False)

    outcomes = world.writer(policy).healing().outcomes(off, record(tampered.DELETE, 9))

    assert [(one["session_id"], one["outcome"], one["reason"]) for one in outcomes] == [
        (tms(1), "healed", "session_switched_off"),
        (tms(9), "deferred", "Forbidden.RAM"),
    ]


def test_what_was_lost_is_looked_at_here_where_it_may_be_handed_over_no_more(
    serve: Serve,
) -> None:
    world = serve([old(1)], [1])
    writer = world.writer(Policy({"all": Pool("all", (tms(1), tms(9)))}, (), "all")).healing()
    throttle = {"action": "DescribeNetworkInterfaces", "do": {"throttle": True}}
    world.cloud.set_faults([throttle])
    writer.deliver(record(tampered.DELETE, 9))
    for _ in range(LAST_GENERATION - 1):
        writer.deliver_bytes(writer.kept.invocations[-1][1])
    world.cloud.set_faults([])

    (outcome,) = writer.deliver_bytes(writer.kept.invocations[-1][1])["outcomes"]

    assert (outcome["outcome"], outcome["reason"]) == ("healed", "session_deleted")
    assert world.placements() == {eni(1): [tms(1)]}
