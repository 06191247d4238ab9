"""What a session of no pool claims as its target is a gap, and hides nobody beside it."""

from __future__ import annotations

from evermirror.policy import Policy, Pool
from tests.worlds import a_session, an_interface, attached, eni, instance, tms

from .conftest import Serve, Sweeping

POLICY = Policy({"ids": Pool("ids", (tms(1),))}, (), "ids")


def test_mirror_and_coverage_agree_on_what_a_stranger_claims_and_on_its_neighbours(
    serve: Serve, sweeping: Sweeping
) -> None:
    neighbour = an_interface(51, instance=instance(50), type="Secondary")
    strangers = a_session(9, target=eni(50), target_type="NetworkInterface", enabled=False)
    world = serve([1, 50, neighbour], [1, strangers])
    sweeper = sweeping(world, policy=POLICY)

    before = sweeper.tick()
    told = world.writer(POLICY).outcomes(*map(attached, (1, 50, 51)))
    world.clock.sleep(10)
    after = sweeper.tick("2026-01-02T00:15:00Z")

    assert before["listed"]["claimed_by_stranger"] == [f"{eni(50)} in {tms(9)}"]
    assert sorted(before["listed"]["missing"]) == [eni(1), eni(51)]
    assert (before["excluded"], after["excluded"]) == ({}, {})
    assert {one["network_interface_id"]: one["outcome"] for one in told} == {
        eni(1): "mirrored",
        eni(50): "rejected",
        eni(51): "mirrored",
    }
    assert all(one["remedy"] for one in told if one["outcome"] == "rejected")
    assert (after["mirrored"], after["claimed_by_stranger"], after["extra"]) == (2, 1, 0)
    assert after["status"] == "gaps"


def test_the_target_of_a_pools_own_session_hides_its_instance_from_all(
    serve: Serve, sweeping: Sweeping
) -> None:
    neighbour = an_interface(51, instance=instance(50), type="Secondary")
    on_sensor = a_session(1, target=eni(50), target_type="NetworkInterface")
    world = serve([1, 50, neighbour], [on_sensor])

    counted = sweeping(world, policy=POLICY).tick()
    told = world.writer(POLICY).outcomes(*map(attached, (1, 50, 51)))

    assert counted["excluded"] == {"target_instance": 2}
    assert (
        sorted((one["outcome"], one["reason"]) for one in told if one["reason"])
        == [("skipped", "target_instance")] * 2
    )
