"""One call on its way through the gateway: what is known of it, and what will be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.api.answers import Form, answer, error_body
from localcloud.api.call import Call
from localcloud.api.context import Context
from localcloud.api.trail import WriteCall
from localcloud.credentials import NOBODY, Caller, Key
from localcloud.faults import Fault
from localcloud.journal import Entry, presentable
from localcloud.messages import NO_HEADERS, Response
from localcloud.refusals import RefusedError
from localcloud.world.ledger import Answered


@dataclass(frozen=True, slots=True)
class Handled:
    """What becomes of a request: after `delay_s`, the answer, or None for a cut connection.

    `kill` is the caller whose function instance is to die before the connection ends.
    """

    response: Response | None
    delay_s: float = 0.0
    kill: Caller | None = None


class Exchange:
    """A call, filled in step by step. Without a status nothing was done."""

    def __init__(self, call: Call, request_id: str, now: float) -> None:
        self.call = call
        self.now = now
        self.product = ""
        self.key: Key = NOBODY
        self.fault: Fault | None = None
        self.sees_nothing = False
        self._request_id = request_id
        self._status: int | None = None
        self._body: Mapping[str, Any] = {}
        self._headers: Mapping[str, str] = NO_HEADERS

    def context(self) -> Context:
        """The circumstances in which the action runs."""
        return Context(
            action=self.call.action,
            now=self.now,
            request_id=self._request_id,
            stale_s=(self.fault.stale_s or 0.0) if self.fault else 0.0,
            fails_in_background=self.fault.background_failure if self.fault else False,
            sees_nothing=self.sees_nothing,
        )

    def written(
        self, answer: Mapping[str, Any] | None, error: RefusedError | None = None
    ) -> WriteCall:
        """What is recorded of a write call: its answer's body, or the error."""
        return WriteCall(
            at=self.now,
            product=self.product,
            call=self.call,
            request_id=self._request_id,
            key=self.key,
            answer=answer,
            error=error,
        )

    def done(self, body: Mapping[str, Any]) -> Answered:
        """The action's answer, under this call's request id."""
        return Answered(200, {"RequestId": self._request_id, **body})

    def failed(self, error: RefusedError) -> Answered:
        body = error_body(error, self._request_id, self.call.host, self.product)
        return Answered(error.status, body)

    def answer(self, answered: Answered, headers: Mapping[str, str] = NO_HEADERS) -> None:
        self._status, self._body, self._headers = answered.status, answered.body, headers

    def entry(self) -> Entry:
        """What the journal keeps of it."""
        spoiled = self.fault is not None and self.fault.body is not None
        return Entry(
            t=self.now,
            product=self.product or None,
            action=self.call.action or None,
            parameters=presentable(self.call.parameters),
            status=self._spoiled_status() if spoiled else self._status,
            code=self._body.get("Code") if self._refused else None,
            request_id=str(self._body.get("RequestId", self._request_id)),
            fault=self.fault.label if self.fault else None,
            function=self.key.caller.function,
            instance_id=self.key.caller.instance_id,
        )

    def handled(self) -> Handled:
        fault = self.fault
        if fault is None:
            return Handled(self._response())
        if fault.reset or fault.kill:
            return Handled(None, fault.delay_s, self.key.caller if fault.kill else None)
        return Handled(self._response(), fault.delay_s)

    def _response(self) -> Response:
        fault = self.fault
        if fault is not None and fault.body is not None:
            body = fault.body.encode("utf-8", "replace")
            return Response(self._spoiled_status(), {"content-type": "text/html"}, body)
        truncate = fault.truncate if fault is not None else None
        answered = Answered(self._status or 500, self._body)
        return answer(answered, self._form(), self._headers, truncate)

    def _form(self) -> Form:
        if not self.call.wants_xml:
            return Form()
        return Form("Error" if self._refused else f"{self.call.action}Response")

    @property
    def _refused(self) -> bool:
        # OpenTrafficMirrorService says Code where it succeeds as well.
        return self._status is not None and self._status >= 400

    def _spoiled_status(self) -> int:
        return (self.fault.status if self.fault else None) or 502
