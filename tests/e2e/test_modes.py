"""What each mode changes in the world, and the ceiling, whoever asks: bus, webhook, sweep."""

from __future__ import annotations

import pytest

from tests.worlds import a_fleet, a_session, eni, tms

from .asking import asked_by_webhook, attach, coverage, swept
from .conftest import Product, Run
from .launching import BRIEF, client_of, interfaces_of, launch


def changes(product: Product) -> list[str]:
    """Every call that is no read, whatever came of it."""
    reads = ("List", "Describe", "RunInstances")
    return [one["action"] for one in product.cloud.journal() if not one["action"].startswith(reads)]


def test_observing_reports_what_it_would_do_whoever_asks_and_changes_nothing(run: Run) -> None:
    fleet = a_fleet([1, 2, 3], [1, a_session(2, 3)], settle_s=1.0, behaviour=BRIEF)
    product = run(fleet, mode="observe")

    launched = launch(client_of(product), 2)
    attach(product, 1, 3)
    assert asked_by_webhook(product, 2) == 202
    product.settled()
    swept(product)
    product.settled()

    told = {one["network_interface_id"]: one["outcome"] for one in product.control.outcomes()}
    would = [*interfaces_of(product, launched), eni(1), eni(2)]
    assert told == {**dict.fromkeys(would, "would_mirror"), eni(3): "already_mirrored"}
    assert (coverage(product)["mirrored"], coverage(product)["asked"]) == (1, 0)
    assert changes(product) == []
    assert product.placements() == {eni(3): [tms(2)]}


def test_paused_the_queue_keeps_the_work_the_webhook_declines_and_the_sweep_asks_nothing(
    run: Run,
) -> None:
    product = run(a_fleet([1, 2], [1, 2], settle_s=1.0, behaviour=BRIEF), mode="paused")

    attach(product, 1)
    assert asked_by_webhook(product, 2) == 503
    swept(product)
    idle = product.control.wait_until_idle(3)

    assert idle["under_way"] == {"messages": 1}
    assert idle["queues"] == {"evermirror-events": 1, "evermirror-dead-letters": 0}
    assert (coverage(product)["missing"], coverage(product)["asked"]) == (2, 0)
    assert coverage(product)["mode"] == "paused"
    assert changes(product) == []
    assert product.control.outcomes() == []


@pytest.mark.prove
def test_what_mirror_had_taken_on_when_it_was_paused_is_a_dead_letter_and_the_sweep_finds_it(
    run: Run,
) -> None:
    paused = run(a_fleet([1], [1], settle_s=1.0), mode="paused", speed=60.0, SweepInterval=60)
    request = {"request": 1, "network_interface_ids": [eni(1)]}
    paused.invoke("mirror", request, {"x-fc-invocation-type": "Async"})
    assert paused.settled()["dead_letters"] == 1

    acting = run(paused.cloud.state(), mode="act")
    swept(acting)
    idle = acting.settled()

    assert acting.placements() == {eni(1): [tms(1)]}
    assert idle["dead_letters"] == 1


CEILING = 4


@pytest.mark.parametrize("room", [pytest.param(0, marks=pytest.mark.prove), 1])
def test_the_ceiling_holds_on_events_webhook_requests_and_sweeps(run: Run, room: int) -> None:
    old = {"created": "2025-12-01T00:00:00Z"}
    interfaces = [{**one, **old} for one in a_fleet(list(range(1, 9)), [])["network_interfaces"]]
    there = a_session(1, *range(101, 101 + CEILING - room))
    fleet = a_fleet(interfaces, [there, 2], settle_s=0.5, behaviour=BRIEF)
    product = run(fleet, MaxSources=CEILING, StaleBound=2)

    launch(client_of(product), 2)
    attach(product, 1, 2)
    assert asked_by_webhook(product, 3, 4) == 202
    swept(product)
    product.settled()
    swept(product)
    product.settled()

    assert sum(len(sessions) for sessions in product.placements().values()) == CEILING
    told = product.control.outcomes()
    # The sweep may ask for the one that has just got the last room, and find it there.
    verdicts = {(one["outcome"], one["reason"]) for one in told} - {("already_mirrored", None)}
    assert verdicts == {
        ("deferred", "ceiling_reached"),
        *([("mirrored", None)] if room else []),
    }
    assert {one["cause"]["source"] for one in told} >= {"acs.ecs", "evermirror.webhook"}
    assert coverage(product)["impossible_because"] == {"ceiling_reached": 10 - room}
