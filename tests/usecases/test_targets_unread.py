"""A role that may not see instances cannot tell whether a target runs, and accuses nobody."""

from __future__ import annotations

import pytest

from tests.worlds import a_session, attached, eni

from .conftest import Serve, Sweeping

EMPTY = (
    '{"RequestId": "r", "TotalCount": 0, "PageNumber": 1, "PageSize": 100, '
    '"Instances": {"Instance": []}}'
)
DENIED = [
    {"action": "DescribeInstances", "do": {"error": "Forbidden.RAM", "status": 403}},
    {"action": "DescribeInstances", "do": {"body": EMPTY, "status": 200}},
]
TO_AN_INTERFACE = {"target": eni(9), "target_type": "NetworkInterface"}


@pytest.mark.parametrize("denied", DENIED, ids=["refused", "an empty list"])
def test_the_sweep_counts_the_session_and_calls_its_sources_mirrored(
    serve: Serve, sweeping: Sweeping, denied: dict[str, object]
) -> None:
    world = serve([1, 9], [a_session(1, 1, **TO_AN_INTERFACE)])
    seen = sweeping(world).tick()
    world.cloud.set_faults([denied])

    unseen = sweeping(world).tick()

    assert (seen["target_not_read"], unseen["target_not_read"]) == (0, 1)
    assert (unseen["mirrored"], unseen["ineffective"], unseen["unknown"]) == (1, 0, None)


@pytest.mark.parametrize("denied", DENIED, ids=["refused", "an empty list"])
def test_mirror_places_all_the_same(serve: Serve, denied: dict[str, object]) -> None:
    world = serve([1, 9], [a_session(1, **TO_AN_INTERFACE)])
    world.cloud.set_faults([denied])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"], told["target_id"]) == ("mirrored", None, eni(9))
