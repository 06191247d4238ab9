"""A session that is not as the policy pins it is told by each sweep, though no record said so."""

from __future__ import annotations

from typing import Any

import pytest

from evermirror.errors import PublishError
from evermirror.policy import Policy, Pool
from evermirror.settings import Mode
from tests.worlds import a_session, tms

from .conftest import Serve, Sweeping
from .growing_pools import balancer, growing, slbs
from .sweeping import Sweeper

FILTER, OTHER_FILTER = "tmf-j6c00000000000000001", "tmf-j6c00000000000000002"
FILTERS = [{"id": FILTER}, {"id": OTHER_FILTER}]
PINNED = Policy(
    {"all": Pool("all", (tms(1), tms(2)), target_ids=frozenset({balancer(1)}), filter_id=FILTER)},
    (),
    "all",
)


def changed(sweeper: Sweeper) -> list[dict[str, Any]]:
    told = [one for document in sweeper.told for one in document["outcomes"]]
    assert all(one["outcome"] == "session_changed" for one in told)
    return told


def test_each_session_with_another_target_or_filter_is_told_for_the_tick(
    serve: Serve, sweeping: Sweeping
) -> None:
    sessions = [a_session(1, target=balancer(2)), a_session(2, filter=OTHER_FILTER)]
    world = serve([1], sessions, filters=FILTERS, slbs=slbs(1, 2))
    sweeper = sweeping(world, policy=PINNED)

    sweeper.tick()

    first, second = sorted(changed(sweeper), key=lambda one: str(one["session_id"]))
    assert (first["session_id"], first["reason"]) == (tms(1), "wrong_target")
    assert (first["target_id"], first["pool"]) == (balancer(2), "all")
    assert (second["session_id"], second["reason"]) == (tms(2), "wrong_filter")
    assert first["cause"] == {"source": "evermirror.sweep", "id": "2026-01-02T00:00:00Z"}
    assert "Point the session back" in first["remedy"]
    assert "tampering" not in first


def test_every_sweep_publishes_it_anew_and_logs_it(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [a_session(1, target=balancer(2)), 2], slbs=slbs(1, 2))
    sweeper = sweeping(world, policy=PINNED)

    for at in ("2026-01-02T00:00:00Z", "2026-01-02T00:15:00Z"):
        sweeper.tick(at)

    first, again = changed(sweeper)
    assert first["outcome_id"] != again["outcome_id"]
    assert first["number"] < again["number"]
    names = [name for _, _, name in sweeper.kept.invocations]
    assert len(names) == len(set(names))
    assert sweeper.lines.getvalue().count('"outcome":"session_changed"') == 2


def test_what_a_pool_made_is_pinned_unasked_and_a_session_switched_off_is_told_too(
    serve: Serve, sweeping: Sweeping
) -> None:
    tags = {"evermirror-pool": "big"}
    made = a_session(1, target=balancer(2), priority=1000, name="big-0", tags=tags, enabled=False)
    world = serve([1], [made], slbs=slbs(1, 2))
    sweeper = sweeping(world, policy=growing())

    sweeper.tick()

    assert [(one["session_id"], one["reason"]) for one in changed(sweeper)] == [
        (tms(1), "wrong_target")
    ]


@pytest.mark.parametrize("policy", [None, PINNED], ids=["nothing pinned", "as pinned"])
def test_nothing_is_told_where_nothing_differs(
    serve: Serve, sweeping: Sweeping, policy: Policy | None
) -> None:
    world = serve([1], [1, 2])
    sweeper = sweeping(world, policy=policy)

    sweeper.tick()

    assert changed(sweeper) == []


def test_observing_it_is_told_as_well(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [a_session(1, target=balancer(2)), 2], slbs=slbs(1, 2))
    sweeper = sweeping(world, policy=PINNED).changed(mode=Mode.OBSERVE)

    sweeper.tick()

    assert len(changed(sweeper)) == 1


def test_that_it_could_not_be_published_fails_the_sweep(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [a_session(1, 1, target=balancer(2)), 2], slbs=slbs(1, 2))
    sweeper = sweeping(world, policy=PINNED)
    sweeper.kept.refuses = True

    with pytest.raises(PublishError):
        sweeper.tick()
