"""One InvokeFunction as a value, read from either of the two APIs that offer it.

FC 3.0: InvokeFunction 2023-03-30. FC 2.0: InvokeFunction 2016-08-15, by service and function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from localcloud.messages import Request
from localcloud.refusals import RefusedError

# The functions of a template have no service; on the older API they answer under this one.
SERVICE = "evermirror"
_CURRENT = re.compile(r"/2023-03-30/functions/([^/]+)/invocations")
_FORMER = re.compile(r"/2016-08-15/services/([^/.]+)(?:\.([^/]+))?/functions/([^/]+)/invocations")


@dataclass(frozen=True, slots=True)
class Call:
    """Invoke this function with this payload; `task_id` makes repeats harmless."""

    function: str
    payload: bytes
    asynchronous: bool = False
    task_id: str | None = None
    tail: bool = False
    former: bool = False

    @property
    def relative_id(self) -> str:
        """The function in its resource's name, as each of the two APIs writes it."""
        if not self.former:
            return f"functions/{self.function}"
        return f"services/{SERVICE}.LATEST/functions/{self.function}"


def read_call(request: Request) -> Call | None:
    """The call a request makes; None where it is for no invocation address.

    `RefusedError` for what the address or its headers ask and nobody here can give.
    """
    current, former = _CURRENT.fullmatch(request.path), _FORMER.fullmatch(request.path)
    if current is None and former is None:
        return None
    if request.method != "POST":
        sentence = f"'{request.method}' against '{request.path}' is not supported"
        raise RefusedError("PathNotSupported", 400, sentence)
    if current is not None:
        _check_qualifier(dict(request.query).get("qualifier"))
        return _call(request, unquote(current[1]), "x-fc-async-task-id", former=False)
    service, qualifier, function = former.groups() if former is not None else ("", "", "")
    if service != SERVICE:
        raise RefusedError("ServiceNotFound", 404, f"service '{service}' does not exist")
    _check_qualifier(qualifier)
    return _call(request, function, "x-fc-stateful-async-invocation-id", former=True)


def _check_qualifier(qualifier: str | None) -> None:
    if qualifier not in {None, "", "LATEST"}:
        raise RefusedError("AliasNotFound", 404, f"alias '{qualifier}' does not exist")


def _call(request: Request, function: str, task_header: str, *, former: bool) -> Call:
    kind = request.headers.get("x-fc-invocation-type", "Sync")
    if kind not in {"Sync", "Async"}:
        raise RefusedError("InvalidArgument", 400, f"invalid invocation type '{kind}'")
    return Call(
        function=function,
        payload=request.body,
        asynchronous=kind == "Async",
        task_id=request.headers.get(task_header),
        tail=request.headers.get("x-fc-log-type") == "Tail",
        former=former,
    )
