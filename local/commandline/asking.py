"""Invokes a function synchronously, so that a person or script sees its answer."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from commandline.connecting import advice_at, credentials_for, settings_of_this_process
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.signing import Acs3Auth
from evermirror.ids import is_instance_id

LONGEST_RUN_S = 300.0
BUSY_TRIES = 60
BUSY_PAUSE_S = 1.0
"""A busy function is asked again after so long, so often: it works on events meanwhile."""

LONGEST_SHOWN = 2000


class AskingError(Exception):
    """Mirror could not be asked, or failed; the message says what it said."""


@dataclass(frozen=True, slots=True)
class FunctionClient:
    """A function at an endpoint, and all that it takes to invoke it."""

    endpoint: str
    name: str
    credentials: Credentials
    now: Callable[[], float]
    nonce: Callable[[], str]
    sleep: Callable[[float], None]

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Mirror's answer, `{"outcomes": [...], "handed_over": N}`; raises AskingError."""
        told = self.invoke(request)
        if not _is_answer(told):
            raise AskingError(f"{self.name} is no mirror: it answers {str(told)[:200]!r}")
        return {"handed_over": 0, **told}

    def invoke(self, payload: Mapping[str, Any]) -> Any:
        """What it answers, as JSON values, or its text if that is no JSON; raises AskingError.

        While its concurrency is spent (429: it was not run), it is asked again, for a minute.
        """
        try:
            with httpx.Client(timeout=LONGEST_RUN_S, trust_env=False) as http:
                answer = self._posted(http, payload)
                for _ in range(BUSY_TRIES):
                    if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                        break
                    self.sleep(BUSY_PAUSE_S)
                    answer = self._posted(http, payload)
        except httpx.InvalidURL as error:
            raise AskingError(f"{self.endpoint} is no address: {error}") from error
        except httpx.RequestError as error:
            raise AskingError(
                f"nothing answers at {self.endpoint} ({type(error).__name__})"
                f"{advice_at(self.endpoint)}"
            ) from error
        return _read(self.name, answer)

    def _posted(self, http: httpx.Client, payload: Mapping[str, Any]) -> httpx.Response:
        name = quote(self.name, safe="")
        return http.post(
            f"{self.endpoint.rstrip('/')}/2023-03-30/functions/{name}/invocations",
            content=json.dumps(payload).encode(),
            headers={"x-acs-action": "InvokeFunction", "x-acs-version": "2023-03-30"},
            auth=Acs3Auth(lambda: self.credentials, self.now, self.nonce),
        )


def function_at(endpoint: str, name: str) -> FunctionClient:
    """The function, with the credentials and the clock of this process."""
    return FunctionClient(
        endpoint,
        name,
        credentials_for(endpoint, settings_of_this_process()),
        time.time,  # noqa: TID251 - an entry point
        lambda: uuid.uuid4().hex,
        time.sleep,  # noqa: TID251 - an entry point
    )


_ADVICE = {
    401: "the credentials are not accepted",
    403: "the credentials are wrong, or lack the permission fc:InvokeFunction",
    404: "there is no such function here; name it with --function",
    429: "it is busy; ask again later",
}


def _read(function: str, answer: httpx.Response) -> Any:
    said = _said(answer)
    if not answer.is_success:
        advice = _ADVICE.get(answer.status_code)
        meaning = f" ({advice})" if advice else ""
        raise AskingError(f"{function}: {answer.status_code}{meaning}: {said}")
    if "x-fc-error-type" in answer.headers:
        raise AskingError(f"{function} failed, {answer.headers['x-fc-error-type']}: {said}")
    try:
        return answer.json()
    except ValueError:
        return said


def _said(answer: httpx.Response) -> str:
    """What it answers; of an error only its sentence, without a stack or ids.

    A function's error has its sentence in `errorMessage`, one of the platform in `ErrorMessage`
    (2016-08-15) or `Message` (2023-03-30).
    """
    text = answer.text.strip()
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    sentences = (told.get(key) for key in _SENTENCES) if isinstance(told, dict) else ()
    found = next((one for one in sentences if isinstance(one, str) and one), text)
    return found[:LONGEST_SHOWN]


_SENTENCES = ("errorMessage", "ErrorMessage", "Message")
_KEYS = {
    "outcome",
    "network_interface_id",
    "instance_id",
    "session_id",
    "rule",
    "reason",
    "remedy",
    "attached_to_mirrored_s",
}
"""What an outcome must have to be shown."""


def _is_answer(told: object) -> bool:
    if not isinstance(told, dict) or not isinstance(told.get("outcomes"), list):
        return False
    if not isinstance(told.get("handed_over", 0), int):
        return False
    return all(isinstance(one, dict) and one.keys() >= _KEYS for one in told["outcomes"])


def requests_for(ids: Sequence[str], *, dry_run: bool, reason: str) -> list[dict[str, Any]]:
    """A request for the interfaces and one for the instances, as a request takes one kind.

    The cause of each will be the invocation's own request id.
    """
    kinds = {
        "network_interface_ids": [one for one in ids if not is_instance_id(one)],
        "instance_ids": [one for one in ids if is_instance_id(one)],
    }
    return [
        {"request": 1, "reason": reason, "dry_run": dry_run, kind: named}
        for kind, named in kinds.items()
        if named
    ]


def joined(answers: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The answers of several requests as one; what only one has, as it has it."""
    asked = list(answers)
    together: dict[str, Any] = {}
    for one in asked:
        together |= one
    return {
        **together,
        "outcomes": [outcome for one in asked for outcome in one["outcomes"]],
        "handed_over": sum(one["handed_over"] for one in asked),
    }
