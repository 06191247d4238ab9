"""From the bytes of an event to the bytes of an answer, and nothing else gets out.

What is cheap and what keeps strangers out comes first: size, then signature over the raw bytes,
and only then is a body read.
"""

from __future__ import annotations

from collections.abc import Callable

from evermirror.errors import SettingsError
from evermirror.log import Log
from evermirror.values import dataclass
from evermirror.webhook import exchange
from evermirror.webhook.api import JSON, Api, needs_signature
from evermirror.webhook.asking import not_configured
from evermirror.webhook.exchange import HttpAnswer, HttpRequest
from evermirror.webhook.problems import (
    INTERNAL,
    TOO_LARGE,
    UNSUPPORTED,
    ProblemError,
)
from evermirror.webhook.signature import Secrets

LARGEST_BODY = 64 * 1024
LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Door:
    """Answers events of an HTTP trigger. `now` gives seconds since the epoch."""

    api: Api
    secrets: Secrets
    log: Log
    now: Callable[[], float]

    def answer(self, event: bytes) -> str:
        """The answer to any bytes whatever; never raises."""
        try:
            request = exchange.read(event)
        except ProblemError as problem:
            self.log.error("not an HTTP event", problem=problem.detail)
            return exchange.written(exchange.refusal(problem))
        answer = self._answered(request)
        self.log.invocation(
            method=request.method[:LONGEST_SHOWN],
            path=request.path[:LONGEST_SHOWN],
            status=answer.status,
            webhook_id=request.headers.get("webhook-id", "")[:LONGEST_SHOWN] or None,
        )
        return exchange.written(answer)

    def _answered(self, request: HttpRequest) -> HttpAnswer:
        try:
            return self.api.answer(request, self._admitted(request))
        except ProblemError as problem:
            self.log.warning("refused", problem=str(problem), because=_because(problem))
            return exchange.refusal(problem)
        except SettingsError as error:
            self.log.error("not configured", problem=str(error))
            return exchange.refusal(not_configured())
        except Exception as error:  # noqa: BLE001 - a traceback must not reach a stranger
            self.log.error("failed", problem=f"{type(error).__name__}: {error}")
            return exchange.refusal(ProblemError(INTERNAL, "The function's log says more."))

    def _admitted(self, request: HttpRequest) -> str | None:
        """The webhook-id of a request that may act; None where the path acts on nothing."""
        if not needs_signature(request):
            return None
        if len(request.body) > LARGEST_BODY:
            raise ProblemError(TOO_LARGE, f"At most {LARGEST_BODY} bytes.")
        webhook_id = self.secrets.verify(request.headers, request.body, self.now())
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != JSON:
            raise ProblemError(UNSUPPORTED, f"content-type must be {JSON}.")
        return webhook_id


def _because(problem: ProblemError) -> str | None:
    return None if problem.__cause__ is None else str(problem.__cause__)
