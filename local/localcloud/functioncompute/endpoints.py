"""The two addresses at which functions are invoked, with the trouble that faults ask for."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from localcloud.api.signature import Acs3Verifier, Verifier
from localcloud.clock import Clock
from localcloud.credentials import OUTSIDE, Caller, Keyring
from localcloud.faults import Fault, Faults
from localcloud.functioncompute.asynchronous import AsynchronousInvocations
from localcloud.functioncompute.call import Call, read_call
from localcloud.functioncompute.invocations import Invocations, throttled
from localcloud.functioncompute.signature import FcVerifier
from localcloud.messages import Request, Reset, Response
from localcloud.refusals import RefusedError

# The gateway of the RPC APIs and Function Compute name the same refusals differently.
_RENAMED: Mapping[str, tuple[str, int]] = {
    "SignatureDoesNotMatch": ("SignatureNotMatch", 403),
    "InvalidAccessKeyId.NotFound": ("InvalidAccessKeyID", 403),
    "MissingParameter": ("MissingRequiredHeader", 400),
}

Kill = Callable[[str], Awaitable[None]]


class Endpoints:
    """InvokeFunction over HTTP. `wall` is real time in seconds, which signatures are dated by."""

    def __init__(
        self,
        invocations: Invocations,
        asynchronous: AsynchronousInvocations,
        keyring: Keyring,
        trouble: Trouble,
        wall: Callable[[], float],
    ) -> None:
        self._invocations = invocations
        self._asynchronous = asynchronous
        self._keyring = keyring
        self._trouble = trouble
        self._wall = wall
        self._verifiers: tuple[Sequence[Verifier], Sequence[Verifier]] = (
            (Acs3Verifier(),),
            (FcVerifier(),),
        )

    async def handle(self, request: Request) -> Response | None:
        """The answer; None where the request is for no invocation address."""
        try:
            call = read_call(request)
            if call is None:
                return None
            return await self.call(call, self._caller(request, call))
        except RefusedError as refusal:
            return self._refusal(refusal)

    async def call(self, call: Call, caller: Caller = OUTSIDE) -> Response:
        """Make a call whose caller is known. `Reset` when the connection is to be cut."""
        try:
            return await self._trouble.around(call.function, caller, lambda: self._made(call))
        except RefusedError as refusal:
            return self._refusal(refusal)

    def _caller(self, request: Request, call: Call) -> Caller:
        for verifier in self._verifiers[call.former]:
            if verifier.recognises(request):
                try:
                    return verifier.verify(request, self._keyring.find, self._wall()).caller
                except RefusedError as error:
                    code, status = _RENAMED.get(error.code, (error.code, 403))
                    raise RefusedError(code, status, error.message) from None
        sentence = "required HTTP header Authorization was not specified"
        raise RefusedError("MissingRequiredHeader", 400, sentence)

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

    def _refusal(self, refusal: RefusedError) -> Response:
        request_id = self._invocations.new_request_id()
        body = {
            "RequestId": request_id,
            "ErrorCode": refusal.code,
            "ErrorMessage": refusal.message,
        }
        headers = {"Content-Type": "application/json", "X-Fc-Request-Id": request_id}
        return Response(refusal.status, headers, json.dumps(body).encode())


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
