"""The fence around `aliyun-fc2`: importing this module imports that package, and tames it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import fc2
import requests
from fc2 import auth, client

from evermirror.invocation.port import ACCEPTED, ALREADY_ACCEPTED, ANSWERED, InvocationError

# On every error the package writes all request headers, security token and authorization
# included, to the root logger, and at DEBUG the string to sign. Its two modules are given a
# logger of their own that is switched off; everybody else's logging stays as it is.
_silent = logging.Logger("aliyun-fc2, fenced")  # noqa: LOG001 - outside the tree on purpose
_silent.disabled = True
client.logging = auth.logging = _silent


KNOWN = "x-evermirror-known"
"""A header of our own: of an answer, the package hands on the headers and no status."""


class FencedClient(fc2.Client):  # type: ignore[misc] # the package ships no types
    """`aliyun-fc2` builds and signs the request; sending it and reading the answer is ours."""

    def invoke_asynchronously(
        self,
        service: str,
        function: str,
        qualifier: str | None,
        payload: bytes,
        deduplication_id: str,
    ) -> bool:
        """Whether the platform took it now, and not under this id before.

        Raises InvocationError, whatever the package and what is under it raise.
        """
        headers = {
            "x-fc-invocation-type": "Async",
            "x-fc-stateful-async-invocation-id": deduplication_id,
        }
        answer = self._invoked(service, function, qualifier, payload, headers)
        return KNOWN not in answer.headers

    def invoke_synchronously(
        self, service: str, function: str, qualifier: str | None, payload: bytes
    ) -> bytes:
        """Returns what the function answers; raises InvocationError where it fails, too."""
        headers = {"x-fc-invocation-type": "Sync"}
        answer: bytes = self._invoked(service, function, qualifier, payload, headers).data
        return answer

    def _invoked(
        self,
        service: str,
        function: str,
        qualifier: str | None,
        payload: bytes,
        headers: dict[str, str],
    ) -> fc2.FcHttpResponse:
        try:
            return self.invoke_function(service, function, payload, headers, qualifier)
        # The causes hold request headers and echoes of them: only their kind is told.
        except (fc2.FcError, requests.RequestException, ValueError, TypeError) as error:
            raise InvocationError(f"{function}: {type(error).__name__}") from None

    def _do_request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> requests.Response:
        """One attempt, no proxy, no .netrc, no log; the package's own does five and logs."""
        with requests.Session() as session:
            session.trust_env = False
            response = session.request(
                method,
                f"{self.endpoint}{path}",
                headers=dict(headers),
                params=params,
                data=body,
                timeout=self.timeout,
                allow_redirects=False,
            )
        waited = headers.get("x-fc-invocation-type") == "Sync"
        if response.status_code not in ({ANSWERED} if waited else {ACCEPTED, ALREADY_ACCEPTED}):
            raise InvocationError(
                f"Function Compute answered {response.status_code}", response.status_code
            )
        if response.status_code == ALREADY_ACCEPTED:
            # It may carry the type of an error, which the package would raise.
            response.headers.pop("x-fc-error-type", None)
            response.headers[KNOWN] = "true"
        return response
