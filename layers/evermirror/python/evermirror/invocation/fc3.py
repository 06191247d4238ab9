"""Invokes functions of Function Compute 3.0 with the signature the other APIs use too.

Source: FC API 2023-03-30, InvokeFunction.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import httpx

from evermirror.invocation.arn import parse
from evermirror.invocation.port import ACCEPTED, ALREADY_ACCEPTED, InvocationError, check

VERSION = "2023-03-30"


class Fc3Invoker:
    """An Invoker over httpx. `endpoint` gives the base address for an account id and a region."""

    def __init__(
        self, http: httpx.Client, auth: httpx.Auth, endpoint: Callable[[str, str], str]
    ) -> None:
        self._http = http
        self._auth = auth
        self._endpoint = endpoint

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        check(payload, deduplication_id)
        arn = parse(function_arn)
        # Spelled as the official client spells it: a dollar sign in a name is %24 on the wire.
        path = f"/{VERSION}/functions/{quote(arn.function, safe='')}/invocations"
        try:
            response = self._http.post(
                f"{self._endpoint(arn.account_id, arn.region).rstrip('/')}{path}",
                params={"qualifier": arn.qualifier} if arn.qualifier else None,
                content=payload,
                headers={
                    "accept": "application/json",
                    "content-type": "application/octet-stream",
                    "x-acs-action": "InvokeFunction",
                    "x-acs-version": VERSION,
                    "x-fc-invocation-type": "Async",
                    "x-fc-async-task-id": deduplication_id,
                },
                auth=self._auth,
            )
        except httpx.RequestError as error:
            raise InvocationError(f"{arn.function}: {type(error).__name__}") from error
        if response.status_code not in {ACCEPTED, ALREADY_ACCEPTED}:
            raise InvocationError(
                f"{arn.function}: Function Compute answered {response.status_code}",
                response.status_code,
            )
