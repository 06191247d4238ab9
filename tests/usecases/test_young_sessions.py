"""A session that ceases to be young ranks in front of others: nobody is put in twice for that."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from evermirror.placement.rendezvous import YOUNG_SESSION_S, order
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .writers import KilledError

MADE_AT = 1_800_000_000.0
MADE = datetime.fromtimestamp(MADE_AT, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
LATER = next(n for n in range(1, 100) if order(eni(n), (tms(1), tms(2)), {}, 0.0)[0] == tms(2))
"""An interface that prefers the second session once that is no longer young."""


@pytest.mark.parametrize("apart_s", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize("turned_s", [-7.0, -4.0, -0.5, 2.0])
def test_a_run_that_dies_as_a_session_turns_ten_minutes_old_leaves_one_place(
    serve: Serve, turned_s: float, apart_s: float
) -> None:
    """The event comes again eight seconds later, to an instance with another clock."""
    world = serve(
        [LATER],
        [a_session(1), a_session(2, created=MADE)],
        time=MADE_AT + YOUNG_SESSION_S + turned_s,
        behaviour={"stale_list_s": 9},
    )
    event = attached(LATER, "the-event")
    dying = world.writer().dying_asleep()
    with pytest.raises(KilledError):
        dying.deliver(event)
    world.clock.sleep(8)

    told = world.writer().with_a_clock_off_by(apart_s).outcome(event)

    assert told["outcome"] in {"mirrored", "already_mirrored"}
    assert [len(places) for places in world.placements().values()] == [1]


def test_a_session_whose_turn_is_long_past_holds_nobody_up(serve: Serve) -> None:
    world = serve([LATER], [a_session(1), a_session(2, created=MADE)], time=MADE_AT + 660)
    began = world.clock.now()

    told = world.writer().outcome(attached(LATER))

    assert (told["outcome"], told["session_id"]) == ("mirrored", tms(2))
    assert world.clock.now() - began < 5
