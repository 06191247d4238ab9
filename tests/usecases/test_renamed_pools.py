"""A session that a pool made stays the pool's: renamed, moved, or made under a former name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evermirror.policy import Policy
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .growing_pools import CREATE, balancer, growing, slbs, writer

RENAMED = "UpdateTrafficMirrorSessionAttribute"


def called(name: str, *was: str) -> Policy:
    """The growing pool under another name, which says what it was called or does not."""
    pool = replace(growing().pools["big"], name=name, was=was)
    return Policy({name: pool}, (), name)


def made(**changes: Any) -> dict[str, Any]:
    """The pool's first session, with one source, as the pool made it."""
    as_made = {"name": "big-0", "priority": 1000, "tags": {"evermirror-pool": "big"}}
    return a_session(1, 1, **{"target": balancer(1), **as_made, **changes})


@pytest.mark.parametrize(
    "changes",
    [{"name": "somebody's"}, {"priority": 7}, {"name": "big-900", "priority": 1900}],
    ids=["another name", "another priority", "above max_sessions"],
)
def test_a_session_that_somebody_changed_is_still_the_pools(
    serve: Serve, changes: dict[str, Any]
) -> None:
    world = serve([1, 2], [made(**changes)], slbs=slbs(1))

    told = writer(world).outcomes(attached(1), attached(2))

    assert {(one["outcome"], one["session_id"]) for one in told} == {
        ("already_mirrored", tms(1)),
        ("mirrored", tms(1)),
    }
    assert world.cloud.journal(CREATE) == []


def test_a_pool_that_says_what_it_was_called_keeps_its_sessions(serve: Serve) -> None:
    world = serve([1, 2], [made()], slbs=slbs(1))

    told = writer(world, called("large", "big")).outcomes(attached(1), attached(2))

    assert {one["session_id"] for one in told} == {tms(1)}
    assert world.placements() == {eni(1): [tms(1)], eni(2): [tms(1)]}
    assert world.cloud.journal(CREATE) == []
