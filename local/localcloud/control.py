"""The local cloud's own switches under `/_local/`: no part of the service that it stands in for.

Whatever is asked wrongly is answered with 400 and a sentence as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from localcloud.clock import Clock, NotSteppedError
from localcloud.event_source import EventSource
from localcloud.faults import Faults, FaultsError
from localcloud.journal import Journal
from localcloud.messages import Request, Response
from localcloud.sentences import sentence_of
from localcloud.world.fleet import Fleet, FleetError, parse_fleet
from localcloud.world.world import World

PREFIX = "/_local/"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_from_elsewhere(request: Request) -> bool:
    """Whether a web page may have sent this through a browser of this machine.

    Listening on loopback keeps other machines out, but not a page whose own name was made to point
    here (its name is the Host then), nor one that posts across origins.
    """
    host, origin = request.headers.get("host"), request.headers.get("origin")
    named = ([f"//{host}"] if host else []) + ([origin] if origin is not None else [])
    return any(_host(one) not in LOOPBACK for one in named)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class _Step(BaseModel):
    """The body of POST /_local/clock."""

    model_config = ConfigDict(extra="forbid")

    advance_s: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Switched(Protocol):
    """What can be switched from outside."""

    clock: Clock
    faults: Faults
    journal: Journal
    policy: bytes | None
    environment: Mapping[str, str] | None
    events: EventSource

    @property
    def world(self) -> World: ...

    def state(self) -> Fleet: ...

    def load(self, fleet: Fleet) -> None: ...

    def reset(self) -> None: ...


class Control:
    """Answers `/_local/*` for one local cloud."""

    def __init__(self, cloud: Switched) -> None:
        self._cloud = cloud
        self._routes: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
            ("GET", "health"): self._health,
            ("GET", "state"): self._state,
            ("PUT", "fleet"): self._put_fleet,
            ("POST", "reset"): self._reset,
            ("PUT", "faults"): self._put_faults,
            ("POST", "clock"): self._step,
            ("GET", "journal"): self._show_journal,
            ("GET", "policy"): self._show_policy,
            ("GET", "environment"): self._show_environment,
            ("GET", "raised"): self._show_raised,
        }

    async def handle(self, request: Request) -> Response:
        """Answer a request that only the local cloud itself can answer."""
        name = request.path.removeprefix(PREFIX)
        route = self._routes.get((request.method, name))
        if route is not None:
            return await route(request)
        allowed = [method for method, known in self._routes if known == name]
        if allowed:
            return sentence(405, f"{request.path} is called by {' or '.join(allowed)}")
        return sentence(404, f"there is nothing at {request.path}")

    async def _health(self, _request: Request) -> Response:
        now, region = self._cloud.clock.now(), self._cloud.world.region
        return shown({"status": "ready", "time": now, "region": region})

    async def _state(self, _request: Request) -> Response:
        return Response(200, _JSON, self._cloud.state().model_dump_json().encode())

    async def _put_fleet(self, request: Request) -> Response:
        try:
            self._cloud.load(parse_fleet(request.body))
        except FleetError as error:
            return sentence(400, str(error))
        return shown({"status": "loaded"})

    async def _reset(self, _request: Request) -> Response:
        self._cloud.reset()
        return shown({"status": "reset"})

    async def _put_faults(self, request: Request) -> Response:
        try:
            self._cloud.faults.replace(json.loads(request.body))
        except FaultsError as error:
            return sentence(400, str(error))
        except (ValueError, RecursionError):
            return sentence(400, "faults: not JSON")
        return shown({"status": "in force"})

    async def _step(self, request: Request) -> Response:
        try:
            step = _Step.model_validate_json(request.body)
            await self._cloud.clock.advance_through(step.advance_s)
        except ValidationError as error:
            return sentence(400, sentence_of(error, "clock"))
        except NotSteppedError as error:
            return sentence(409, str(error))
        return shown({"time": self._cloud.clock.now()})

    async def _show_journal(self, _request: Request) -> Response:
        return shown(self._cloud.journal.to_wire())

    async def _show_policy(self, _request: Request) -> Response:
        if self._cloud.policy is None:
            return sentence(404, "nobody gave this local cloud a policy")
        return Response(200, _JSON, self._cloud.policy)

    async def _show_environment(self, _request: Request) -> Response:
        if self._cloud.environment is None:
            return sentence(404, "nobody deployed anything on this local cloud")
        return shown(dict(self._cloud.environment))

    async def _show_raised(self, _request: Request) -> Response:
        return shown(list(self._cloud.events.raised))


_JSON = {"content-type": "application/json"}


def shown(value: Any) -> Response:
    """200 with JSON."""
    return Response(200, _JSON, json.dumps(value).encode())


def sentence(status: int, text: str) -> Response:
    """An answer that says in words what is wrong: `{"error": "..."}`."""
    return Response(status, _JSON, json.dumps({"error": text}).encode())
