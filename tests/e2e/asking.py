"""The ways in which a running product is asked to mirror something, and what its sweep answered."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.webhooks import body, signed
from tests.worlds import attached

from .conftest import Product


def asked_by_webhook(product: Product, *numbers: int) -> int:
    content = body(*numbers)
    url = f"{product.cloud.endpoint}/http/webhook/mirror"
    headers = signed(content, "msg_" + "_".join(map(str, numbers)))
    return httpx.post(url, content=content, headers=headers, trust_env=False).status_code


def swept(product: Product) -> None:
    product.cloud.control("POST", "timers/sweep")


def attach(product: Product, *numbers: int) -> None:
    product.control.send(json.dumps([attached(n) for n in numbers]).encode())


def coverage(product: Product) -> dict[str, Any]:
    """What the latest sweep wrote to its log."""
    lines = product.log("reconcile").splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    found: dict[str, Any] = [one for one in told if one["message"] == "coverage"][-1]
    return found
