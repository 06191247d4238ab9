"""An HTTP request read as an RPC call: which action of which version, with which parameters.

Signature version 3 names action and version in headers, version 1 among the parameters.
Parameters are in the query, in a form body, or in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.messages import Request, decoded
from localcloud.refusals import refused

_FORM = "application/x-www-form-urlencoded"
_COMMON = frozenset(
    {"Action", "Version", "Format", "AccessKeyId", "SecurityToken", "Signature", "Timestamp"}
    | {"SignatureMethod", "SignatureVersion", "SignatureNonce", "SignatureType"}
)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as far as it can be read before anything is checked."""

    request: Request
    action: str
    version: str
    parameters: Mapping[str, str]

    @property
    def host(self) -> str:
        return self.request.headers.get("host", "")


def read_call(request: Request) -> Call:
    """The call in a request; whatever is missing is an empty text."""
    everything = dict(request.query)
    content_type = request.headers.get("content-type", "")
    if request.body and content_type.partition(";")[0].strip().lower() == _FORM:
        everything.update(decoded(request.body.decode("utf-8", "replace")))
    own = {name: value for name, value in everything.items() if name not in _COMMON}
    return Call(
        request=request,
        action=request.headers.get("x-acs-action") or everything.get("Action", ""),
        version=request.headers.get("x-acs-version") or everything.get("Version", ""),
        parameters=own,
    )


def check_method(request: Request) -> None:
    """The API is called by GET or POST."""
    if request.method not in {"GET", "POST"}:
        raise refused("UnsupportedHTTPMethod", request.method)
