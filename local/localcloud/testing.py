"""A local cloud for one test: served by a thread of its own, so that synchronous code can call it.

    with serving({"sessions": [...]}, speed=0) as cloud:
        client = Client(endpoint=cloud.endpoint)
        ...
        cloud.advance(3.0)
        assert cloud.session("tms-j6c00000000000000001")["sources"] == [...]

Requests are real HTTP, to the API as to the switches under `/_local/`.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from localcloud.clock import clock_at_speed
from localcloud.cloud import LocalCloud
from localcloud.world.fleet import Fleet, read_fleet

_CLOSING_S = 10.0
Prepare = Callable[[LocalCloud], Awaitable[None]]


class ControlError(Exception):
    """A switch was used wrongly; the message is the local cloud's own sentence."""


class ServedCloud:
    """A running local cloud as seen from outside; `endpoint` is its address."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.address = endpoint.removeprefix("http://")

    def advance(self, seconds: float) -> float:
        """Move a stepped clock; the new time."""
        moved: float = self.control("POST", "clock", {"advance_s": seconds})["time"]
        return moved

    def state(self) -> dict[str, Any]:
        """The whole world, as a fleet file."""
        found: dict[str, Any] = self.control("GET", "state")
        return found

    def session(self, session_id: str) -> dict[str, Any]:
        """One session of the state; `KeyError` for one that is not there."""
        sessions = {one["id"]: one for one in self.state()["sessions"]}
        found: dict[str, Any] = sessions[session_id]
        return found

    def journal(self, action: str | None = None) -> list[dict[str, Any]]:
        """The calls so far, all or those of one action."""
        entries: list[dict[str, Any]] = self.control("GET", "journal")
        return [entry for entry in entries if action in {None, entry["action"]}]

    def set_faults(self, faults: Sequence[Mapping[str, Any]]) -> None:
        self.control("PUT", "faults", list(faults))

    def load(self, fleet: Mapping[str, Any]) -> None:
        """Put another world into the place of the present one."""
        self.control("PUT", "fleet", fleet)

    def reset(self) -> None:
        self.control("POST", "reset")

    def control(self, method: str, name: str, body: object = None) -> Any:
        """Use a switch; `ControlError` unless it answers 200."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/_local/{name}", content)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ControlError(answer["error"])
        return answer


@contextmanager
def serving(
    fleet: Fleet | Mapping[str, Any] | None = None,
    speed: float = 0,
    wall: Callable[[], float] = time.time,  # noqa: TID251 - the entry point of a process's clock
    prepare: Prepare | None = None,
) -> Iterator[ServedCloud]:
    """Serve a fleet while the block runs. With speed 0 time stands still until `advance`.

    `wall` dates signatures; `prepare` may attach a platform before serving begins.
    """
    read = fleet if isinstance(fleet, Fleet) else read_fleet(fleet or {})
    clock = clock_at_speed(speed, read.time or wall(), time.monotonic)
    cloud = LocalCloud(read, clock, wall)
    thread = _Thread(cloud, prepare)
    try:
        yield ServedCloud(thread.begin())
    finally:
        thread.end()


class _Thread:
    """The event loop of one local cloud."""

    def __init__(self, cloud: LocalCloud, prepare: Prepare | None) -> None:
        self._cloud = cloud
        self._prepare = prepare
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="local-cloud", daemon=True)

    def begin(self) -> str:
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_CLOSING_S)

    def end(self) -> None:
        closing = asyncio.run_coroutine_threadsafe(self._cloud.close(), self._loop)
        try:
            closing.result(_CLOSING_S)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_CLOSING_S)

    async def _start(self) -> str:
        if self._prepare is not None:
            await self._prepare(self._cloud)
        return await self._cloud.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
