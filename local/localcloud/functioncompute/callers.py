"""Who calls a function, by either signature, and how a refusal of Function Compute looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from localcloud.api.signature import Acs3Verifier, Verifier
from localcloud.credentials import Caller, Keyring
from localcloud.functioncompute.signature import FcVerifier
from localcloud.messages import Request, Response
from localcloud.refusals import RefusedError

# The gateway of the RPC APIs and Function Compute name the same refusals differently.
_RENAMED: Mapping[str, tuple[str, int]] = {
    "SignatureDoesNotMatch": ("SignatureNotMatch", 403),
    "InvalidAccessKeyId.NotFound": ("InvalidAccessKeyID", 403),
    "MissingParameter": ("MissingRequiredHeader", 400),
}


class Callers:
    """Checks signatures. `wall` is real time in seconds, which signatures are dated by."""

    def __init__(self, keyring: Keyring, wall: Callable[[], float]) -> None:
        self._keyring = keyring
        self._wall = wall
        self._current: Sequence[Verifier] = (Acs3Verifier(),)
        self._former: Sequence[Verifier] = (FcVerifier(),)

    def known(self, request: Request, *, former: bool) -> Caller:
        """Who signed a call of the current API or the former; `RefusedError` if nobody did."""
        return self._signed(request, self._former if former else self._current)

    def known_either_way(self, request: Request) -> Caller:
        """Who signed, where both signatures are good: HTTP triggers."""
        return self._signed(request, (*self._current, *self._former))

    def _signed(self, request: Request, verifiers: Sequence[Verifier]) -> Caller:
        for verifier in verifiers:
            if verifier.recognises(request):
                try:
                    return verifier.verify(request, self._keyring.find, self._wall()).caller
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
