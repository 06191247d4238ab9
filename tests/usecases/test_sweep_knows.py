"""What the sweep knows beyond one look: since when an interface is attached."""

from __future__ import annotations

import json

from tests.worlds import a_session, an_interface, eni, instance

from .conftest import Serve, Sweeping
from .sweeping import LIMITS
from .writers import World


def attach(world: World, number: int) -> None:
    state = world.cloud.state()
    (one,) = [one for one in state["network_interfaces"] if one["id"] == eni(number)]
    one.update(status="InUse", instance=instance(number))
    world.cloud.load(state)


def test_what_is_a_year_old_and_attached_since_the_last_sweep_is_pending_and_asked_for(
    serve: Serve, sweeping: Sweeping
) -> None:
    old = an_interface(
        2, type="Secondary", status="Available", instance=None, created="2025-01-01T00:00:00Z"
    )
    world = serve([1, old], [a_session(1, 1)])
    sweeper = sweeping(world)

    assert sweeper.tick()["status"] == "full"
    world.clock.sleep(890)
    attach(world, 2)
    world.clock.sleep(10)
    found = sweeper.tick("2026-01-02T00:15:00Z")

    assert (found["status"], found["pending"], found["missing"]) == ("pending", 1, 0)
    assert (found["oldest_gap_s"], found["event_source_silent"]) == (None, False)
    (asked,) = [json.loads(payload) for payload in sweeper.asked]
    assert [one["network_interface_ids"] for one in asked] == [[eni(2)]]


def test_a_gap_that_stays_counts_from_the_look_before_it_was_attached(
    serve: Serve, sweeping: Sweeping
) -> None:
    old = an_interface(2, status="Available", instance=None, created="2025-01-01T00:00:00Z")
    world = serve([1, old], [a_session(1, 1)])
    sweeper = sweeping(world)

    sweeper.tick()
    attach(world, 2)
    for _ in range(2):
        world.clock.sleep(LIMITS.period_s)
        found = sweeper.tick()

    assert found["missing"] == 1
    assert found["oldest_gap_s"] == 2 * LIMITS.period_s
