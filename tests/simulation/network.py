"""The network of a simulated function: calls take time, may kill, and are watched.

Requests go straight to the local cloud's gateway; between leaving and arriving the others go on.
A page may be smaller than was asked for, as the service may make it, so that lists have several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple, Protocol

import httpx

from localcloud.api.gateway import Gateway
from localcloud.credentials import Key

from .calls import call
from .scheduler import KilledError, Scheduler

LIST = "ListTrafficMirrorSessions"


class Watching(Protocol):
    """Sees every call of a run, as the run itself sees it, and as the cloud does."""

    def sent(self, action: str, parameters: Mapping[str, str]) -> None: ...

    def arrives(self, action: str, parameters: Mapping[str, str]) -> None: ...

    def handled(self, action: str, parameters: Mapping[str, str], status: int | None) -> None: ...

    def answered(
        self, action: str, parameters: Mapping[str, str], status: int, body: bytes
    ) -> None: ...

    def unanswered(self, action: str, parameters: Mapping[str, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Way:
    """A run's way to the cloud. Each call dies on it, or its answer does, now and then."""

    gateway: Gateway
    scheduler: Scheduler
    chance: Random
    key: Key
    ends_at: float
    deadliness: float = 0.0
    page: int | None = None


class Reply(NamedTuple):
    """An answer, as far as the library reads it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def iter_bytes(self) -> Iterator[bytes]:
        yield self.content


class Network(httpx.Client):
    """What one run's library calls instead of a client of HTTP: straight to the gateway.

    Real clients meet real sockets in other tests. Here they would cost more than all the rest.
    """

    def __init__(self, way: Way, watching: Watching) -> None:
        self._way = way
        self._watching = watching

    @contextmanager
    def stream(  # type: ignore[override]
        self,
        _method: str,
        _url: str,
        *,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        **_more: object,
    ) -> Iterator[Reply]:
        way, watching, action = self._way, self._watching, headers["x-acs-action"]
        parameters = dict(params)
        if way.page is not None and action == LIST:
            parameters["MaxResults"] = str(way.page)
        watching.sent(action, parameters)
        self._on_the_way()
        now = way.scheduler.now()
        watching.arrives(action, parameters)
        handled = way.gateway.handle(call(action, parameters, way.key), now, now)
        answer = handled.response
        watching.handled(action, parameters, None if answer is None else answer.status)
        self._on_the_way()
        way.scheduler.sleep(handled.delay_s)
        if answer is None or answer.truncate is not None:
            watching.unanswered(action, parameters)
            raise httpx.ReadError("the connection was cut")
        watching.answered(action, parameters, answer.status, answer.body)
        yield Reply(answer.status, answer.headers, answer.body)

    def _on_the_way(self) -> None:
        way = self._way
        way.scheduler.sleep(way.chance.choice((0.0, 0.01, 0.05, 0.2)))
        if way.chance.random() < way.deadliness or way.scheduler.now() > way.ends_at:
            raise KilledError


def call_of(parameters: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of the RPC style, `Name.1`, `Name.2` and so on, in its order."""
    found = {key: value for key, value in parameters.items() if key.startswith(f"{name}.")}
    return tuple(found[key] for key in sorted(found, key=lambda key: int(key.rpartition(".")[2])))
