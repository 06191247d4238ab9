"""Clients wired as a function wires them, pointed at a loopback server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.rpc import Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth

CREDENTIALS = Credentials("local-access-key-id", "local-access-key-secret", "local-security-token")


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with open_http(2, verify=False) as client:
        client.timeout = httpx.Timeout(0.4)
        yield client


@pytest.fixture
def spent() -> list[float]:
    """Moments at which the budget was asked."""
    return []


@pytest.fixture
def rpc_to(http: httpx.Client, spent: list[float]) -> Callable[..., Rpc]:
    def clock() -> float:
        spent.append(time.monotonic())
        return spent[-1]

    def sleep(seconds: float) -> None:
        pytest.fail(f"nothing here is worth waiting {seconds} s")

    def rpc_to(
        url: str,
        over: httpx.Client = http,
        answering_clock: Callable[[], float] = time.monotonic,
    ) -> Rpc:
        auth = Acs3Auth(lambda: CREDENTIALS, lambda: 1_767_225_600.0, lambda: "nonce")
        budget = Budget(clock, sleep, 6000)
        return Rpc(over, lambda _product: url, auth, "cn-hongkong", budget, answering_clock)

    return rpc_to
