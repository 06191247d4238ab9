"""Trouble on purpose around an invocation, whichever way it comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from localcloud.clock import Clock
from localcloud.credentials import Caller
from localcloud.faults import Fault, Faults
from localcloud.functioncompute.invocations import throttled
from localcloud.messages import Reset, Response
from localcloud.refusals import RefusedError

Kill = Callable[[str], Awaitable[None]]


class Trouble:
    """Faults named `InvokeFunction:<function>`, around a call of that function."""

    def __init__(self, faults: Faults, clock: Clock, kill: Kill) -> None:
        self._faults = faults
        self._clock = clock
        self._kill = kill

    async def around(
        self, function: str, caller: Caller, made: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The answer of `made`, or what the fault makes of it."""
        fault = self._faults.take(f"InvokeFunction:{function}")
        if fault is None:
            return await made()
        await self._clock.sleep(fault.delay_s)
        instead = await self._before(fault, function, caller)
        response = instead or await made()
        if "after" in {fault.reset, fault.kill}:
            await self._cut(fault, caller)
        if fault.truncate is None:
            return response
        return Response(response.status, response.headers, response.body, fault.truncate)

    async def _before(self, fault: Fault, function: str, caller: Caller) -> Response | None:
        if "before" in {fault.reset, fault.kill}:
            await self._cut(fault, caller)
        if fault.error is not None:
            raise RefusedError(fault.error, fault.status or 500, "a fault was asked for")
        if fault.throttle:
            raise throttled(function)
        if fault.body is not None:
            return Response(fault.status or 200, {}, fault.body.encode())
        return None

    async def _cut(self, fault: Fault, caller: Caller) -> None:
        if fault.kill is not None and caller.instance_id is not None:
            await self._kill(caller.instance_id)
        raise Reset
