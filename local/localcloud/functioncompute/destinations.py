"""Where the record of a finished asynchronous invocation goes: a queue, or another function.

Function Compute 3.0, "Result callback". The platform writes with the function's own role, so a
role that may not, or a record that its queue does not take, leaves nothing behind but the reason
that is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.functioncompute.invocations import Invoked
from localcloud.functioncompute.permissions import Permissions
from localcloud.functioncompute.resources import Destination, Function
from localcloud.functioncompute.template import Deployment
from localcloud.refusals import RefusedError

SEND = "mns:SendMessage"
INVOKE = "fc:InvokeFunction"
EXHAUSTED = "FunctionResourceExhausted"

# Puts a message into a queue; ValueError for one that it does not take.
Send = Callable[[str, str], object]
# Invokes a function asynchronously; `RefusedError` for what is not accepted.
Accept = Callable[[str, bytes], str]


@dataclass(frozen=True, slots=True)
class Finished:
    """An asynchronous invocation that is over. `invoked` None: it never got to run."""

    request_id: str
    function: Function
    payload: bytes
    attempts: int
    invoked: Invoked | None

    @property
    def failed(self) -> bool:
        return self.invoked is None or self.invoked.error_type is not None


class Destinations:
    """Delivers records."""

    def __init__(
        self,
        deployment: Deployment,
        send: Send,
        permissions: Permissions,
        now: Callable[[], float],
    ) -> None:
        self._deployment = deployment
        self._send = send
        self._permissions = permissions
        self._now = now

    def deliver(self, finished: Finished, accept: Accept) -> str | None:
        """Send the record where the function wants it; why it was not sent, if it was not."""
        settings = finished.function.asynchronous
        destination = settings.on_failure if finished.failed else settings.on_success
        if destination is None:
            return None
        action, resource = self._needed(destination)
        if not self._permissions.role_allows(finished.function.role, action, resource):
            return f"the function's role does not allow {action} on {resource}"
        record = self._record(finished)
        try:
            if destination.queue is not None:
                self._send(destination.queue, record.decode())
            else:
                accept(str(destination.function), record)
        except (ValueError, RefusedError) as error:
            return str(error)
        return None

    def _needed(self, destination: Destination) -> tuple[str, str]:
        if destination.queue is not None:
            return SEND, self._permissions.name("mns", f"/queues/{destination.queue}/messages")
        return INVOKE, self._permissions.name("fc", f"functions/{destination.function}")

    def _record(self, finished: Finished) -> bytes:
        there, invoked = self._deployment, finished.invoked
        functions = f"acs:fc:{there.region}:{there.account_id}:functions"
        error = (invoked.error_type or "") if invoked else ""
        record = {
            "timestamp": round(self._now() * 1000),
            "requestContext": {
                "requestId": finished.request_id,
                "functionArn": f"{functions}/{finished.function.name}",
                "condition": EXHAUSTED if invoked is None else error,
                "approximateInvokeCount": finished.attempts,
            },
            "requestPayload": finished.payload.decode(errors="replace"),
            "responseContext": {"statusCode": 200, "functionError": error},
            "responsePayload": invoked.body.decode(errors="replace") if invoked else "",
        }
        return json.dumps(record, ensure_ascii=False).encode()
