"""InvokeFunction without its wire: what every caller of a function gets, whoever it is.

Limits and codes: Function Compute, "Limits" and "Error codes". The two APIs, event streams and
timers all come through here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localcloud.activity import Activity
from localcloud.functioncompute.behaviour import Switches
from localcloud.functioncompute.deployed import DeployedFunction, ThrottledError
from localcloud.functioncompute.instance import Answer
from localcloud.functioncompute.limits import SYNCHRONOUS_LIMIT
from localcloud.refusals import RefusedError

UNHANDLED = "UnhandledInvocationError"

# Called for every invocation that succeeded: the function's name and the payload.
Listener = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class Invoked:
    """A finished invocation. `error_type` is None where it succeeded."""

    request_id: str
    body: bytes
    error_type: str | None
    duration_ms: int
    memory_mb: float
    log: str = ""

    @property
    def log_result(self) -> str:
        """The log's end as the header `X-Fc-Log-Result` carries it."""
        return base64.b64encode(self.log.encode()).decode()


def function_not_found(name: str) -> RefusedError:
    return RefusedError("FunctionNotFound", 404, f"function '{name}' does not exist")


def too_large(limit: int) -> RefusedError:
    sentence = f"payload size exceeds maximum allowed size ({limit} bytes)"
    return RefusedError("EntityTooLarge", 400, sentence)


def throttled(name: str) -> RefusedError:
    sentence = f"the concurrency of function '{name}' is exhausted"
    return RefusedError("ResourceExhausted", 429, sentence)


def _of_bearable_size(answer: Answer) -> Answer:
    """What the service makes of a result that is too large to answer with."""
    if len(answer.body) <= SYNCHRONOUS_LIMIT:
        return answer
    sentence = f"response size exceeds maximum allowed size ({SYNCHRONOUS_LIMIT} bytes)"
    body = json.dumps({"errorMessage": sentence}).encode()
    return Answer(failed=True, body=body, memory_mb=answer.memory_mb)


class Invocations:
    """Synchronous invocations of the deployed functions."""

    def __init__(
        self,
        functions: Mapping[str, DeployedFunction],
        activity: Activity,
        request_ids: Callable[[], str],
        ticks: Callable[[], float],
        switches: Switches,
    ) -> None:
        self._functions = functions
        self._activity = activity
        self._request_ids = request_ids
        self._ticks = ticks
        self._switches = switches
        self.listeners: list[Listener] = []

    def new_request_id(self) -> str:
        return self._request_ids()

    def deployed(self, name: str) -> DeployedFunction:
        """The function of that name; `FunctionNotFound` (404) where there is none."""
        function = self._functions.get(name)
        if function is None:
            raise function_not_found(name)
        return function

    async def invoke(
        self,
        name: str,
        payload: bytes,
        request_id: str | None = None,
        retry_count: int = 0,
        tail: bool = False,
    ) -> Invoked:
        """Run the function now.

        `RefusedError` when it is not run: unknown, payload above 32 MB, or its concurrency is
        exhausted. A failed run is an `Invoked` with an error type, as the service answers 200.
        """
        deployed = self.deployed(name)
        if len(payload) > SYNCHRONOUS_LIMIT:
            raise too_large(SYNCHRONOUS_LIMIT)
        if self._no_room_for(deployed):
            raise throttled(name)
        request_id = request_id or self.new_request_id()
        with self._activity.of("invocations"):
            began = self._ticks()
            try:
                answer, instance_id = await deployed.invoke(request_id, payload, retry_count)
            except ThrottledError:
                raise throttled(name) from None
            duration_ms = round((self._ticks() - began) * 1000)
            answer = _of_bearable_size(answer)
            if not answer.failed:
                self._tell(name, payload)
            log = await deployed.log.invocation(instance_id, request_id) if tail else ""
        error_type = UNHANDLED if answer.failed else None
        return Invoked(request_id, answer.body, error_type, duration_ms, answer.memory_mb, log)

    def _no_room_for(self, deployed: DeployedFunction) -> bool:
        """Whether the account's instances are spent; reserved ones are set apart from the rest."""
        if deployed.function.concurrency is not None:
            return False
        functions = list(self._functions.values())
        reserved = sum(one.function.concurrency or 0 for one in functions)
        running = sum(one.running for one in functions if one.function.concurrency is None)
        return running >= self._switches.now.instances_per_region - reserved

    def _tell(self, name: str, payload: bytes) -> None:
        for listener in self.listeners:
            listener(name, payload)
