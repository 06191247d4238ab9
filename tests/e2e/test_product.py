"""From an event on the bus to an outcome at notify, with everything in between for real."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.worlds import a_fleet, a_session, attached, eni, tms

from .conftest import SPEED, Product, Run

ADD = "AddSourcesToTrafficMirrorSession"
NOTIFY = "InvokeFunction:notify"


def send(product: Product, *events: dict[str, Any], **how: float) -> None:
    for event in events:
        product.control.send(json.dumps(event).encode(), **how)


def test_an_event_on_the_bus_becomes_a_mirrored_interface_and_an_outcome(run: Run) -> None:
    product = run(a_fleet([1, 2], [1, 2]))

    send(product, attached(1, "event-1"))
    idle = product.settled()

    (told,) = product.control.outcomes()
    assert (told["outcome"], told["network_interface_id"]) == ("mirrored", eni(1))
    assert told["cause"] == {"source": "acs.ecs", "id": "event-1"}
    assert product.placements() == {eni(1): [told["session_id"]]}
    assert idle["dead_letters"] == 0
    assert json.dumps(told["outcome_id"]) in product.log("notify")


def test_an_event_delivered_five_times_over_the_bus_changes_once(run: Run) -> None:
    product = run(a_fleet([1], [1, 2]))

    send(product, attached(1, "event-1"), duplicate=5)
    product.settled()

    assert len(product.cloud.journal(ADD)) == 1
    assert len({told["outcome_id"] for told in product.control.outcomes()}) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"action": ADD, "when": {"next": 1}, "do": {"kill": "after"}},
        *(
            pytest.param(
                {"action": action, "when": {"next": 1}, "do": {"kill": moment}},
                marks=pytest.mark.prove,
            )
            for action, moment in ((ADD, "before"), (NOTIFY, "before"), (NOTIFY, "after"))
        ),
    ],
    ids=[
        "between the Add and its confirmation",
        "before the Add",
        "between confirmation and publish",
        "right after publishing",
    ],
)
def test_mirror_killed_on_the_way_ends_mirrored_once_and_published(
    run: Run, fault: dict[str, Any]
) -> None:
    # Longer than a redelivery takes, so that the second run meets the first one's change.
    product = run(a_fleet([1], [1, 2], settle_s=5.0 * SPEED))
    product.cloud.set_faults([fault])

    send(product, attached(1, "event-1"))
    idle = product.settled()

    told = product.control.outcomes()
    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert len({one["outcome_id"] for one in told}) == 1
    assert [len(sessions) for sessions in product.placements().values()] == [1]
    assert idle["dead_letters"] == 0


@pytest.mark.prove
def test_a_killed_mirror_takes_no_other_interface_with_it(run: Run) -> None:
    product = run(a_fleet(list(range(1, 9)), [1, 2, 3], settle_s=3.0))
    product.cloud.set_faults([{"action": ADD, "when": {"every": 4}, "do": {"kill": "after"}}])

    send(product, *[attached(n) for n in range(1, 9)])
    product.settled()

    placements = product.placements()
    assert sorted(placements) == [eni(n) for n in range(1, 9)]
    assert all(len(sessions) == 1 for sessions in placements.values())


def test_a_notify_that_refuses_gets_the_outcome_later(run: Run) -> None:
    product = run(a_fleet([1], [1]))
    refused = {"error": "InternalServerError", "status": 500}
    product.cloud.set_faults([{"action": NOTIFY, "when": {"next": 2}, "do": refused}])

    send(product, attached(1))
    product.settled()

    assert len(product.cloud.journal(ADD)) == 1
    assert {told["network_interface_id"] for told in product.control.outcomes()} == {eni(1)}


def test_poison_among_good_events_is_told_and_harms_nobody(run: Run) -> None:
    product = run(a_fleet([1, 2], [1]))
    poison = attached(1, "poison")
    poison["data"]["requestParameters"] = {"NetworkInterfaceId": "eni-bp1****"}

    send(product, attached(1), poison, attached(2))
    idle = product.settled()

    told = {one["cause"]["id"]: one["outcome"] for one in product.control.outcomes()}
    assert told.pop("poison") == "rejected"
    assert set(told.values()) == {"mirrored"}
    assert sorted(product.placements()) == [eni(1), eni(2)]
    assert idle["dead_letters"] == 0


def test_observe_mode_changes_nothing_over_the_bus(run: Run) -> None:
    product = run(a_fleet([1], [1]), mode="observe")

    send(product, attached(1))
    product.settled()

    assert [told["outcome"] for told in product.control.outcomes()] == ["would_mirror"]
    assert product.cloud.journal(ADD) == []


@pytest.mark.prove
def test_a_stuck_session_is_handed_over_by_mirror_to_itself(run: Run) -> None:
    stuck = a_session(1, status="Modifying", change={"remaining_s": 140.0})
    product = run(a_fleet([1], [stuck]))

    send(product, attached(1, "event-1"))
    product.settled()

    (told,) = product.control.outcomes()
    assert (told["outcome"], told["session_id"]) == ("mirrored", tms(1))
    assert told["cause"]["id"] == "event-1"
    assert '"handed_over":1' in product.log("mirror").replace(" ", "")


def test_no_credential_signature_or_event_is_in_any_log(run: Run) -> None:
    product = run(a_fleet([1, 2], [1]))
    throttled = {"action": "Describe*", "when": {"next": 1}, "do": {"throttle": True}}
    product.cloud.set_faults([throttled])

    send(product, attached(1), attached(2))
    product.settled()

    logs = product.log("mirror") + product.log("notify")
    assert "outcome" in logs
    for secret in ("STS.local", "Signature=", "requestParameters", "security-token"):
        assert secret not in logs
