"""A local cloud in this very process, whose time moves only when somebody sleeps.

So a minute of waiting costs nothing, a figure does not depend on the machine, and the same world
can be given to one contender after another.
"""

from __future__ import annotations

import http
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.signing import Acs3Auth
from localcloud.api.gateway import Gateway
from localcloud.calls import Value, signed_call
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET, Keyring
from localcloud.faults import Faults
from localcloud.journal import Journal
from localcloud.messages import Request
from localcloud.world.fleet import read_fleet
from localcloud.world.world import World

START = 1_800_000_000.0
REGION = "cn-hongkong"
T = TypeVar("T")


class SteppedClock:
    """Everybody's time; sleeping moves it."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came back with; `code` is the cloud's error code, or None."""

    body: Mapping[str, Any]
    code: str | None


class SteppedCloud(httpx.BaseTransport):
    """A fleet, reached by a client that was given this as its transport."""

    def __init__(self, fleet: dict[str, Any]) -> None:
        self.clock = SteppedClock()
        self.journal = Journal()
        world = World(read_fleet(fleet), START)
        self._gateway = Gateway(world, Keyring(), Faults(self.clock.now), self.journal)
        self._nonces = (f"nonce-{number}" for number in itertools.count())

    def call(self, action: str, parameters: Mapping[str, Value]) -> Answer:
        """One signed call of somebody who has no client of ours."""
        now = self.clock.now()
        request = signed_call(action, parameters, now, next(self._nonces))
        response = self._gateway.handle(request, now, now).response
        if response is None:
            raise RuntimeError(f"{action}: no answer")
        body = json.loads(response.body)
        return Answer(body, None if response.status == http.HTTPStatus.OK else str(body["Code"]))

    @property
    def calls(self) -> int:
        return len(self.journal.to_wire())

    def rpc(self, calls_per_minute: float = 1e9) -> Rpc:
        """Calls under a budget of so many a minute."""
        auth = Acs3Auth(
            lambda: Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET),
            self.clock.now,
            lambda: next(self._nonces),
        )
        budget = Budget(self.clock.now, self.clock.sleep, calls_per_minute)
        endpoints = Endpoints(REGION, "http://stepped")
        client = httpx.Client(transport=self)
        return Rpc(client, endpoints, auth, REGION, budget, self.clock.now)

    def places(self) -> Counter[str]:
        """In how many sessions each source is, once everything has settled."""
        self.clock.sleep(3600)
        state = json.loads(self._gateway.world.state(self.clock.now()).model_dump_json())
        return Counter(source for one in state["sessions"] for source in one["sources"])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        received = Request(
            method=request.method,
            path=request.url.path,
            query=tuple(httpx.QueryParams(request.url.query).multi_items()),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.read(),
            target=request.url.raw_path.decode("ascii"),
        )
        response = self._gateway.handle(received, self.clock.now()).response
        if response is None:
            raise httpx.ReadError("the connection was cut")
        return httpx.Response(
            response.status, headers=dict(response.headers), content=response.body
        )


class OneByOne:
    """Runs calls in their order, at no time at all: stepped time stands still meanwhile."""

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        return [call() for call in calls]
