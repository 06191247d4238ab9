"""Control calls of the platform, for tests and people: what goes in, what came out, and a kill."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Protocol

from pydantic import ValidationError

from localcloud.activity import Activity
from localcloud.eventbridge.bus import Disorder, EventBus
from localcloud.eventbridge.queue import Queues
from localcloud.functioncompute.asynchronous import AsynchronousInvocations
from localcloud.functioncompute.behaviour import Behaviour, Switches
from localcloud.functioncompute.functionlog import FunctionLog
from localcloud.functioncompute.invocations import Invocations
from localcloud.functioncompute.permissions import Permissions
from localcloud.functioncompute.timers import Timers
from localcloud.messages import Request, Response
from localcloud.outcomes import Outcomes
from localcloud.refusals import RefusedError
from localcloud.sentences import sentence_of

_LONGEST_WAIT_S = 3600.0
Answer = Callable[[Request, str], Awaitable[object]]


class Controlled(Protocol):
    """What can be looked at and switched from outside."""

    activity: Activity
    queues: Queues
    bus: EventBus
    log: FunctionLog
    invocations: Invocations
    asynchronous: AsynchronousInvocations
    outcomes: Outcomes
    permissions: Permissions
    switches: Switches
    timers: Timers


class PlatformControl:
    """Answers below `/_local/` that concern bus, queues and functions."""

    def __init__(self, platform: Controlled) -> None:
        self._platform = platform
        self._routes: tuple[tuple[str, re.Pattern[str], Answer], ...] = (
            ("POST", re.compile(r"/_local/events()"), self._events),
            ("POST", re.compile(r"/_local/timers/([^/]+)"), self._timer),
            ("GET", re.compile(r"/_local/outcomes()"), self._outcomes),
            ("GET", re.compile(r"/_local/idle()"), self._idle),
            ("GET", re.compile(r"/_local/dead-letters()"), self._dead_letters),
            ("GET", re.compile(r"/_local/deliveries()"), self._deliveries),
            ("GET", re.compile(r"/_local/invocations()"), self._invocations),
            ("GET", re.compile(r"/_local/functions/([^/]+)/log"), self._log),
            ("POST", re.compile(r"/_local/functions/([^/]+)/kill"), self._kill),
            ("GET", re.compile(r"/_local/permissions()"), self._permissions),
            ("GET", re.compile(r"/_local/platform()"), self._behaviour),
            ("PUT", re.compile(r"/_local/platform()"), self._put_behaviour),
        )

    async def handle(self, request: Request) -> Response | None:
        """The answer; None where the address is not the platform's."""
        found = [(one[0], one[1].fullmatch(request.path), one[2]) for one in self._routes]
        fitting = [(method, match[1], answer) for method, match, answer in found if match]
        if not fitting:
            return None
        called = [(name, answer) for method, name, answer in fitting if method == request.method]
        if not called:
            allowed = " or ".join(method for method, _, _ in fitting)
            return _json(405, {"error": f"use {allowed}"})
        name, answer = called[0]
        try:
            return _json(200, await answer(request, name))
        except RefusedError as refusal:
            return _json(refusal.status, {"error": refusal.message})

    async def _events(self, request: Request, _: str) -> object:
        numbers = dict(request.query)
        disorder = Disorder(
            copies=max(1, int(_number(numbers, "duplicate", 1))),
            delay_s=_number(numbers, "delay_s", 0),
            shuffle=int(_number(numbers, "shuffle", 0)) if "shuffle" in numbers else None,
        )
        return {"deliveries": self._platform.bus.put(request.body, disorder)}

    async def _timer(self, _: Request, name: str) -> object:
        fired = self._platform.timers.fire(name)
        return {"request_id": fired[0], "request_ids": fired}

    async def _outcomes(self, _: Request, __: str) -> object:
        return self._platform.outcomes.received

    async def _idle(self, request: Request, _: str) -> object:
        timeout_s = _number(dict(request.query), "timeout_s", 0)
        platform = self._platform
        idle = await platform.activity.silence(min(timeout_s, _LONGEST_WAIT_S))
        return {
            "idle": idle,
            "dead_letters": platform.queues.dead,
            "undelivered": platform.asynchronous.undelivered,
            "under_way": platform.activity.counts(),
            "queues": platform.queues.depths,
        }

    async def _dead_letters(self, _: Request, __: str) -> object:
        return self._platform.queues.dead_letters()

    async def _deliveries(self, _: Request, __: str) -> object:
        return [asdict(one) for one in self._platform.bus.deliveries]

    async def _invocations(self, _: Request, __: str) -> object:
        return [
            {
                "request_id": task.request_id,
                "function": task.function,
                "task_id": task.task_id,
                "status": task.status,
                "attempts": task.attempts,
                "accepted_at": task.accepted_at,
                "undelivered": task.undelivered,
            }
            for task in self._platform.asynchronous.tasks
        ]

    async def _log(self, _: Request, name: str) -> object:
        self._platform.invocations.deployed(name)
        return [asdict(line) for line in self._platform.log.of(name)]

    async def _kill(self, _: Request, name: str) -> object:
        return {"killed": self._platform.invocations.deployed(name).kill()}

    async def _permissions(self, _: Request, __: str) -> object:
        asked = self._platform.permissions.asked
        return [{**asdict(one), "allowed": allowed} for one, allowed in asked.items()]

    async def _behaviour(self, _: Request, __: str) -> object:
        return self._platform.switches.now.model_dump()

    async def _put_behaviour(self, request: Request, _: str) -> object:
        try:
            self._platform.switches.now = Behaviour.model_validate_json(request.body)
        except ValidationError as error:
            raise RefusedError("InvalidArgument", 400, sentence_of(error, "platform")) from None
        return self._platform.switches.now.model_dump()


def _number(given: dict[str, str], name: str, default: float) -> float:
    try:
        number = float(given.get(name, default))
    except ValueError:
        number = -1.0
    if not 0 <= number < 2**53:
        raise RefusedError("InvalidArgument", 400, f"{name} must be a number from 0 on")
    return number


def _json(status: int, body: object) -> Response:
    headers = {"content-type": "application/json"}
    return Response(status, headers, json.dumps(body).encode())
