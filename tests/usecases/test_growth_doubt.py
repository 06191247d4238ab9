"""A create that is in doubt, or refused in part, leaves one session with all that it can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.worlds import an_interface, attached, eni

from .conftest import Serve
from .growing_pools import CREATE, grown, slbs, writer

MIRROR = "TrafficMirror"


@pytest.mark.parametrize(
    "trouble",
    [{"reset": "after"}, {"reset": "before"}, {"error": "InternalError", "status": 500}],
    ids=["reset after", "reset before", "500"],
)
def test_a_create_with_an_unknown_outcome_is_sent_again_as_it_is(
    serve: Serve, trouble: Mapping[str, Any]
) -> None:
    world = serve(list(range(1, 13)), [], slbs=slbs(1))
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 1}, "do": trouble}])

    told = writer(world).outcomes(*[attached(n) for n in range(1, 13)])

    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert [len(sources) for _, sources in sorted(grown(world).items())] == [10, 2]
    first, second = world.cloud.journal(CREATE)[:2]
    if second["parameters"]["Priority"] == first["parameters"]["Priority"]:
        assert first["parameters"] == second["parameters"]


def test_a_session_whose_creation_fails_in_the_background_is_made_again(serve: Serve) -> None:
    world = serve([1, 2], [], slbs=slbs(1))
    fails = {"background_failure": True}
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 1}, "do": fails}])

    told = writer(world).outcomes(attached(1), attached(2))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert grown(world) == {0: [eni(1), eni(2)]}
    assert len({call["parameters"]["ClientToken"] for call in world.cloud.journal(CREATE)}) == 2


def test_a_session_that_is_never_made_ends_unconfirmed(serve: Serve) -> None:
    world = serve([1], [], slbs=slbs(1))
    world.cloud.set_faults([{"action": CREATE, "do": {"background_failure": True}}])

    told = writer(world).outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("unconfirmed", "without_effect")
    assert len(world.cloud.journal(CREATE)) == 3


@pytest.mark.parametrize("remembered", [True, False])
def test_an_interface_that_cannot_be_mirrored_keeps_none_of_the_others_out(
    serve: Serve, remembered: bool
) -> None:
    bad = an_interface(3, bond_without_slave=True)
    world = serve([1, 2, bad, 4, 5], [], slbs=slbs(1), behaviour={"remember_failures": remembered})

    told = writer(world).outcomes(*[attached(n) for n in range(1, 6)])

    by_id = {one["network_interface_id"]: one for one in told}
    assert by_id[eni(3)]["reason"] == "OperationUnsupported.BondingNetworkInterface"
    assert grown(world) == {0: [eni(1), eni(2), eni(4), eni(5)]}


def test_an_interface_that_is_not_there_yet_does_not_keep_the_others_waiting(
    serve: Serve,
) -> None:
    world = serve([1, 2, 3], [], slbs=slbs(1))
    # The first of them by id and age, as the service sees it at first.
    missing = {"error": "OperationDenied.FreeNetworkInterface", "status": 400}
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 2}, "do": missing}])

    told = writer(world).outcomes(attached(1), attached(2), attached(3))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert grown(world) == {0: [eni(1), eni(2), eni(3)]}


@pytest.mark.parametrize(
    ("bars", "code"),
    [
        ({"service": {"business_status": "FinancialLocked"}}, f"IncorrectBusinessStatus.{MIRROR}"),
        ({"service": {"enabled": False}}, f"OptInRequired.{MIRROR}"),
    ],
    ids=["unpaid bill", "not opened"],
)
def test_what_bars_a_pool_bars_it_no_longer_than_it_lasts(
    serve: Serve, bars: dict[str, Any], code: str
) -> None:
    """A service that remembers failures says it to the token of the number for a day."""
    world = serve([1], [], slbs=slbs(1), behaviour={"remember_failures": True})
    before = world.cloud.state()
    world.cloud.load({**before, **bars})
    told = writer(world).outcome(attached(1))
    assert (told["outcome"], told["reason"]) == ("deferred", code)
    assert len(world.cloud.journal(CREATE)) == 2
    now = world.cloud.state()
    world.cloud.load({**now, **{what: before[what] for what in bars}})
    world.clock.sleep(900)

    told = writer(world).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert grown(world) == {0: [eni(1)]}
