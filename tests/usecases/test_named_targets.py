"""What the policy names as a target is left alone, although no session mirrors to it yet."""

from __future__ import annotations

from evermirror.policy import Policy, Pool
from tests.worlds import attached, eni, tms

from .conftest import Serve

BALANCER = "lb-j6c00000000000000001"


def test_a_target_that_the_policy_names_is_skipped_and_told_why(serve: Serve) -> None:
    pool = Pool("ids", (tms(1),), target_ids=frozenset({eni(9), BALANCER}))
    world = serve([1, 9], [1])

    told = world.writer(Policy({"ids": pool}, (), "ids")).outcomes(attached(9), attached(1))

    skipped = next(one for one in told if one["network_interface_id"] == eni(9))
    assert (skipped["outcome"], skipped["reason"]) == ("skipped", "target_instance")
    assert (skipped["pool"], skipped["rule"]) == (None, None)
    assert skipped["remedy"]
    assert world.placements() == {eni(1): [tms(1)]}
