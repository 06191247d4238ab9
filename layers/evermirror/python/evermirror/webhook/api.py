"""Paths, methods and bodies: what Powertools' event handler routes and validates.

Powertools validates before its middlewares run, so who signed a request is settled before it is
given one, and travels along as `webhook_id`; without it the only path that does anything refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from evermirror.events.json_text import UnreadableError, decode, flaw
from evermirror.webhook.asking import Accepted, Asking, MirrorRequest
from evermirror.webhook.exchange import HttpAnswer, HttpRequest
from evermirror.webhook.problems import (
    INVALID,
    METHOD_NOT_ALLOWED,
    MOST_ERRORS,
    NOT_FOUND,
    UNAUTHORIZED,
    UNREADABLE,
    FieldError,
    ProblemError,
)

JSON = "application/json"
MIRROR, HEALTH, OPENAPI = "/mirror", "/health", "/openapi.json"
METHODS: Mapping[str, str] = {MIRROR: "POST", HEALTH: "GET", OPENAPI: "GET"}
LONGEST_POINTER = 200

_NO_CONTEXT = LambdaContext()
_OBJECT = "must be an object"
_SENTENCES = {
    # Only a body that is null is missing.
    "missing": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "extra_forbidden": "is no key of a request",
}
"""Where pydantic's own words are about Python."""


class Health(BaseModel):
    """The webhook is set up and takes requests; mirror itself is not asked."""

    status: Literal["ok"] = "ok"


class Api:
    """The webhook's paths over the use case."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._app = APIGatewayHttpResolver(
            enable_validation=True, debug=False, json_body_deserializer=_strictly
        )
        self._app.post(MIRROR, operation_id="mirror", responses=_json(202, Accepted))(self._mirror)
        self._app.get(HEALTH, operation_id="health", responses=_json(200, Health))(_health)
        self._app.get(OPENAPI, operation_id="openapi", responses=_json(200, dict))(self._openapi)
        self._app.not_found(self._nowhere)
        self._app.exception_handler(RequestValidationError)(_invalid)
        self._app.exception_handler(Exception)(_raised)

    def answer(self, request: HttpRequest, webhook_id: str | None) -> HttpAnswer:
        """Answers a request; `webhook_id` is that of a verified one, None for any other.

        Raises ProblemError for every other answer, and SettingsError where the environment is
        wrong.
        """
        body = ""
        if webhook_id is not None:
            self._app.context["webhook_id"] = webhook_id
            body = _text(request.body)
        answer = self._app.resolve(_as_powertools_reads_it(request, body), _NO_CONTEXT)
        return HttpAnswer(answer["statusCode"], answer["headers"], answer["body"])

    @cached_property
    def document(self) -> str:
        """The OpenAPI document of these paths, as JSON."""
        # Describing the API takes longer than answering it, and is rarely asked for.
        from evermirror.webhook.description import described  # noqa: PLC0415

        return described(self._app)

    def _mirror(self, request: Annotated[MirrorRequest, Body()]) -> Response[str]:
        webhook_id = self._app.context.get("webhook_id")
        if webhook_id is None:
            raise ProblemError(UNAUTHORIZED, "The request is not signed.")
        accepted = self._asking.ask(webhook_id, request)
        return Response(202, JSON, accepted.model_dump_json())

    def _openapi(self) -> Response[str]:
        return Response(200, JSON, self.document)

    def _nowhere(self, _error: NotFoundError) -> Response[str]:
        allowed = METHODS.get(self._app.current_event.path)
        if allowed is None:
            raise ProblemError(NOT_FOUND, f"There are {', '.join(METHODS)}.")
        raise ProblemError(METHOD_NOT_ALLOWED, f"Use {allowed}.", headers={"allow": allowed})


def needs_signature(request: HttpRequest) -> bool:
    """Whether this may act, by the same loose match as Powertools' (any case, a newline more)."""
    method, path = request.method.upper(), request.path.removesuffix("\n")
    return (method, path) == (METHODS[MIRROR], MIRROR)


def _health() -> Response[str]:
    return Response(200, JSON, Health().model_dump_json())


def _json(status: int, model: type) -> dict[int, OpenAPIResponse]:
    return {status: {"description": "", "content": {JSON: {"model": model}}}}


def _raised(error: Exception) -> Response[str]:
    # Powertools would write a traceback to the log of every refusal.
    raise error


def _as_powertools_reads_it(request: HttpRequest, body: str) -> dict[str, Any]:
    """The event of another cloud's HTTP API, whose form 2.0 is closest to that of this one."""
    return {
        "version": "2.0",
        "rawPath": request.path,
        "rawQueryString": "",
        "headers": {"content-type": JSON},
        "queryStringParameters": {},
        "requestContext": {
            "stage": "$default",
            "http": {"method": request.method, "path": request.path},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def _text(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ProblemError(UNREADABLE, f"The body is not UTF-8 (at byte {error.start}).") from None
    if not text:
        raise ProblemError(UNREADABLE, "The body is empty.")
    return text


def _strictly(text: str) -> Any:
    try:
        value = decode(text)
    except UnreadableError as error:
        raise ProblemError(UNREADABLE, f"The body {error}.") from None
    problem = flaw(value)
    if problem is not None:
        raise ProblemError(UNREADABLE, f"The body {problem}.")
    if isinstance(value, list):
        # Powertools would take the only element of a list for the body.
        raise _refusal([FieldError(pointer="#", detail=_SENTENCES["model_attributes_type"])])
    return value


def _invalid(error: RequestValidationError) -> Response[str]:
    found = [
        FieldError(pointer=_pointer(one["loc"]), detail=_sentence(one["type"], one["msg"]))
        for one in error.errors()
    ]
    raise _refusal(found)


def _refusal(found: list[FieldError]) -> ProblemError:
    wrong = "field is" if len(found) == 1 else "fields are"
    detail = f"{len(found)} {wrong} wrong; nothing was done."
    return ProblemError(INVALID, detail, found[:MOST_ERRORS])


def _sentence(kind: str, message: str) -> str:
    return _SENTENCES.get(kind, f"{message[:1].lower()}{message[1:]}")


def _pointer(location: Sequence[str | int]) -> str:
    """Where in the body (RFC 6901, as a URI fragment); cut where a caller's own key is long."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in location[1:])
    return f"#{''.join(f'/{quote(step)}' for step in steps)}"[:LONGEST_POINTER]
