"""The platform around the functions: what a template deploys, brought to life on this machine.

Bus, queues, streams and functions know nothing of HTTP but for the two invoke addresses; the
control calls here are for tests and people and no part of any service.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
import sysconfig
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.activity import Activity
from localcloud.clock import Clock
from localcloud.credentials import Keyring
from localcloud.eventbridge.bus import EventBus
from localcloud.eventbridge.queue import Queues
from localcloud.eventbridge.stream import EventStream
from localcloud.eventbridge.targets import Targets
from localcloud.faults import Faults
from localcloud.functioncompute.asynchronous import AsynchronousInvocations
from localcloud.functioncompute.behaviour import Behaviour, Switches
from localcloud.functioncompute.call import Call
from localcloud.functioncompute.callers import Callers
from localcloud.functioncompute.deployed import DeployedFunction
from localcloud.functioncompute.destinations import Destinations
from localcloud.functioncompute.endpoints import Endpoints
from localcloud.functioncompute.environment import Placement
from localcloud.functioncompute.functionlog import FunctionLog, LogLine
from localcloud.functioncompute.functionurl import FunctionUrls
from localcloud.functioncompute.invocations import Invocations
from localcloud.functioncompute.layers import Content, merge
from localcloud.functioncompute.permissions import Permissions
from localcloud.functioncompute.pushing import Pusher
from localcloud.functioncompute.resources import (
    Function,
    Layer,
    RuleTarget,
    Stack,
    Stream,
)
from localcloud.functioncompute.timers import Timers
from localcloud.functioncompute.trouble import Trouble
from localcloud.messages import Request, Response
from localcloud.outcomes import Outcomes
from localcloud.platform_control import PlatformControl
from localcloud.waiting import Waiting

SITE_PACKAGES = "site-packages"
POLICY = "policy"
# Names of this repository that are no part of the product, should they be installed.
NEVER_PUBLISHED = frozenset({"localcloud", "commandline"})


def site_packages() -> tuple[Path, ...]:
    """Where the running interpreter keeps its packages."""
    paths = sysconfig.get_paths()
    return tuple(dict.fromkeys(Path(paths[name]) for name in ("purelib", "platlib")))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a platform shares with the rest of the local cloud, and where its chance is from.

    `wall` is real time since the epoch, `ticks` a monotonic clock, both in seconds; `draw` gives
    32 hexadecimal digits.
    """

    clock: Clock
    faults: Faults
    keyring: Keyring
    wall: Callable[[], float]
    ticks: Callable[[], float]
    draw: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a platform is to run.

    `root` is the folder the template's folders are below, `run_folder` one that this platform
    may fill, `policy` the compiled policy. `environment` goes to every function on top of the
    template's, asked for when an instance starts. `instances` is how many processes one function
    may have on this machine.
    """

    stack: Stack
    root: Path
    run_folder: Path
    policy: Path | None = None
    packages: Sequence[Path] = field(default_factory=site_packages)
    interpreter: Path = Path(sys.executable)
    environment: Callable[[], Mapping[str, str]] = dict
    instances: int = 4
    behaviour: Behaviour = field(default_factory=Behaviour)
    outcomes_of: str = "notify"
    echo: Callable[[LogLine], None] | None = None


class Platform:
    """A running stack."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        stack, clock = settings.stack, surroundings.clock
        self.stack = stack
        self.activity = Activity()
        self.switches = Switches(settings.behaviour)
        self.queues = Queues(stack.queues, dead_letter_queues(stack), clock, self.activity)
        self.permissions = Permissions(stack.deployment)
        self.log = FunctionLog(clock.now, settings.echo, self._may_log)
        self.functions = _deployed(settings, surroundings, self.log)
        self.invocations = Invocations(
            self.functions,
            self.activity,
            lambda: _request_id(clock.now(), surroundings.draw()),
            surroundings.ticks,
            self.switches,
        )
        self.asynchronous = AsynchronousInvocations(
            self.invocations,
            Destinations(stack.deployment, self.queues.send, self.permissions, clock.now),
            clock,
            self.activity,
            self.switches,
        )
        self.timers = Timers(stack.timers, self.asynchronous.accept, clock)
        self.outcomes = Outcomes(settings.outcomes_of)
        self.invocations.listeners.append(self.outcomes.heard)
        callers = Callers(surroundings.keyring, self.permissions, surroundings.wall)
        trouble = Trouble(surroundings.faults, clock, self.kill_instance)
        self.endpoints = Endpoints(self.invocations, self.asynchronous, callers, trouble)
        self._pusher = Pusher(self.endpoints, self.permissions)
        targets = Targets(
            self.queues.send, self._push_to_target, surroundings.faults, clock, self.activity
        )
        self.bus = EventBus(stack.rules, targets, clock, self.activity)
        self.urls = FunctionUrls(stack, self.invocations, callers, trouble, clock, self.switches)
        self._control = PlatformControl(self)
        self._settings = settings
        self._streams: list[asyncio.Task[None]] = []
        self._expecting = False

    async def start(self) -> None:
        """Lay out the layers and switch the triggers on."""
        for function in self.stack.functions.values():
            merge(list(_contents(self._settings, function.layers)), _opt(self._settings, function))
        for stream in self.stack.streams:
            event_stream = EventStream(
                stream,
                self.stack.deployment,
                self.queues,
                self._push_to(stream),
                self.switches,
            )
            self._streams.append(asyncio.create_task(event_stream.run()))
        self.timers.start()

    @property
    def waiting(self) -> Waiting:
        """Work in queues and asynchronous invocations, in the form in which it is kept."""
        invocations, task_ids = self.asynchronous.waiting()
        queues = self.queues.waiting()
        return Waiting(queues=queues, invocations=invocations, task_ids=task_ids)

    def resume(self, waiting: Waiting) -> None:
        """Go on with work that was kept; once the local cloud serves, for functions call it."""
        self.asynchronous.resume(waiting)
        self.queues.resume(waiting.queues)

    def _push_to(self, stream: Stream) -> Callable[[bytes, bool], Awaitable[bool]]:
        def push(payload: bytes, asynchronous: bool) -> Awaitable[bool]:
            call = Call(stream.function, payload, asynchronous=asynchronous)
            return self._pusher.push(call, stream.role)

        return push

    async def _push_to_target(self, target: RuleTarget, payload: bytes) -> bool:
        reversed_meaning = self.switches.now.async_invocation_type == "reversed"
        asynchronous = target.asynchronous not in {None, reversed_meaning}
        call = Call(str(target.function), payload, asynchronous=asynchronous)
        return await self._pusher.push(call, target.role)

    async def handle(self, request: Request) -> Response:
        """An invocation, or a function's URL; 404 for any other address."""
        answered = await self.endpoints.handle(request) or await self.urls.handle(request)
        return answered or Response(
            404, {"content-type": "text/plain"}, b"there is nothing at this address\n"
        )

    async def control(self, request: Request) -> Response | None:
        """A control call of the platform; None where it is none."""
        return await self._control.handle(request)

    def _may_log(self, name: str) -> bool:
        return self.permissions.may_log(self.stack.functions[name])

    def publish(self, event: Mapping[str, Any]) -> None:
        """Put an event that the world raised on the bus."""
        self.bus.put(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace"))

    def expect_events(self, more: bool) -> None:
        """Be under way for as long as the world is going to raise events."""
        if more != self._expecting:
            self._expecting = more
            (self.activity.begin if more else self.activity.end)("events")

    async def kill_instance(self, instance_id: str) -> None:
        """SIGKILL to one function instance and all it started."""
        for function in self.functions.values():
            function.kill(instance_id)

    async def close(self) -> None:
        """End everything that was started; nothing survives."""
        for stream in self._streams:
            stream.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        await asyncio.gather(self.timers.close(), self.bus.close(), self.asynchronous.close())
        await asyncio.gather(*(function.close() for function in self.functions.values()))
        for made in ("opt", POLICY):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self._settings.run_folder / made)


def dead_letter_queues(stack: Stack) -> set[str]:
    """Queues that something names as the end of what failed."""
    ends = [queue.dead_letters for queue in stack.queues.values()]
    ends += [stream.dead_letters for stream in stack.streams]
    ends += [target.dead_letters for rule in stack.rules for target in rule.targets]
    failures = [function.asynchronous.on_failure for function in stack.functions.values()]
    ends += [end.queue for end in failures if end is not None]
    return {end for end in ends if end is not None}


def _deployed(
    settings: Settings, surroundings: Surroundings, log: FunctionLog
) -> dict[str, DeployedFunction]:
    return {
        name: DeployedFunction(
            function,
            Placement(
                settings.interpreter,
                _opt(settings, function),
                settings.stack.deployment,
                settings.environment,
            ),
            surroundings.keyring,
            log,
            surroundings.draw,
            settings.instances,
        )
        for name, function in settings.stack.functions.items()
    }


def _opt(settings: Settings, function: Function) -> Path:
    return settings.run_folder.resolve() / "opt" / function.name


def _contents(settings: Settings, layers: Sequence[Layer]) -> Iterator[Content]:
    for layer in layers:
        if layer.folder == SITE_PACKAGES:
            yield from (Content(path, "python", NEVER_PUBLISHED) for path in settings.packages)
        elif layer.folder != POLICY:
            yield Content(settings.root / layer.folder)
        elif settings.policy is not None:
            folder = settings.run_folder / POLICY
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(settings.policy, folder / "policy.json")
            yield Content(folder)


def _request_id(now: float, drawn: str) -> str:
    return f"1-{int(now):08x}-{drawn[:6]}-{drawn[6:18]}"
