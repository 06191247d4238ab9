"""Invokes functions of Function Compute 2.0 through `aliyun-fc2`, with a fence around it.

The package logs credentials on every error, tries a dead endpoint for 30 seconds, reads proxies
and .netrc from the environment and raises errors of three kinds. Nothing of that gets out of
here. Source of the call: FC API 2016-08-15, InvokeFunction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import SettingsError
from evermirror.invocation.arn import FunctionArn, parse
from evermirror.invocation.bounded import within
from evermirror.invocation.port import check

if TYPE_CHECKING:
    from evermirror.invocation.fc2_fence import FencedClient

DEFAULT_LIMIT_S = 10.0


class Fc2Invoker:
    """A Client over `aliyun-fc2`, which is imported by the first call and not before.

    `endpoint` gives the base address for an account id and a region. A call that does not wait
    for the function never takes longer than `limit_s`, whatever name servers and endpoints do.
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

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> bool:
        check(payload, deduplication_id)
        arn, service = _of_a_service(function_arn)
        client = self._client(arn, self._limit_s)

        def call() -> bool:
            return client.invoke_asynchronously(
                service, arn.function, arn.qualifier, payload, deduplication_id
            )

        return within(self._limit_s, call, arn.function)

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        arn, service = _of_a_service(function_arn)
        client = self._client(arn, limit_s)
        return within(
            limit_s,
            lambda: client.invoke_synchronously(service, arn.function, arn.qualifier, payload),
            arn.function,
        )

    def _client(self, arn: FunctionArn, limit_s: float) -> FencedClient:
        # Importing costs 0.1 s, which only those pay who have a function of that generation.
        from evermirror.invocation.fc2_fence import FencedClient  # noqa: PLC0415

        credentials = self._credentials()
        return FencedClient(
            # The package takes the text after the scheme for the Host header, slash and all.
            endpoint=self._endpoint(arn.account_id, arn.region).rstrip("/"),
            accessKeyID=credentials.access_key_id,
            accessKeySecret=credentials.access_key_secret,
            securityToken=credentials.security_token or "",
            Timeout=limit_s,
        )


def _of_a_service(function_arn: str) -> tuple[FunctionArn, str]:
    arn = parse(function_arn)
    if arn.service is None:
        raise SettingsError(f"{function_arn!r} names no service: not Function Compute 2.0")
    return arn, arn.service
