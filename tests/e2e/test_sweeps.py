"""The sweep and healing in the whole product: timer, bus, roles, hand-over, outcomes at notify."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from typing import Any

import pytest

from localcloud.calls import signed_call
from tests.worlds import a_fleet, a_session, attached, eni, instance, tms

from .conftest import Product, Run
from .processes import evermirror

REMOVE = "RemoveSourcesFromTrafficMirrorSession"
UPDATE = "UpdateTrafficMirrorSessionAttribute"
CHANGES = ("Add", "Remove", "Create", "Update", "Delete")


def fire_the_timer(product: Product) -> None:
    product.cloud.control("POST", "timers/sweep")


def coverage_lines(product: Product, function: str, message: str) -> list[dict[str, Any]]:
    lines = [line for line in product.log(function).splitlines() if line.startswith("{")]
    return [told for line in lines if (told := json.loads(line)).get("message") == message]


def changes(product: Product) -> list[str]:
    return [e["action"] for e in product.cloud.journal() if e["action"].startswith(CHANGES)]


def somebody_calls(product: Product, action: str, **parameters: Any) -> None:
    now = time.time()  # noqa: TID251 - signatures are dated by real time
    call = signed_call(action, parameters, now, uuid.uuid4().hex)
    connection = http.client.HTTPConnection(product.cloud.address, timeout=10)
    connection.request(call.method, call.target, headers=dict(call.headers))
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


def test_the_timer_has_closed_what_no_event_told_of(run: Run) -> None:
    product = run(a_fleet([1, 2, 3], [a_session(1, 1), 2]))

    fire_the_timer(product)
    product.settled()
    fire_the_timer(product)
    idle = product.settled()

    assert sorted(product.placements()) == [eni(1), eni(2), eni(3)]
    told = product.control.outcomes()
    assert {(one["outcome"], one["cause"]["source"]) for one in told} == {
        ("mirrored", "evermirror.sweep")
    }
    lines = coverage_lines(product, "reconcile", "coverage")
    assert [(one["status"], one["asked"]) for one in lines] == [("gaps", 2), ("full", 0)]
    delivered = coverage_lines(product, "notify", "coverage delivered")
    assert [one["status"] for one in delivered] == ["gaps", "full"]
    assert idle["dead_letters"] == 0


def test_a_person_asks_for_a_sweep_and_sees_the_gap_closed(run: Run) -> None:
    product = run(a_fleet([1, 2], [a_session(1, 1)]))
    where = ("--endpoint", product.cloud.endpoint)

    swept = evermirror("sweep", *where, "--json")
    product.settled()
    after = evermirror("coverage", *where)

    assert (swept.returncode, json.loads(swept.stdout)["asked"]) == (3, 1)
    assert (after.returncode, "100.00%" in after.stdout) == (0, True)


def test_observing_the_bus_and_the_timer_report_and_change_nothing(run: Run) -> None:
    product = run(a_fleet([1, 2], [1]), mode="observe")

    product.control.send(json.dumps(attached(1)).encode())
    fire_the_timer(product)
    product.settled()

    assert [one["outcome"] for one in product.control.outcomes()] == ["would_mirror"]
    (line,) = coverage_lines(product, "reconcile", "coverage")
    assert (line["missing"], line["asked"], line["mode"]) == (2, 0, "observe")
    assert changes(product) == []


def test_the_sweep_hears_from_mirror_at_once_which_type_can_never_be_mirrored(run: Run) -> None:
    hosts = [
        {"id": instance(1), "type": "ecs.g7.large"},
        {"id": instance(2), "type": "ecs.t1.small", "supports_mirror": False},
    ]
    product = run(a_fleet([1, 2], [a_session(1, 1)], instances=hosts))

    fire_the_timer(product)
    product.settled()

    (line,) = coverage_lines(product, "reconcile", "coverage")
    assert (line["missing"], line["asked"], line.get("oldest_gap_s")) == (0, 0, None)
    assert line["impossible"] == 1
    assert line["impossible_because"] == {"instance_type_not_supported": 1}
    assert any("instance_family: ecs.t1}" in remedy for remedy in line["remedies"])
    assert product.control.outcomes() == []


@pytest.mark.prove
@pytest.mark.timeout(150)
def test_dead_sources_are_taken_out_by_the_timer_and_nobody_heals_them(run: Run) -> None:
    """The two reads are a real minute apart."""
    product = run(a_fleet([1], [a_session(1, 1, 101, 102)]), Reclaim="on")

    fire_the_timer(product)
    assert product.control.wait_until_idle(120)["idle"]

    told = {one["network_interface_id"]: one["outcome"] for one in product.control.outcomes()}
    assert told == {eni(101): "reclaimed", eni(102): "reclaimed"}
    assert product.placements() == {eni(1): [tms(1)]}
    assert changes(product) == [REMOVE]


def test_what_somebody_removes_or_switches_off_is_back_by_the_record_of_it(run: Run) -> None:
    product = run(a_fleet([1, 2], [a_session(1, 1), a_session(2, 2)]), StaleBound=2)

    somebody_calls(product, REMOVE, TrafficMirrorSessionId=tms(1), TrafficMirrorSourceIds=[eni(1)])
    somebody_calls(product, UPDATE, TrafficMirrorSessionId=tms(2), Enabled="false")
    idle = product.settled()

    told = {one["network_interface_id"]: one for one in product.control.outcomes()}
    assert {(i, one["outcome"], one["reason"]) for i, one in told.items()} == {
        (eni(1), "healed", "source_removed"),
        (eni(2), "healed", "session_switched_off"),
    }
    assert told[eni(1)]["tampering"]["actor"] == "root-account root"
    assert sorted(product.placements()) == [eni(1), eni(2)]
    assert product.cloud.session(tms(2))["enabled"] is True
    assert idle["dead_letters"] == 0
