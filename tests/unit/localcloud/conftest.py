"""The API of a local cloud without sockets: a world, a clock that stands still, signed calls."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from localcloud.api.exchange import Handled
from localcloud.calls import Value, body_of, signed_call
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.world.fleet import read_fleet

START = 1_800_000_000.0
SESSION = "tms-j6c00000000000000001"
OTHER_SESSION = "tms-j6c00000000000000002"
INTERFACE = "eni-j6c000000000000001"
FLEET: Mapping[str, Any] = {"settle_s": 3, "fleet": {"instances": 30, "sessions": 4}}


@dataclass(frozen=True)
class Said:
    """An answer of the API, or a cut connection (status None)."""

    status: int | None
    body: dict[str, Any]
    headers: Mapping[str, str]
    delay_s: float

    @property
    def code(self) -> str | None:
        code: str | None = self.body.get("Code")
        return code


class Desk:
    """Somebody who calls the API of one local cloud, by hand."""

    def __init__(self, fleet: Mapping[str, Any]) -> None:
        self.clock = SteppedClock(START)
        self.cloud = LocalCloud(read_fleet(fleet), self.clock, self.clock.now)
        self._nonces = itertools.count()

    def handled(self, action: str, **parameters: Value) -> Handled:
        now = self.clock.now()
        request = signed_call(action, parameters, now, f"nonce-{next(self._nonces)}")
        return self.cloud.gateway.handle(request, now)

    def call(self, action: str, **parameters: Value) -> Said:
        handled = self.handled(action, **parameters)
        response = handled.response
        if response is None:
            return Said(None, {}, {}, handled.delay_s)
        body = body_of(response.body)
        return Said(response.status, body, response.headers, handled.delay_s)

    def add(self, source: str = INTERFACE, session: str = SESSION, **more: Value) -> Said:
        return self.call(
            "AddSourcesToTrafficMirrorSession",
            TrafficMirrorSessionId=session,
            TrafficMirrorSourceIds=[source],
            **more,
        )

    def list_sessions(self, **parameters: Value) -> Said:
        return self.call("ListTrafficMirrorSessions", **parameters)

    def session(self, session: str = SESSION) -> tuple[str, list[str]]:
        """Status and sources of a session, as the list shows them."""
        said = self.list_sessions(TrafficMirrorSessionIds=[session])
        (shown,) = said.body["TrafficMirrorSessions"]
        return shown["TrafficMirrorSessionStatus"], shown["TrafficMirrorSourceIds"]

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def state(self) -> dict[str, Any]:
        return self.cloud.world.state(self.clock.now()).model_dump(mode="json")

    def things(self) -> dict[str, Any]:
        """The state without the events that tell of it."""
        return {key: value for key, value in self.state().items() if key != "events"}

    def raised(self, *types: str) -> list[dict[str, Any]]:
        """The events raised since the last time, all or those of some types."""
        events = self.cloud.world.events_due(self.clock.now())
        return [one for one in events if not types or one["type"] in types]


@pytest.fixture
def desk() -> Desk:
    """A desk in front of 30 interfaces and 4 sessions that settle in 3 s."""
    return Desk(FLEET)


@pytest.fixture
def desk_of() -> Callable[..., Desk]:
    """Makes a desk in front of the usual fleet with some keys replaced."""
    return lambda **keys: Desk({**FLEET, **keys})
