"""What the local cloud adds to its own server: List with 10,000 sessions beside a constant answer.

Both are asked over real HTTP on one kept connection, in turn, so that a machine that slows down
slows both. Requests are signed beforehand.
"""

from __future__ import annotations

import asyncio
import http.client
import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from localcloud.calls import signed_call
from localcloud.http import serve
from localcloud.messages import Request, Response
from localcloud.testing import serving

SESSIONS = 10_000
ROUNDS, CALLS = 5, 200
FLEET = {
    "fleet": {"instances": SESSIONS, "sessions": SESSIONS},
    "limits": {"requests_per_minute": None},
}
Line = tuple[str, float, str]


def local_cloud() -> list[Line]:
    """Requests a second, and the median and the 99th percentile of one call, of both."""
    nonces = (f"bench-{number}" for number in itertools.count())
    listed, bare = [], []
    with serving(FLEET) as cloud, _constant() as address:
        for _ in range(ROUNDS):
            listed += _seconds(cloud.address, _requests(nonces))
            bare += _seconds(address, _requests(nonces))
    ratio = sum(listed) / sum(bare)
    return [
        *_lines("local_cloud_list", listed),
        *_lines("bare_handler", bare),
        ("local_cloud_list_to_bare_handler", ratio, "ratio"),
    ]


def _lines(name: str, seconds: Sequence[float]) -> list[Line]:
    ordered = sorted(seconds)
    return [
        (f"{name}_rate", len(ordered) / sum(ordered), "requests/s"),
        (f"{name}_p50", ordered[len(ordered) // 2] * 1e3, "ms"),
        (f"{name}_p99", ordered[len(ordered) * 99 // 100] * 1e3, "ms"),
    ]


def _requests(nonces: Iterator[str]) -> list[Request]:
    now = time.time()  # noqa: TID251 - signatures are dated by real time
    return [
        signed_call("ListTrafficMirrorSessions", {"MaxResults": 10}, now, next(nonces))
        for _ in range(CALLS)
    ]


def _seconds(address: str, requests: Sequence[Request]) -> list[float]:
    connection = http.client.HTTPConnection(address, timeout=10)
    found = []
    for request in requests:
        began = time.perf_counter()
        connection.request(request.method, request.target, headers=dict(request.headers))
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - began)
        if answer.status != http.client.OK:
            raise RuntimeError(f"status {answer.status}")
    connection.close()
    return found


@contextmanager
def _constant() -> Iterator[str]:
    """The same server around a handler that always says the same."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def handler(_request: Request) -> Response:
        return Response(200, {"content-type": "application/json"}, b"{}")

    server = asyncio.run_coroutine_threadsafe(serve(handler), loop).result(10)
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
