"""A small budget of calls makes mirror slow; it must not make it late, blind, or idle."""

from __future__ import annotations

from evermirror.engine.state import Limits
from tests.worlds import attached

from .conftest import Serve
from .growing_pools import LIST


def test_no_change_leaves_after_its_time_however_long_the_budget_makes_it_wait(
    serve: Serve,
) -> None:
    world = serve(list(range(1, 41)), list(range(1, 41)))
    writer = world.writer().with_a_budget_of(20)
    began = writer.clock.now()

    writer.deliver(*[attached(n) for n in range(1, 41)], timeout_s=60)

    changed = [call["t"] for call in world.adds()]
    looked = [call["t"] for call in world.cloud.journal(LIST)]
    assert changed
    assert max(changed) <= began + 60 - 45
    for at in changed:
        assert at - max(look for look in looked if look <= at) <= Limits().stale_bound_s
