"""What is undone again and again is left alone, and nothing else is taken for that."""

from __future__ import annotations

import json
from typing import Any

from evermirror.events import tampered
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Discovery
from tests.worlds import a_session, tms

from .conftest import Serve
from .tampering import record, removed, somebody_deletes, somebody_removes, somebody_updates, told
from .writers import Writer

HOUR_S = 3600.0


def logged(writer: Writer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in writer.lines.getvalue().splitlines()]


def errors(writer: Writer) -> list[dict[str, Any]]:
    return [line for line in logged(writer) if line["level"] == "ERROR"]


def test_a_session_that_is_changed_again_and_again_is_left_alone_and_that_is_shouted(
    serve: Serve,
) -> None:
    world = serve([1, 2, 3, 4], [1, 2])
    writer = world.writer(Policy({"all": Pool("all", (tms(1),))}, (), "all")).healing(per_hour=3)

    outcomes = [told(writer, removed(1, n)) for n in range(1, 5)]

    assert outcomes[:3] == [[("healed", "source_removed")]] * 3
    assert outcomes[3] == [("deferred", "heal_limit")]
    assert len(world.adds()) == 3
    assert [line["code"] for line in errors(writer)] == ["heal_limit"]
    lines = logged(writer)
    refused = [line for line in lines if line.get("reason") == "heal_limit"]
    assert "mallory called" in refused[0]["remedy"]

    world.clock.sleep(HOUR_S)
    assert told(writer, removed(1, 4)) == [("healed", "source_removed")]


def test_the_limit_holds_within_one_delivery_and_counts_a_call_once(serve: Serve) -> None:
    world = serve([1, 2, 3, 4, 5, 6], [1])
    writer = world.writer().healing(per_hour=2)

    outcomes = told(writer, removed(1, 1, 2, 3), removed(1, 4, 5), removed(1, 6))

    assert sorted(outcomes) == [("deferred", "heal_limit")] + [("healed", "source_removed")] * 5


def test_records_of_what_needs_no_healing_are_not_counted(serve: Serve) -> None:
    """Our own removals of dead sources, one by one, for example."""
    world = serve([1, 2], [a_session(1, 1)])
    writer = world.writer().healing(per_hour=1)

    dead = told(writer, *(removed(1, n) for n in range(101, 106)))
    renamed = [record(tampered.UPDATE, 1, TrafficMirrorSessionName=f"n{n}") for n in range(5)]
    harmless = told(writer, *renamed)

    assert dead == [("ignored", "interface_not_visible")] * 5
    assert harmless == [("ignored", "session_changed")] * 5
    assert told(writer, removed(1, 2)) == [("healed", "source_removed")]
    assert errors(writer) == []


def test_among_records_of_nothing_the_ones_that_need_healing_are_healed(serve: Serve) -> None:
    world = serve([1, 2], [1])
    writer = world.writer().healing(per_hour=2)

    outcomes = told(writer, *(removed(1, n) for n in (101, 102, 103, 1, 2)))

    assert sorted(outcomes) == [
        *[("healed", "source_removed")] * 2,
        *[("ignored", "interface_not_visible")] * 3,
    ]


def test_a_session_that_is_switched_off_again_and_again_stays_off(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    writer = world.writer().healing(per_hour=2)

    outcomes = []
    for _ in range(3):
        at = somebody_updates(world, 1, Enabled="false")
        outcomes += told(writer, record(tampered.UPDATE, 1, at=at, Enabled="false"))

    assert outcomes == [
        ("healed", "session_switched_off"),
        ("healed", "session_switched_off"),
        ("deferred", "heal_limit"),
    ]
    assert world.cloud.session(tms(1))["enabled"] is False
    assert [one["code"] for one in errors(writer)] == ["heal_limit"]


def test_what_is_taken_out_of_somebodys_own_session_is_placed_as_ever_and_not_counted(
    serve: Serve,
) -> None:
    theirs = a_session(9, 1, 2, 3, target="lb-j6c00000000000000009", tags={})
    world = serve([1, 2, 3], [theirs, a_session(1, tags={"mirror": "big"})])
    found = Policy({"big": Pool("big", discovery=Discovery(tags={"mirror": "big"}))}, (), "big")
    writer = world.writer(found).healing(per_hour=1)

    outcomes = []
    for n in (1, 2, 3):
        outcomes += writer.outcomes(removed(9, n, at=somebody_removes(world, 9, n)))

    assert [one["outcome"] for one in outcomes] == ["mirrored"] * 3
    assert not any("tampering" in one for one in outcomes)
    assert errors(writer) == []


def test_what_is_taken_out_of_a_pool_that_it_no_longer_belongs_to_is_placed_and_not_counted(
    serve: Serve,
) -> None:
    world = serve([1, 2, 3], [a_session(1, 1, 2, 3), 2])
    pools = {"first": Pool("first", (tms(1),)), "second": Pool("second", (tms(2),))}
    writer = world.writer(Policy(pools, (), "second")).healing(per_hour=1)

    at = [somebody_removes(world, 1, n) for n in (1, 2, 3)]
    outcomes = writer.outcomes(*(removed(1, n, at=at[n - 1]) for n in (1, 2, 3)))

    assert [one["outcome"] for one in outcomes] == ["mirrored"] * 3
    assert not any("tampering" in one for one in outcomes)
    assert errors(writer) == []


def test_whoever_deletes_a_session_of_another_pool_is_not_accused(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1), 2])
    pools = {"first": Pool("first", (tms(1),)), "second": Pool("second", (tms(2),))}
    writer = world.writer(Policy(pools, (), "second")).healing()
    at = somebody_deletes(world, tms(1), wait_s=1)

    writer.deliver(record(tampered.DELETE, 1, at=at))
    ((_, payload, _),) = writer.kept.invocations
    (outcome,) = writer.deliver_bytes(payload)["outcomes"]

    assert (outcome["outcome"], outcome["session_id"]) == ("mirrored", tms(2))
    assert "tampering" not in outcome
