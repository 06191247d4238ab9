"""The network of a simulated function: calls take time, may kill, and are watched.

Requests go straight to the local cloud's gateway; between leaving and arriving the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, Protocol

import httpx

from localcloud.api.gateway import Gateway
from localcloud.messages import Request

from .scheduler import KilledError, Scheduler


class Watching(Protocol):
    """Sees every call of a run, as the run itself sees it."""

    def sent(self, action: str, parameters: Mapping[str, str]) -> None: ...

    def answered(
        self, action: str, parameters: Mapping[str, str], status: int, body: bytes
    ) -> None: ...

    def unanswered(self, action: str, parameters: Mapping[str, str]) -> None: ...


class Network(httpx.BaseTransport):
    """One run's way to the cloud. Each call dies on its way, or its answer does, now and then."""

    def __init__(
        self,
        gateway: Gateway,
        scheduler: Scheduler,
        chance: Random,
        deadliness: float,
        watching: Watching,
    ) -> None:
        self._gateway = gateway
        self._scheduler = scheduler
        self._chance = chance
        self._deadliness = deadliness
        self._watching = watching

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        received = _received(request)
        action, parameters = received.headers["x-acs-action"], dict(received.query)
        self._watching.sent(action, parameters)
        self._on_the_way()
        now = self._scheduler.now()
        handled = self._gateway.handle(received, now, now)
        self._on_the_way()
        self._scheduler.sleep(handled.delay_s)
        answer = handled.response
        if answer is None or answer.truncate is not None:
            self._watching.unanswered(action, parameters)
            raise httpx.ReadError("the connection was cut")
        self._watching.answered(action, parameters, answer.status, answer.body)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def _on_the_way(self) -> None:
        self._scheduler.sleep(self._chance.choice((0.0, 0.01, 0.05, 0.2)))
        if self._chance.random() < self._deadliness:
            raise KilledError


def _received(request: httpx.Request) -> Request:
    return Request(
        method=request.method,
        path=request.url.path,
        query=tuple(httpx.QueryParams(request.url.query).multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(),
        target=request.url.raw_path.decode("ascii"),
    )


def call_of(parameters: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of the RPC style, `Name.1`, `Name.2` and so on, in its order."""
    found = {key: value for key, value in parameters.items() if key.startswith(f"{name}.")}
    return tuple(found[key] for key in sorted(found, key=lambda key: int(key.rpartition(".")[2])))
