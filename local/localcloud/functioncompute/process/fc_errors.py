"""What a failed function says: message, type and trace, without the platform's own frames."""

from __future__ import annotations

import json
import traceback

HERE = __file__.rpartition("/")[0]


class LoadError(Exception):
    """The handler cannot be loaded."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace


def frames_of(error: BaseException) -> list[list[str]]:
    """The trace from the function's first frame on."""
    return [
        [f'File "{one.filename}"', f"line {one.lineno}", f"in {one.name}", one.line or ""]
        for one in traceback.extract_tb(error.__traceback__)
        if not one.filename.startswith((HERE, "<frozen"))
    ]


def error_body(error: BaseException) -> bytes:
    """The body of a function error."""
    body: dict[str, object] = {"errorMessage": message_of(error), "errorType": type(error).__name__}
    if not isinstance(error, LoadError):
        body["stackTrace"] = frames_of(error)
    else:
        body["errorType"] = error.kind
        if error.trace is not None:
            body["stackTrace"] = error.trace
    return json.dumps(body, indent=4).encode()


def message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a function's own exception may do anything
        return f"{type(error).__name__} cannot be shown as text"
