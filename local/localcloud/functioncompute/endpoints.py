"""The two addresses at which functions are invoked, with the trouble that faults ask for."""

from __future__ import annotations

from localcloud.credentials import OUTSIDE, Caller
from localcloud.functioncompute.asynchronous import AsynchronousInvocations
from localcloud.functioncompute.call import Call, read_call
from localcloud.functioncompute.callers import Callers, refused
from localcloud.functioncompute.invocations import Invocations
from localcloud.functioncompute.trouble import Trouble
from localcloud.messages import Request, Response
from localcloud.refusals import RefusedError


class Endpoints:
    """InvokeFunction over HTTP."""

    def __init__(
        self,
        invocations: Invocations,
        asynchronous: AsynchronousInvocations,
        callers: Callers,
        trouble: Trouble,
    ) -> None:
        self._invocations = invocations
        self._asynchronous = asynchronous
        self._callers = callers
        self._trouble = trouble

    async def handle(self, request: Request) -> Response | None:
        """The answer; None where the request is for no invocation address."""
        try:
            call = read_call(request)
            if call is None:
                return None
            return await self.call(call, self._callers.allowed(request, call))
        except RefusedError as refusal:
            return refused(refusal, self._invocations.new_request_id())

    async def call(self, call: Call, caller: Caller = OUTSIDE) -> Response:
        """Make a call whose caller is known. `Reset` when the connection is to be cut."""
        try:
            return await self._trouble.around(call.function, caller, lambda: self._made(call))
        except RefusedError as refusal:
            return refused(refusal, self._invocations.new_request_id())

    async def _made(self, call: Call) -> Response:
        if call.asynchronous:
            request_id = self._asynchronous.accept(call.function, call.payload, call.task_id)
            return Response(202, {"X-Fc-Request-Id": request_id})
        invoked = await self._invocations.invoke(call.function, call.payload, tail=call.tail)
        headers = {
            "Content-Type": "application/octet-stream",
            "X-Fc-Request-Id": invoked.request_id,
            "X-Fc-Invocation-Duration": str(invoked.duration_ms),
            "X-Fc-Max-Memory-Usage": f"{invoked.memory_mb:.2f}",
        }
        if call.tail:
            headers["X-Fc-Log-Result"] = invoked.log_result
        if invoked.error_type is not None:
            headers["X-Fc-Error-Type"] = invoked.error_type
            headers["Content-Type"] = "application/json"
        return Response(200, headers, invoked.body)
