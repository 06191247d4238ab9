"""Who calls a function, by either signature, whether he may, and how a refusal looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from localcloud.api.signature import Acs3Verifier, Verifier
from localcloud.credentials import Caller, Key, Keyring
from localcloud.functioncompute.call import Call
from localcloud.functioncompute.permissions import Permissions
from localcloud.functioncompute.signature import FcVerifier
from localcloud.messages import Request, Response
from localcloud.refusals import RefusedError

INVOKE = "fc:InvokeFunction"
# The gateway of the RPC APIs and Function Compute name the same refusals differently.
_RENAMED: Mapping[str, tuple[str, int]] = {
    "SignatureDoesNotMatch": ("SignatureNotMatch", 403),
    "InvalidAccessKeyId.NotFound": ("InvalidAccessKeyID", 403),
    "MissingParameter": ("MissingRequiredHeader", 400),
}


class Callers:
    """Checks signatures, dated by the real time `wall` in seconds, and policies of keys."""

    def __init__(
        self, keyring: Keyring, permissions: Permissions, wall: Callable[[], float]
    ) -> None:
        self._keyring = keyring
        self._permissions = permissions
        self._wall = wall
        self._current: Sequence[Verifier] = (Acs3Verifier(),)
        self._former: Sequence[Verifier] = (FcVerifier(),)

    def allowed(self, request: Request, call: Call) -> Caller:
        """Who makes a call; `RefusedError` for one not signed as its API wants, or not allowed."""
        key = self._signed(request, self._former if call.former else self._current)
        name = self._permissions.name("fc", call.relative_id)
        if not self._permissions.allows(key.policy, key.principal, INVOKE, name):
            sentence = f"the caller has no permission of {INVOKE} on the resource '{name}'"
            raise RefusedError("AccessDenied", 403, sentence)
        return key.caller

    def known_either_way(self, request: Request) -> Caller:
        """Who signed, where both signatures are good: HTTP triggers."""
        return self._signed(request, (*self._current, *self._former)).caller

    def _signed(self, request: Request, verifiers: Sequence[Verifier]) -> Key:
        for verifier in verifiers:
            if verifier.recognises(request):
                try:
                    return verifier.verify(request, self._keyring.find, self._wall())
                except RefusedError as error:
                    code, status = _RENAMED.get(error.code, (error.code, 403))
                    raise RefusedError(code, status, error.message) from None
        sentence = "required HTTP header Authorization was not specified"
        raise RefusedError("MissingRequiredHeader", 400, sentence)


def refused(
    refusal: RefusedError, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal as an answer. Function Compute, "Error codes"."""
    body = {"RequestId": request_id, "ErrorCode": refusal.code, "ErrorMessage": refusal.message}
    shown = {"Content-Type": "application/json", "X-Fc-Request-Id": request_id, **(headers or {})}
    return Response(refusal.status, shown, json.dumps(body).encode())
