"""Only a request that mirror or the sweep signed does more than have an interface looked at."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from evermirror.settings import Reclaiming
from evermirror.stack_key import Recipient, StackKey
from tests.worlds import ACCOUNT, REGION, a_session, an_interface, attached, eni, tms

from .conftest import Serve, Sweeping
from .tampering import removed, somebody_removes
from .writers import KEY, NOTIFY, World, Writer, signed

REMOVE = "RemoveSourcesFromTrafficMirrorSession"
UPDATE = "UpdateTrafficMirrorSessionAttribute"
NO_LIST = {
    "action": "ListTrafficMirrorSessions",
    "do": {"error": "ServiceUnavailable", "status": 503},
}
TAMPERING = {"actor": "alice.ciso", "action": REMOVE}
OTHERS = StackKey([base64.b64encode(bytes(range(50, 90))).decode()])


def a_request(**more: Any) -> dict[str, Any]:
    return {"request": 1, "cause": {"source": "acs.vpc", "id": "forged"}, **more}


def _for_another_function(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "mac": KEY.mac(request, Recipient(ACCOUNT, REGION, "mirror-of-another"))}


FORGED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "without a code": lambda request: request,
    "a code of nothing": lambda request: {**request, "mac": ""},
    "under another key": lambda request: signed(request, OTHERS),
    "for another function": _for_another_function,
    "of another request": lambda request: {**signed({**request, "reason": "x"}), "reason": "y"},
}


def a_writer(world: World) -> Writer:
    return world.writer().healing().reclaiming()


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_accusation_quotes_nobody_and_is_a_plain_look(serve: Serve, forged: str) -> None:
    world = serve([1], [1])
    asked = a_request(
        purpose="heal",
        session_id=tms(1),
        network_interface_ids=[eni(1)],
        tampering=TAMPERING,
    )

    told = a_writer(world).outcome(FORGED[forged](asked))

    assert told["outcome"] == "mirrored"
    assert "tampering" not in told
    assert "alice" not in json.dumps(told)


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_switch_on_switches_nothing_on(serve: Serve, forged: str) -> None:
    world = serve([1], [a_session(1, 1, enabled=False)])
    off = {"actor": "bob", "action": f"{UPDATE} Enabled=false"}
    asked = a_request(purpose="heal", session_id=tms(1), tampering=off)

    told = a_writer(world).outcome(FORGED[forged](asked))

    assert (told["outcome"], told["reason"]) == ("rejected", "invalid_event")
    assert "purpose is heal, which counts only with a code" in told["remedy"]
    assert "tampering" not in told
    assert world.cloud.journal(UPDATE) == []


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_reclaim_removes_neither_what_is_detached_nor_what_is_gone(
    serve: Serve, forged: str
) -> None:
    detached = an_interface(2, status="Available", instance=None)
    world = serve([1, detached], [a_session(1, 1, 2, 99)])
    asked = a_request(purpose="reclaim", session_id=tms(1), network_interface_ids=[eni(2), eni(99)])

    told = a_writer(world).outcome(FORGED[forged](asked))

    assert (told["outcome"], told["reason"]) == ("rejected", "invalid_event")
    assert world.cloud.journal(REMOVE) == []


def test_forged_removals_use_up_no_heals(serve: Serve) -> None:
    world = serve([1, 2, 3, 4], [a_session(1, 4)])
    writer = a_writer(world)
    for number in (1, 2, 3):
        writer.outcomes(
            a_request(
                purpose="heal",
                session_id=tms(1),
                network_interface_ids=[eni(number)],
                tampering=TAMPERING,
                cause={"source": "acs.vpc", "id": f"forged-{number}"},
            )
        )
    somebody_removes(world, 1, 4)

    assert writer.outcome(removed(1, 4, at=world.clock.now() - 1))["outcome"] == "healed"


def test_what_mirror_hands_to_itself_it_believes_whenever_it_comes(serve: Serve) -> None:
    """A message of the dead-letter queue is sent again days later, and perhaps twice."""
    world = serve([1], [a_session(1, 1)])
    writer = a_writer(world)
    somebody_removes(world, 1, 1)
    world.cloud.set_faults([NO_LIST])
    writer.deliver(removed(1, 1, at=world.clock.now() - 1))
    world.cloud.set_faults([])
    [(_, payload, name)] = writer.kept.invocations

    world.clock.sleep(5 * 86_400.0)
    (healed,) = a_writer(world).deliver_bytes(payload)["outcomes"]
    again = a_writer(world).deliver_bytes(payload)["outcomes"]

    assert name == KEY.deduplication_id("h", payload)
    assert (healed["outcome"], healed["tampering"]["actor"]) == ("healed", "ram-user mallory")
    assert [one["network_interface_id"] for one in again] == [eni(1)]
    assert world.sources(1) == [[eni(1)]]


def test_without_a_key_mirroring_and_handing_over_go_on_and_the_sweep_removes_nothing(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [a_session(1, 99)])
    writer = a_writer(world).without_a_key()
    sweeper = sweeping(world, reclaiming=Reclaiming.ON).changed(key=StackKey())

    told = sweeper.tick()
    for payload in sweeper.asked:
        writer.deliver_bytes(payload)

    assert (told["asked"], told["gone"], told["reclaims_asked"]) == (2, 1, 0)
    assert world.sources(1) == [[eni(1), eni(2), eni(99)]]


def test_without_a_key_a_heal_that_goes_on_is_a_plain_look(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    writer = a_writer(world).without_a_key()
    somebody_removes(world, 1, 1)
    world.cloud.set_faults([NO_LIST])
    writer.deliver(removed(1, 1, at=world.clock.now() - 1))
    world.cloud.set_faults([])
    [(_, payload, _)] = writer.kept.invocations

    (mirrored,) = writer.deliver_bytes(payload)["outcomes"]

    assert (mirrored["outcome"], "tampering" in mirrored) == ("mirrored", False)


def test_ids_that_somebody_computes_are_not_those_of_the_sweep(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [1])
    keyed, plain = sweeping(world), sweeping(world).changed(key=StackKey())

    keyed.tick()
    plain.tick()

    ids = [{name for _, _, name in one.kept.invocations} for one in (keyed, plain)]
    assert {name[:2] for name in ids[0]} == {"s-", "p-"}
    assert ids[0].isdisjoint(ids[1])
    foretold = {StackKey().deduplication_id(n[0], p) for _, p, n in keyed.kept.invocations}
    assert ids[0].isdisjoint(foretold)
    assert {StackKey().deduplication_id(n[0], p) for _, p, n in plain.kept.invocations} == ids[1]


def test_ids_that_somebody_computes_are_not_those_of_a_telling(serve: Serve) -> None:
    world = serve([1], [1])
    writer = world.writer().publishing_to(NOTIFY)

    writer.deliver(attached(1))

    [(_, payload, name)] = writer.kept.invocations
    assert name == KEY.deduplication_id("p", payload)
    assert name != StackKey().deduplication_id("p", payload)
