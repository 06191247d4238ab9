"""A launch made with the official ECS client ends up mirrored, and nobody sends an event.

Everything between is what `template.yml` says: rules, queue, trigger, layers, roles. And it ends
the same whatever goes wrong on the way.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs

from tests.worlds import REGION, a_fleet, a_session, attached, eni, instance

from .conftest import Product, Run
from .launching import BRIEF, assert_mirrored_and_told, client_of, interfaces_of, launch

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")


def causes(product: Product) -> dict[str, str]:
    """By interface that was told of, the type of event that led to it."""
    types = {one["id"]: one["type"] for one in product.cloud.control("GET", "raised")}
    return {
        told["network_interface_id"]: types[told["cause"]["id"]]
        for told in product.control.outcomes()
        if told["outcome"].endswith("mirrored")
    }


def test_launched_instances_and_an_attached_interface_end_up_mirrored(run: Run) -> None:
    free = {"id": eni(9), "status": "Available"}
    fleet: dict[str, Any] = a_fleet([1, free], [1, 2], settle_s=1.0, behaviour=BRIEF)
    product = run(fleet)
    client = client_of(product)

    launched = launch(client, 2)
    client.attach_network_interface(
        ecs.AttachNetworkInterfaceRequest(
            region_id=REGION, network_interface_id=eni(9), instance_id=instance(1)
        )
    )
    idle = product.settled()

    primary = interfaces_of(product, launched)
    assert len(primary) == len(launched) == 2
    assert {one: len(sessions) for one, sessions in product.placements().items()} == dict.fromkeys(
        [*primary, eni(9)], 1
    )
    assert causes(product) == {
        **dict.fromkeys(primary, "ecs:Instance:StateChange"),
        eni(9): "ecs:ActionTrail:ApiCall",
    }
    assert idle["dead_letters"] == 0


ADD, NOTIFY = "AddSourcesToTrafficMirrorSession", "InvokeFunction:notify"
REFUSED = {"error": "ServiceUnavailable", "status": 503}
AS_NAMED, REVERSED = "as_named", "reversed"


def under(reading: str, product: Product) -> Product:
    """The two pages on what `asyncInvocationType` means differ."""
    product.cloud.control("PUT", "platform", {"async_invocation_type": reading})
    return product


def readings(small: str) -> pytest.MarkDecorator:
    """Each test under both readings, one of them as a small check."""
    return pytest.mark.parametrize(
        "reading",
        [
            pytest.param(one, marks=() if one == small else pytest.mark.prove)
            for one in (AS_NAMED, REVERSED)
        ],
    )


@readings(small=REVERSED)
def test_a_launch_is_mirrored_under_either_reading_of_the_trigger(run: Run, reading: str) -> None:
    product = under(reading, run(a_fleet([], [1, 2], settle_s=1.0, behaviour=BRIEF)))

    launched = launch(client_of(product), 3)
    product.settled()

    interfaces = interfaces_of(product, launched)
    assert_mirrored_and_told(product, interfaces)
    asynchronous = product.cloud.control("GET", "invocations")
    assert ("mirror" in {one["function"] for one in asynchronous}) is (reading == REVERSED)


@readings(small=AS_NAMED)
def test_mirror_killed_twice_on_the_way_ends_the_same(run: Run, reading: str) -> None:
    product = under(reading, run(a_fleet([], [1, 2], settle_s=1.0, behaviour=BRIEF)))
    kills = [
        {"action": ADD, "when": {"next": 1}, "do": {"kill": how}} for how in ("before", "after")
    ]
    product.cloud.set_faults(kills)

    launched = launch(client_of(product))
    product.settled()

    assert_mirrored_and_told(product, interfaces_of(product, launched))
    killed = [one for one in product.cloud.journal(ADD) if one["fault"]]
    assert len({one["instance_id"] for one in killed}) == 2


@readings(small=REVERSED)
def test_every_event_delivered_twice_changes_once(run: Run, reading: str) -> None:
    twice = {**BRIEF, "duplicate_events": 1}
    product = under(reading, run(a_fleet([], [1, 2], settle_s=1.0, behaviour=twice)))

    launched = launch(client_of(product), 2)
    product.settled()

    interfaces = interfaces_of(product, launched)
    assert_mirrored_and_told(product, interfaces)
    running = [
        one["data"]["resourceId"]
        for one in product.cloud.control("GET", "raised")
        if one["data"].get("state") == "Running"
    ]
    assert sorted(running) == sorted([*launched, *launched])
    added = [one for one in product.cloud.journal(ADD) if one["status"] == 200]
    assert len(added) == len(interfaces)


@readings(small=AS_NAMED)
def test_a_notify_that_cannot_be_reached_for_a_minute_hears_of_it_then(
    run: Run, reading: str
) -> None:
    fleet = a_fleet([], [1, 2], settle_s=1.0, behaviour=BRIEF)
    product = under(reading, run(fleet, speed=20.0))
    minute = {"action": NOTIFY, "when": {"between_s": [0, 60]}, "do": REFUSED}
    product.cloud.set_faults([minute])

    launched = launch(client_of(product), 2)
    product.settled()

    interfaces = interfaces_of(product, launched)
    assert_mirrored_and_told(product, interfaces)
    assert len(product.cloud.journal(ADD)) == len(interfaces)


@readings(small=REVERSED)
def test_a_channel_that_fails_for_a_minute_gets_every_outcome_then(
    run: Run, reading: str, tmp_path: Path
) -> None:
    channel = tmp_path / "not there yet" / "outcomes"
    fleet = a_fleet([], [1, 2], settle_s=1.0, behaviour=BRIEF)
    product = under(reading, run(fleet, speed=20.0, Channels=channel.parent.as_uri() + "/outcomes"))

    launched = launch(client_of(product), 2)
    time.sleep(60 / 20.0)  # noqa: TID251 - a minute of the local cloud
    assert product.control.outcomes() == []
    channel.parent.mkdir()
    product.settled()

    interfaces = interfaces_of(product, launched)
    assert_mirrored_and_told(product, interfaces)
    assert len(product.cloud.journal(ADD)) == len(interfaces)
    assert all(one in channel.read_text() for one in interfaces)


@readings(small=AS_NAMED)
def test_a_poisoned_message_in_the_batch_is_told_and_harms_nobody(run: Run, reading: str) -> None:
    product = under(reading, run(a_fleet([], [1, 2], settle_s=1.0, behaviour=BRIEF)))
    poison = attached(1, "poison")
    poison["data"]["requestParameters"] = {"NetworkInterfaceId": ["eni", 7]}

    # Both instances are Running then, so all three are in the window of one batch.
    product.control.send(json.dumps(poison).encode(), delay_s=1.5)
    launched = launch(client_of(product), 2)
    product.settled()

    assert_mirrored_and_told(product, interfaces_of(product, launched))
    (told,) = [one for one in product.control.outcomes() if one["cause"]["id"] == "poison"]
    assert (told["outcome"], told["reason"]) == ("rejected", "invalid_event")
    assert '"outcomes":3' in product.log("mirror").replace(" ", "")


@pytest.mark.prove
@pytest.mark.timeout(200)
def test_what_makes_every_invocation_fail_is_a_dead_letter_in_the_end(run: Run) -> None:
    fleet = a_fleet([], [1], settle_s=1.0, behaviour=BRIEF)
    product = under(REVERSED, run(fleet, speed=60.0))
    product.cloud.set_faults([{"action": "Describe*", "do": {"kill": "before"}}])

    launched = launch(client_of(product))
    idle = product.settled(150)

    assert idle["dead_letters"] == 1
    (letter,) = product.cloud.control("GET", "dead-letters")
    assert launched[0] in letter["body"]
    (failed,) = product.cloud.control("GET", "invocations")
    assert (failed["status"], failed["attempts"]) == ("Failed", 9)


HOUR_S = 3600.0


def a_busy_hour(speed: float, run: Run, reading: str) -> Product:
    """Both sessions are busy with somebody's change for an hour; nobody launches before."""
    stuck = [a_session(n, status="Modifying", change={"remaining_s": HOUR_S}) for n in (1, 2)]
    fleet = a_fleet([1, 2], stuck, settle_s=1.0, behaviour=BRIEF)
    return under(reading, run(fleet, speed=speed))


@pytest.mark.prove
@readings(small=AS_NAMED)
def test_sessions_busy_for_an_hour_make_no_good_event_a_dead_letter(run: Run, reading: str) -> None:
    # A message is visible again after 24 minutes: the same work comes several times meanwhile.
    product = a_busy_hour(600.0, run, reading)

    launched = launch(client_of(product), 3)
    product.settled()

    assert_mirrored_and_told(product, interfaces_of(product, launched))


@pytest.mark.prove
@pytest.mark.timeout(500)
@readings(small=AS_NAMED)
def test_in_an_hour_of_busy_sessions_work_is_handed_over_and_what_was_deferred_is_swept(
    run: Run, reading: str
) -> None:
    product = a_busy_hour(20.0, run, reading)
    client = client_of(product)
    given_up = {"request": 1, "generation": 20, "network_interface_ids": [eni(1)]}

    launched = launch(client, 3)
    product.invoke("mirror", given_up)
    for _ in range(4):
        time.sleep(HOUR_S / 5 / 20.0)  # noqa: TID251 - a fifth of an hour of the local cloud
        launched += launch(client)
    (deferred,) = [one for one in product.control.outcomes() if one["outcome"] == "deferred"]
    product.settled(300)

    interfaces = interfaces_of(product, launched)
    assert len(interfaces) == 7
    assert_mirrored_and_told(product, interfaces)
    assert '"handed_over":3' in product.log("mirror").replace(" ", "")
    assert (deferred["network_interface_id"], deferred["reason"]) == (eni(1), "out_of_time")

    product.cloud.control("POST", "timers/sweep")
    product.settled()
    assert len(product.placements()[eni(1)]) == 1
