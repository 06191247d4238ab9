"""The service remembers an Add although the session that took it is gone: nobody waits for it."""

from __future__ import annotations

import pytest

from evermirror.placement.rendezvous import order
from evermirror.policy import Policy, Pool
from tests.worlds import attached, eni, tms

from .conftest import Serve
from .tampering import somebody_deletes, somebody_removes
from .writers import KilledError

FIRST = next(n for n in range(1, 100) if order(eni(n), (tms(1), tms(2)), {}, 0.0)[0] == tms(1))
POOL = Policy({"all": Pool("all", (tms(1), tms(2)))}, (), "all")


@pytest.mark.parametrize("gone", ["the session", "the source"])
def test_an_add_that_is_replayed_to_no_effect_is_noticed_within_two_looks(
    serve: Serve, gone: str
) -> None:
    world = serve([FIRST], [1, 2])
    event = attached(FIRST, "the-event")
    dying = world.writer(POOL).dying_asleep()
    with pytest.raises(KilledError):
        dying.deliver(event)
    world.clock.sleep(10)
    if gone == "the session":
        somebody_deletes(world, tms(1))
    else:
        somebody_removes(world, 1, FIRST)
    began = world.clock.now()

    told = world.writer(POOL).outcome(event)

    expected = tms(2) if gone == "the session" else tms(1)
    assert (told["outcome"], told["session_id"]) == ("mirrored", expected)
    assert world.clock.now() - began < 25
    assert world.placements() == {eni(FIRST): [expected]}
