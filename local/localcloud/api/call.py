"""An HTTP request read as an RPC call: which action of which version, with which parameters.

Signature version 3 names action and version in headers, version 1 among the parameters.
Parameters are in the query, in a form body, or in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.messages import Request, decoded
from localcloud.refusals import refused

MOST_PARAMETERS = 20_000
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
    wants_xml: bool = False

    @property
    def host(self) -> str:
        return self.request.headers.get("host", "")


def all_parameters(request: Request) -> tuple[tuple[str, str], ...]:
    """Every parameter in the order sent: those of the query, then those of a form body.

    Of a form with far too many nothing is read: `check_form` refuses it.
    """
    if _has_form(request) and not _is_endless(request):
        return request.query + decoded(request.body.decode("utf-8", "replace"))
    return request.query


def _has_form(request: Request) -> bool:
    content_type = request.headers.get("content-type", "")
    return bool(request.body) and content_type.partition(";")[0].strip().lower() == _FORM


def _is_endless(request: Request) -> bool:
    return request.body.count(b"&") >= MOST_PARAMETERS


def read_call(request: Request) -> Call:
    """The call in a request; whatever is missing is an empty text."""
    everything = dict(all_parameters(request))
    own = {name: value for name, value in everything.items() if name not in _COMMON}
    return Call(
        request=request,
        action=request.headers.get("x-acs-action") or everything.get("Action", ""),
        version=request.headers.get("x-acs-version") or everything.get("Version", ""),
        parameters=own,
        wants_xml=_wants_xml(request, everything.get("Format", "")),
    )


def _wants_xml(request: Request, form: str) -> bool:
    """What Format says, or else `accept`; without either, version 1 speaks XML, version 3 JSON."""
    for said in (form, request.headers.get("accept", "")):
        if "json" in said.lower():
            return False
        if "xml" in said.lower():
            return True
    return "x-acs-action" not in request.headers


def check_form(request: Request) -> None:
    """A form has a bounded number of parameters: reading endless ones would keep others waiting."""
    if _has_form(request) and _is_endless(request):
        raise refused("InvalidParameter", f"count is above {MOST_PARAMETERS}")


def check_method(request: Request) -> None:
    """The API is called by GET or POST."""
    if request.method not in {"GET", "POST"}:
        raise refused("UnsupportedHTTPMethod", request.method)
