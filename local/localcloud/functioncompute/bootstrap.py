"""What runs inside an instance's process: the platform's side of a function, in one script.

It is started by path with a bare interpreter (`python -I -S`), so it imports the standard library
only and nothing of the local cloud can be imported by a function. It speaks with its parent over
an inherited socket, because stdout belongs to the function's log. Behaviour after the documented
Python runtime: Function Compute, "Event handlers", "Context", "Error handling", "Logs".
"""

from __future__ import annotations

import datetime as dt
import decimal
import faulthandler
import importlib.machinery
import importlib.util
import json
import logging
import os
import queue
import resource
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from types import ModuleType, SimpleNamespace
from typing import Any

FRAME = struct.Struct("!II")
LOG_RECORD_LIMIT = 128 * 1024
EXIT_ON_SIGTERM = 143


class Parent:
    """The socket to the local cloud. When its other end closes, everything here ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._frames: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Read on a thread of its own, so that a busy function notices a parent that is gone."""
        threading.Thread(target=self._read, name="parent", daemon=True).start()

    def next(self) -> tuple[dict[str, Any], bytes]:
        return self._frames.get()

    def send(self, header: dict[str, Any], body: bytes) -> None:
        head = json.dumps(header).encode()
        self._connection.sendall(FRAME.pack(len(head), len(body)) + head + body)

    def _read(self) -> None:
        stream = self._connection.makefile("rb")
        try:
            while sizes := stream.read(FRAME.size):
                head_size, body_size = FRAME.unpack(sizes)
                header = json.loads(stream.read(head_size))
                self._frames.put((header, stream.read(body_size)))
        except (OSError, struct.error, ValueError):
            pass
        # The whole group, because a function may have started processes of its own.
        os.killpg(os.getpgrp(), signal.SIGKILL)


class FunctionLog(logging.Formatter):
    """The root logger as functions find it, and the lines around each invocation."""

    def __init__(self) -> None:
        super().__init__()
        self.request_id = ""

    def install(self) -> None:
        root = logging.getLogger()
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(self)
        root.addHandler(handler)
        root.setLevel(logging.INFO)

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        line = f"{moment}.{int(record.msecs):03d}Z {self.request_id} [{record.levelname}] {text}"
        return line.encode()[:LOG_RECORD_LIMIT].decode(errors="ignore")

    def start(self, request_id: str) -> None:
        self.request_id = request_id
        self._line(f"FC Invoke Start RequestId: {request_id}")

    def end(self, *, failed: bool) -> None:
        suffix = ", Error: Unhandled function error" if failed else ""
        sys.stderr.flush()
        self._line(f"FC Invoke End RequestId: {self.request_id}{suffix}")

    def _line(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


class FCContext(SimpleNamespace):
    """The second argument of a handler."""

    def getLogger(self) -> logging.Logger:  # noqa: N802 - the platform's name
        self.logger = logging.getLogger()
        return self.logger

    get_logger = getLogger


def context_of(start: dict[str, Any], invocation: dict[str, Any]) -> FCContext:
    """The context in the shape of the runtime: 3.12 dropped what the environment holds."""
    function = dict(start["function"])
    common = {
        "request_id": invocation["request_id"],
        "account_id": start["account_id"],
        "region": start["region"],
        "logger": None,
    }
    logs = {"log_project": start["log_project"], "log_store": start["log_store"]}
    version = {"version_id": "", "qualifier": "LATEST"}
    if start["runtime"] != "python3.10":
        function.update(version)
        return FCContext(**common, **logs, function=SimpleNamespace(**function))
    # The older runtime passes the header on as it came, a string.
    function["timeout"] = str(function["timeout"])
    tracing = {"span_context": "", "jaeger_endpoint": "", "span_baggages": {}}
    return FCContext(
        **common,
        requestId=invocation["request_id"],
        credentials=SimpleNamespace(**start["credentials"]),
        function=SimpleNamespace(**function),
        service=SimpleNamespace(name="", **logs, **version),
        tracing=SimpleNamespace(**tracing),
        retry_count=invocation["retry_count"],
    )


class LoadError(Exception):
    """The handler cannot be loaded."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace


class Loader:
    """Finds the handler; a loaded one is kept as long as the instance lives."""

    def __init__(self, handler: str, code: str) -> None:
        self._handler = handler
        self._code = code
        self._loaded: Any = None

    def handler(self) -> Any:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> Any:
        module_name, dot, function_name = self._handler.rpartition(".")
        if not dot or not module_name or not function_name:
            raise LoadError("InvalidHandleName", f"Invalid handler '{self._handler}'")
        module = self._module(module_name)
        try:
            return getattr(module, function_name)
        except AttributeError:
            raise LoadError(
                "HandlerNotFound",
                f"Handler '{function_name}' is missing on module '{module_name}'",
                [f"AttributeError: module '{module_name}' has no attribute '{function_name}'"],
            ) from None

    def _module(self, name: str) -> ModuleType:
        try:
            return self._executed(name)
        except ImportError as error:
            line = f"{type(error).__name__}: {error}"
            raise LoadError(
                "ImportModuleError", f"Unable to import module '{name}'", [line]
            ) from None
        except SyntaxError as error:
            where = [f'File "{error.filename}"', f"line {error.lineno}", (error.text or "").strip()]
            message = f"Syntax error in module '{name}'"
            raise LoadError("UserCodeSyntaxError", message, where) from None
        except Exception as error:  # noqa: BLE001 - user code may raise whatever it likes
            raise LoadError(
                "UserCodeError",
                f"Module initialization error: {str(error)!r}",
                [line for frame in frames_of(error) for line in frame],
            ) from None

    def _executed(self, name: str) -> ModuleType:
        """Piece by piece and without importing parent packages, as the platform does it."""
        folder = [self._code, *sys.path]
        *parents, last = name.replace("/", ".").split(".")
        for parent in parents:
            folder = [f"{one}/{parent}" for one in folder]
        spec = importlib.machinery.PathFinder.find_spec(last, folder)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"No module named '{name}'")
        module = importlib.util.module_from_spec(spec)
        sys.modules[last] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(last, None)
            raise
        return module


def frames_of(error: BaseException) -> list[list[str]]:
    """The trace without this file's own frames."""
    return [
        [f'File "{one.filename}"', f"line {one.lineno}", f"in {one.name}", one.line or ""]
        for one in traceback.extract_tb(error.__traceback__)
        if one.filename != __file__ and not one.filename.startswith("<frozen")
    ]


def encoded(result: object) -> bytes:
    """What a handler returned, as bytes; TypeError or ValueError for what JSON cannot say."""
    if isinstance(result, (bytes, bytearray)):
        return bytes(result)
    if isinstance(result, str):
        return result.encode()
    if result is None:
        return b"null"
    return json.dumps(result, indent=4, sort_keys=True, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    to_json = getattr(value, "to_json", None)
    if callable(to_json):
        return to_json()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def error_body(error: BaseException) -> bytes:
    """The body of a function error."""
    body: dict[str, object] = {"errorMessage": str(error), "errorType": type(error).__name__}
    if not isinstance(error, LoadError):
        body["stackTrace"] = frames_of(error)
    else:
        body["errorType"] = error.kind
        if error.trace is not None:
            body["stackTrace"] = error.trace
    return json.dumps(body, indent=4).encode()


def invoke(loader: Loader, context: FCContext, event: bytes) -> tuple[bool, bytes]:
    """Whether the invocation failed, and its body. SystemExit ends the process: not caught."""
    try:
        return False, encoded(loader.handler()(event, context))
    except Exception as error:  # noqa: BLE001 - this is what a function error is
        return True, error_body(error)


def search_path(code: str, opt: str) -> list[str]:
    """Where modules come from before the standard library: code, then layers."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [code, f"{opt}/python/lib/python{version}/site-packages", f"{opt}/python"]


def _terminated(_signal: int, _frame: object) -> None:
    faulthandler.dump_traceback(all_threads=True)
    os._exit(EXIT_ON_SIGTERM)


def main(descriptor: int) -> None:
    """Serve invocations, one at a time, until the parent is gone."""
    signal.signal(signal.SIGTERM, _terminated)
    connection = socket.socket(fileno=descriptor)
    connection.set_inheritable(False)
    parent = Parent(connection)
    parent.listen()
    start, _ = parent.next()
    sys.path[:0] = search_path(start["code"], start["opt"])
    log = FunctionLog()
    log.install()
    loader = Loader(start["handler"], start["code"])
    while True:
        invocation, event = parent.next()
        log.start(invocation["request_id"])
        failed, body = invoke(loader, context_of(start, invocation), event)
        log.end(failed=failed)
        memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        parent.send({"failed": failed, "memory_kb": memory_kb}, body)


if __name__ == "__main__":
    main(int(sys.argv[1]))
