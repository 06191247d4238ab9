"""Invokes functions of Function Compute 3.0 with the signature the other APIs use too.

Source: FC API 2023-03-30, InvokeFunction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

import httpx

from evermirror.invocation.arn import parse
from evermirror.invocation.bounded import within
from evermirror.invocation.port import (
    ACCEPTED,
    ALREADY_ACCEPTED,
    ANSWERED,
    InvocationError,
    check,
)

VERSION = "2023-03-30"


class Fc3Invoker:
    """A Client over httpx. `endpoint` gives the base address for an account id and a region."""

    def __init__(
        self, http: httpx.Client, auth: httpx.Auth, endpoint: Callable[[str, str], str]
    ) -> None:
        self._http = http
        self._auth = auth
        self._endpoint = endpoint

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> bool:
        check(payload, deduplication_id)
        how = {"x-fc-invocation-type": "Async", "x-fc-async-task-id": deduplication_id}
        response = self._post(function_arn, payload, how)
        _expect(response, function_arn, ACCEPTED, ALREADY_ACCEPTED)
        return response.status_code == ACCEPTED

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        how = {"x-fc-invocation-type": "Sync"}
        function = parse(function_arn).function
        response = within(
            limit_s, lambda: self._post(function_arn, payload, how, limit_s), function
        )
        _expect(response, function_arn, ANSWERED)
        failed = response.headers.get("x-fc-error-type")
        if failed:
            raise InvocationError(f"{function} failed: {failed[:100]}")
        return response.content

    def _post(
        self,
        function_arn: str,
        payload: bytes,
        how: Mapping[str, str],
        limit_s: float | None = None,
    ) -> httpx.Response:
        arn = parse(function_arn)
        # Spelled as the official client spells it: a dollar sign in a name is %24 on the wire.
        path = f"/{VERSION}/functions/{quote(arn.function, safe='')}/invocations"
        try:
            return self._http.post(
                f"{self._endpoint(arn.account_id, arn.region).rstrip('/')}{path}",
                params={"qualifier": arn.qualifier} if arn.qualifier else None,
                content=payload,
                headers={
                    "accept": "application/json",
                    "content-type": "application/octet-stream",
                    "x-acs-action": "InvokeFunction",
                    "x-acs-version": VERSION,
                    **how,
                },
                auth=self._auth,
                timeout=httpx.USE_CLIENT_DEFAULT if limit_s is None else limit_s,
            )
        except httpx.RequestError as error:
            raise InvocationError(f"{arn.function}: {type(error).__name__}") from error


def _expect(response: httpx.Response, function_arn: str, *statuses: int) -> None:
    status = response.status_code
    if status not in statuses:
        function = parse(function_arn).function
        raise InvocationError(f"{function}: Function Compute answered {status}", status)
