"""A refusal as full by a session that the List shows with room is a doubt, not an answer."""

from __future__ import annotations

import pytest

from evermirror.placement.rendezvous import order
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .writers import KilledError

FIRST = next(n for n in range(20, 120) if order(eni(n), (tms(1), tms(2)), {}, 0.0)[0] == tms(1))
QUOTAS_FIRST = ["status", "sources", "quotas", "associated"]


@pytest.mark.parametrize("later_s", [3.5, 6.0, 8.5])
def test_a_session_that_took_the_interface_as_its_last_is_not_left_for_another(
    serve: Serve, later_s: float
) -> None:
    """It says that it is full before it says that it has the interface already."""
    behaviour = {"stale_list_s": 9, "check_order": QUOTAS_FIRST}
    nearly_full = a_session(1, *range(1, 10))
    world = serve([*range(1, 10), FIRST], [nearly_full, 2], behaviour=behaviour)
    dying = world.writer().dying_asleep()
    with pytest.raises(KilledError):
        dying.deliver(attached(FIRST))
    world.clock.sleep(later_s)

    told = world.writer().outcome(attached(FIRST))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(1))
    assert world.placements()[eni(FIRST)] == [tms(1)]


@pytest.mark.parametrize("stale_s", [0.0, 9.0])
def test_a_seat_that_somebody_took_meanwhile_is_waited_for_no_longer_than_a_list_may_be_old(
    serve: Serve, stale_s: float
) -> None:
    behaviour = {"stale_list_s": stale_s, "check_order": QUOTAS_FIRST}
    nearly_full = a_session(1, *range(1, 10))
    world = serve([*range(1, 11), FIRST], [nearly_full, 2], behaviour=behaviour)
    world.clock.sleep(30)
    state = world.cloud.state()
    state["sessions"][0]["sources"].append(eni(10))
    world.cloud.load(state)
    began = world.clock.now()

    told = world.writer().outcome(attached(FIRST))

    assert (told["outcome"], told["session_id"]) == ("mirrored", tms(2))
    assert world.clock.now() - began < 30
