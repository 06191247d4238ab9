"""Invokes functions of Function Compute 2.0 through `aliyun-fc2`, with a fence around it.

The package logs credentials on every error, tries a dead endpoint for 30 seconds, reads proxies
and .netrc from the environment and raises errors of three kinds. Nothing of that gets out of
here. Source of the call: FC API 2016-08-15, InvokeFunction.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import SettingsError
from evermirror.invocation.arn import FunctionArn, parse
from evermirror.invocation.port import InvocationError, check

if TYPE_CHECKING:
    from evermirror.invocation.fc2_fence import FencedClient

DEFAULT_LIMIT_S = 10.0


class Fc2Invoker:
    """An Invoker over `aliyun-fc2`, which is imported by the first call and not before.

    `endpoint` gives the base address for an account id and a region. A call never takes longer
    than `limit_s`, whatever name servers and endpoints do.
    """

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        endpoint: Callable[[str, str], str],
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        self._limit_s = limit_s

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        check(payload, deduplication_id)
        arn = parse(function_arn)
        if arn.service is None:
            raise SettingsError(f"{function_arn!r} names no service: not Function Compute 2.0")
        client = self._client(arn)
        service = arn.service

        def call() -> None:
            client.invoke_asynchronously(
                service, arn.function, arn.qualifier, payload, deduplication_id
            )

        _within(self._limit_s, call, arn.function)

    def _client(self, arn: FunctionArn) -> FencedClient:
        # Importing costs 0.1 s, which only those pay who have a function of that generation.
        from evermirror.invocation.fc2_fence import FencedClient  # noqa: PLC0415

        credentials = self._credentials()
        return FencedClient(
            # The package takes the text after the scheme for the Host header, slash and all.
            endpoint=self._endpoint(arn.account_id, arn.region).rstrip("/"),
            accessKeyID=credentials.access_key_id,
            accessKeySecret=credentials.access_key_secret,
            securityToken=credentials.security_token or "",
            Timeout=self._limit_s,
        )


def _within(limit_s: float, call: Callable[[], None], name: str) -> None:
    """Run `call`, but wait no longer: looking up a name has no time limit of its own."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - carried over to the thread that waits
            failures.append(error)

    thread = Thread(target=run, name="invocation", daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        raise InvocationError(f"{name}: no answer within {limit_s:g} s")
    if failures:
        raise failures[0]
