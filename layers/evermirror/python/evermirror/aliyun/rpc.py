"""One HTTP call to an RPC-style API, because only here is it known how an answer can be in doubt.

It never retries: whether to repeat, and under which ClientToken, is the engine's decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.refusals import refused
from evermirror.errors import StopError
from evermirror.results import (
    About,
    AbsentError,
    Answered,
    Kind,
    ReadError,
    Refused,
    Unknown,
)

CONNECT_S = 5.0
READ_S = 10.0
WHOLE_ANSWER_S = 20.0
LONGEST_ANSWER = 32 * 1024 * 1024


class Product(NamedTuple):
    """A cloud product, by the name in its endpoints and the version of its API."""

    name: str
    version: str


class Reply(NamedTuple):
    """What came back whole: HTTP status, body, and the service's hint when to call again."""

    status: int
    content: bytes
    retry_after_s: float | None = None


WIRE = ConfigDict(extra="ignore", coerce_numbers_to_str=True)
"""For what is inside an answer: unknown keys ignored, numbers read as text."""


class Wire(BaseModel):
    """What the cloud sends: names in PascalCase, unknown keys ignored, numbers read as text."""

    model_config = ConfigDict(
        extra="ignore",
        alias_generator=to_pascal,
        coerce_numbers_to_str=True,
        frozen=True,
        # A shape is built when its first answer comes, not by every cold start.
        defer_build=True,
    )


class Answer(Wire):
    """Every answer carries a request id; a body without one is not the service speaking."""

    request_id: str


class ErrorAnswer(Wire):
    code: str = Field(min_length=1)
    message: str | None = None
    request_id: str | None = None


Body = TypeVar("Body", bound=Answer)


def open_http(connections: int = 10, *, verify: bool = True) -> httpx.Client:
    """A client for the cloud: bounded waits, no proxy or .netrc from the environment.

    `verify=False` spares loading the certificate store where only plain http is spoken.
    """
    return httpx.Client(
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        trust_env=False,
        verify=verify,
    )


class Rpc:
    """Calls actions of one region; safe to share by threads.

    `endpoint` gives a product's base address and `clock` seconds that never go back. Parameters
    travel in the query of a POST with an empty body, as the official clients send them.
    """

    def __init__(
        self,
        http: httpx.Client,
        endpoint: Callable[[str], str],
        auth: httpx.Auth,
        region: str,
        budget: Budget,
        clock: Callable[[], float],
    ) -> None:
        self._http = http
        self._endpoint = endpoint
        self._auth = auth
        self._region = region
        self._budget = budget
        self._clock = clock

    def call(
        self, product: Product, action: str, parameters: Mapping[str, str], shape: type[Body]
    ) -> Answered[Body] | Refused | Unknown:
        """Call once; RegionId is added. Never raises for anything that the network does."""
        self._budget.spend()
        try:
            reply = self._exchange(product, action, parameters)
        except httpx.TimeoutException:
            return Unknown("timed_out")
        except httpx.ConnectError:
            return Unknown("connection_failed")
        except httpx.RequestError:
            return Unknown("cut_short")
        if isinstance(reply, Unknown):
            return reply
        if reply.retry_after_s is not None:
            self._budget.hold(reply.retry_after_s)
        return judge(action, reply, shape)

    def awaits_turn(self) -> None:
        """Wait until a call may leave, so that what is read has the age that the clock says now."""
        self._budget.awaits_turn()

    def takes_turn(self, within_s: float) -> bool:
        """Wait until a call may leave, if that is within so many seconds; the next call then does.

        Says whether it may. For a call that must not leave late: waiting for the budget comes
        before the last look at the clock.
        """
        return self._budget.takes_turn(within_s)

    def turns_within(self, seconds: float) -> int:
        """How many calls could leave in so many seconds from now."""
        return self._budget.turns_within(seconds)

    def leaves_turn(self) -> None:
        """Give a turn back that was taken for a call that is not made."""
        self._budget.leaves_turn()

    def read(
        self, product: Product, action: str, parameters: Mapping[str, str], shape: type[Body]
    ) -> Body:
        """Call an action that changes nothing, and return its whole answer.

        Raises ReadError when reading again may help, AbsentError when the thing named in the
        parameters is not there, StopError when nobody would get another answer.
        """
        answer = self.call(product, action, parameters, shape)
        if isinstance(answer, Answered):
            return answer.body
        if isinstance(answer, Unknown):
            raise ReadError(answer.reason, answer.retry_after_s)
        if answer.about is About.INTERFACE:
            raise AbsentError(answer.code, answer.retry_after_s)
        if answer.kind is Kind.WAIT:
            raise ReadError(answer.code, answer.retry_after_s)
        raise StopError(answer.code, answer.message, answer.remedy)

    def _exchange(
        self, product: Product, action: str, parameters: Mapping[str, str]
    ) -> Reply | Unknown:
        deadline = self._clock() + WHOLE_ANSWER_S
        request = self._http.stream(
            "POST",
            f"{self._endpoint(product.name)}/",
            params={"RegionId": self._region, **parameters},
            headers={
                "accept": "application/json",
                "x-acs-action": action,
                "x-acs-version": product.version,
            },
            auth=self._auth,
        )
        with request as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LONGEST_ANSWER:
                    return Unknown("too_long")
                if self._clock() > deadline:
                    return Unknown("timed_out")
        hint = retry_after_s(response.headers.get("x-acs-retry-after"))
        return Reply(response.status_code, bytes(content), hint)


def judge(action: str, reply: Reply, shape: type[Body]) -> Answered[Body] | Refused | Unknown:
    """Decide what an answer says; one that does not say it plainly says nothing."""
    hint = reply.retry_after_s
    if reply.status >= 500:
        return Unknown("server_error", hint)
    try:
        if 200 <= reply.status < 300:
            return Answered(shape.model_validate_json(reply.content))
        if reply.status >= 400:
            error = ErrorAnswer.model_validate_json(reply.content)
            about = error.code, error.message or "", error.request_id
            return refused(action, reply.status, *about, hint)
    except ValidationError:
        return Unknown("unreadable_answer", hint)
    return Unknown("unexpected_status", hint)


def retry_after_s(header: str | None) -> float | None:
    """The throttle hint `x-acs-retry-after`, which is in milliseconds, in seconds."""
    if header and header.isascii() and header.isdigit() and len(header) <= 9:
        return int(header) / 1000
    return None


def numbered(name: str, values: Sequence[str]) -> dict[str, str]:
    """A list as the RPC style spells it: `Name.1`, `Name.2`, and so on."""
    return {f"{name}.{number}": value for number, value in enumerate(values, start=1)}
