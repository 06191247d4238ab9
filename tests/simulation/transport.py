"""The network of a simulation: requests go straight to the local cloud's gateway, and may kill.

No socket and no thread: what a run does depends on its seed alone.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import httpx

from localcloud.api.gateway import Gateway
from localcloud.messages import Request


class KilledError(BaseException):
    """The function's process is gone, in the middle of a call; nothing of the run goes on."""


class SteppedClock:
    """Everybody's time; sleeping moves it."""

    def __init__(self, start: float) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


class SimulatedNetwork(httpx.BaseTransport):
    """Hands requests to a gateway under a stepped clock.

    Each call dies before it is made, or before its answer arrives, with a probability of
    `deadliness`. `meanwhile` is called before each call: other people live in this world, too.
    """

    def __init__(
        self,
        gateway: Gateway,
        clock: SteppedClock,
        chance: Random,
        deadliness: float,
        meanwhile: Callable[[], None],
    ) -> None:
        self._gateway = gateway
        self._clock = clock
        self._chance = chance
        self._deadliness = deadliness
        self._meanwhile = meanwhile

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._meanwhile()
        fate = self._chance.random()
        if fate < self._deadliness:
            raise KilledError
        handled = self._gateway.handle(_received(request), self._clock.now(), self._clock.now())
        if fate < 2 * self._deadliness:
            raise KilledError
        self._clock.sleep(handled.delay_s)
        if handled.response is None:
            raise httpx.ReadError("the connection was cut")
        return httpx.Response(
            handled.response.status,
            headers=dict(handled.response.headers),
            content=_body(handled.response.body, handled.response.truncate),
        )


def _received(request: httpx.Request) -> Request:
    return Request(
        method=request.method,
        path=request.url.path,
        query=tuple(httpx.QueryParams(request.url.query).multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(),
        target=request.url.raw_path.decode("ascii"),
    )


def _body(body: bytes, truncate: int | None) -> bytes:
    if truncate is None:
        return body
    raise httpx.RemoteProtocolError("the answer was cut short")
