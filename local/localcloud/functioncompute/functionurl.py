"""The URLs of functions: `/http/{function}/...` is what `https://<id>.<region>.fcapp.run/...` is.

Function Compute, "Configure HTTP triggers", "Troubleshoot errors": a request that is too large or
unsigned is 400, a bad signature or a method that the trigger does not name 403, no trigger 404, no
room 429, and an error of the function, or a result too large to answer with, 502.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from localcloud.clock import Clock
from localcloud.credentials import OUTSIDE, Caller
from localcloud.functioncompute.behaviour import Switches
from localcloud.functioncompute.callers import Callers, refused
from localcloud.functioncompute.httpevent import (
    AnswerError,
    Moment,
    event_of,
    response_of,
    split_target,
)
from localcloud.functioncompute.invocations import UNHANDLED, Invocations
from localcloud.functioncompute.limits import SYNCHRONOUS_LIMIT
from localcloud.functioncompute.resources import Address, Stack
from localcloud.functioncompute.trouble import Trouble
from localcloud.messages import Request, Response
from localcloud.refusals import RefusedError

HEADERS_LIMIT = 8 * 1024
TARGET_LIMIT = 4 * 1024
REQUEST_ERROR = {"X-Fc-Error-Type": "FcCommonError"}


class FunctionUrls:
    """Serves the HTTP triggers of a stack."""

    def __init__(
        self,
        stack: Stack,
        invocations: Invocations,
        callers: Callers,
        trouble: Trouble,
        clock: Clock,
        switches: Switches,
    ) -> None:
        self._addresses: Mapping[str, Address] = {one.function: one for one in stack.addresses}
        self._deployment = stack.deployment
        self._invocations = invocations
        self._callers = callers
        self._trouble = trouble
        self._clock = clock
        self._switches = switches

    async def handle(self, request: Request) -> Response | None:
        """The answer; None where the request is for no function's URL."""
        target = split_target(request)
        if target is None:
            return None
        request_id = self._invocations.new_request_id()
        try:
            function, raw_path = target
            address = self._address(function)
            caller = self._checked(request, address)
            moment = Moment(self._clock.now(), request_id)
            event = event_of(
                request, raw_path, address, self._deployment, moment, self._switches.now
            )
            return await self._trouble.around(
                function, caller, lambda: self._answered(function, event, request_id)
            )
        except RefusedError as refusal:
            return refused(refusal, request_id, REQUEST_ERROR)

    def _address(self, function: str) -> Address:
        address = self._addresses.get(function)
        if address is None:
            sentence = f"function '{function}' has no HTTP trigger"
            raise RefusedError("TriggerNotFound", 404, sentence)
        return address

    def _checked(self, request: Request, address: Address) -> Caller:
        _check_size(request)
        if request.method not in address.methods:
            allowed = ", ".join(address.methods)
            sentence = f"the HTTP trigger takes {allowed}, not {request.method}"
            raise RefusedError("AccessDenied", 403, sentence)
        return self._callers.known_either_way(request) if address.signed else OUTSIDE

    async def _answered(self, function: str, event: bytes, request_id: str) -> Response:
        invoked = await self._invocations.invoke(function, event, request_id)
        if invoked.error_type is not None:
            return _failed(invoked.error_type, invoked.body, request_id)
        try:
            response = response_of(invoked.body, self._switches.now)
            _check_answer(response)
        except AnswerError as error:
            body = json.dumps({"errorMessage": str(error), "errorType": "InvalidAnswer"})
            return _failed(UNHANDLED, body.encode(), request_id)
        headers = {**response.headers, "X-Fc-Request-Id": request_id}
        return Response(response.status, headers, response.body)


def _failed(error_type: str, body: bytes, request_id: str) -> Response:
    headers = {
        "Content-Type": "application/json",
        "X-Fc-Request-Id": request_id,
        "X-Fc-Error-Type": error_type,
    }
    return Response(502, headers, body)


def _check_size(request: Request) -> None:
    if sum(len(name) + len(value) for name, value in request.fields) > HEADERS_LIMIT:
        raise _too_large("the headers", HEADERS_LIMIT)
    if len(request.target) > TARGET_LIMIT:
        raise _too_large("path and parameters", TARGET_LIMIT)
    if len(request.body) > SYNCHRONOUS_LIMIT:
        raise _too_large("the body", SYNCHRONOUS_LIMIT)


def _too_large(what: str, limit: int) -> RefusedError:
    return RefusedError("InvalidArgument", 400, f"{what} may have {limit} bytes")


def _check_answer(response: Response) -> None:
    size = sum(len(name) + len(value) for name, value in response.headers.items())
    if size > HEADERS_LIMIT:
        raise AnswerError(f"the headers of the answer have more than {HEADERS_LIMIT} bytes")
    if len(response.body) > SYNCHRONOUS_LIMIT:
        raise AnswerError(f"the body of the answer has more than {SYNCHRONOUS_LIMIT} bytes")
