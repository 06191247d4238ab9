"""Ids that somebody used up beforehand: with a key of the stack nobody can, and it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from commandline.assembly import STACK_KEY
from evermirror.events import encode_requests
from evermirror.reconcile.asking import to_mirror
from evermirror.reconcile.ticks import tick_of
from evermirror.stack_key import NO_KEY
from tests.worlds import a_fleet, eni

from .conftest import Product, Run

TICK = {"triggerTime": "2030-01-01T00:00:00Z", "triggerName": "sweep", "payload": ""}


def burn(product: Product, numbers: range) -> str:
    """Invokes mirror with nothing under the id that a sweep without a key will use."""
    tick = tick_of(json.dumps(TICK).encode(), 0.0, 900.0)
    (payload,) = encode_requests(to_mirror([eni(number) for number in numbers], tick))
    name = NO_KEY.deduplication_id("s", payload)
    headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": name}
    product.invoke("mirror", {}, headers)
    product.settled()
    return name


def warnings(product: Product) -> list[dict[str, Any]]:
    lines = [line for line in product.log("reconcile").splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, lines) if line["level"] == "WARNING"]


@pytest.mark.parametrize("key", [STACK_KEY, ""], ids=["with a key", "without one"])
def test_a_burnt_id_silences_no_sweep_that_has_a_key_and_is_told_where_it_does(
    run: Run, key: str
) -> None:
    product = run(a_fleet([1, 2, 3], [1], settle_s=0.2), StackKey=key)
    burnt = burn(product, range(1, 4))

    assert product.invoke("reconcile", TICK)["asked"] == 3
    product.settled()

    mirrored = {number for number in (1, 2, 3) if eni(number) in product.placements()}
    told = [one["deduplication_id"] for one in warnings(product) if "deduplication_id" in one]
    off = [one["message"] for one in warnings(product) if "off" in one]
    assert mirrored == ({1, 2, 3} if key else set())
    assert told == ([] if key else [burnt])
    assert off == ([] if key else ["EVERMIRROR_STACK_KEY is not set"])
