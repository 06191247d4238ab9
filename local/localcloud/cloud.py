"""The local cloud: the API, its switches and whatever runs functions, on one port of loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from localcloud.api.exchange import Handled
from localcloud.api.gateway import Gateway
from localcloud.clock import Clock
from localcloud.control import PREFIX, Control, is_from_elsewhere, sentence
from localcloud.credentials import Keyring
from localcloud.event_source import EventSource
from localcloud.faults import Faults
from localcloud.http import Server, serve
from localcloud.journal import Journal
from localcloud.messages import Request, Reset, Response
from localcloud.platform_port import Platform
from localcloud.world.events import Event
from localcloud.world.fleet import Fleet
from localcloud.world.world import World


class LocalCloud:
    """A fleet served on 127.0.0.1, under a clock.

    `wall` is real time in seconds since the epoch: signatures are dated by it, however the
    clock runs. Attach a `platform` before `start` to have functions as well.
    """

    def __init__(self, fleet: Fleet, clock: Clock, wall: Callable[[], float]) -> None:
        self._fleet = fleet
        self._wall = wall
        self._server: Server | None = None
        self.clock = clock
        self.keyring = Keyring(one.key() for one in fleet.keys)
        self.faults = Faults(clock.now)
        self.journal = Journal()
        self.platform: Platform | None = None
        self.policy: bytes | None = None
        """What the functions were given as their policy, for whoever asks under `/_local/`."""
        self.environment: Mapping[str, str] | None = None
        """What the deployment told its sweep, without secrets; asked for as the policy is."""
        self.gateway = Gateway(World(fleet, clock.now()), self.keyring, self.faults, self.journal)
        self.events = EventSource(lambda: self.world, clock, self._publish, self._expect)
        self._control = Control(self)

    @property
    def world(self) -> World:
        """The world as it is now; `load` puts another one into its place."""
        return self.gateway.world

    @property
    def endpoint(self) -> str:
        if self._server is None:
            raise RuntimeError("the local cloud is not started")
        return f"http://127.0.0.1:{self._server.port}"

    def state(self) -> Fleet:
        """Everything as a fleet: one given back goes on as this one would have."""
        platform = self.platform
        waiting = self._fleet.waiting if platform is None else platform.waiting
        return self.world.state(self.clock.now()).model_copy(update={"waiting": waiting})

    async def start(self, port: int = 0) -> str:
        """Serve on this port (0: any free one) and say at which address."""
        self._server = await serve(self.handle, "127.0.0.1", port)
        if self.platform is not None:
            self.platform.resume(self._fleet.waiting)
        self.events.start()
        return self.endpoint

    async def close(self) -> None:
        """Stop serving, and end the platform; harmless when nothing was started."""
        if self._server is not None:
            await self._server.close()
            self._server = None
        await self.events.close()
        if self.platform is not None:
            await self.platform.close()

    def load(self, fleet: Fleet) -> None:
        """Put another world into the place of the present one; faults and journal go on."""
        self.gateway.replace_world(World(fleet, self.clock.now()))
        self.keyring.replace_listed(one.key() for one in fleet.keys)
        self.events.look()

    def reset(self) -> None:
        """Begin again: the world it started with, no faults, an empty journal."""
        self.events.raised.clear()
        self.load(self._fleet)
        self.faults.replace([])
        self.journal.clear()

    async def handle(self, request: Request) -> Response:
        """Answer any request on the port."""
        if request.path == "/":
            handled = self.gateway.handle(request, self.clock.now(), self._wall())
            self.events.look()
            return await self._carried_out(handled)
        if request.path.startswith(PREFIX):
            return await self._controlled(request)
        if self.platform is not None:
            return await self.platform.handle(request)
        return sentence(404, f"there is nothing at {request.path}")

    def _publish(self, event: Event) -> None:
        if self.platform is not None:
            self.platform.publish(event)

    def _expect(self, more: bool) -> None:
        if self.platform is not None:
            self.platform.expect_events(more)

    async def _carried_out(self, handled: Handled) -> Response:
        if handled.delay_s:
            await self.clock.sleep(handled.delay_s)
        victim = handled.kill.instance_id if handled.kill is not None else None
        if victim is not None and self.platform is not None:
            await self.platform.kill_instance(victim)
        if handled.response is None:
            raise Reset
        return handled.response

    async def _controlled(self, request: Request) -> Response:
        if is_from_elsewhere(request):
            return sentence(403, f"{PREFIX} is for this machine alone: ask 127.0.0.1 directly")
        answered = await self.platform.control(request) if self.platform is not None else None
        return answered if answered is not None else await self._control.handle(request)
