"""The log as functions find it: the root logger's form, and lines around each invocation.

Function Compute, "Logs": `2026-01-01T00:00:00.000Z <request id> [INFO] text`; print goes out raw.
"""

from __future__ import annotations

import logging
import sys
import time

LOG_RECORD_LIMIT = 128 * 1024


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

    def start(self, phase: str, request_id: str) -> None:
        self.request_id = request_id
        self._line(f"FC {phase} Start RequestId: {request_id}")

    def end(self, phase: str, *, failed: bool) -> None:
        suffix = ", Error: Unhandled function error" if failed else ""
        sys.stderr.flush()
        self._line(f"FC {phase} End RequestId: {self.request_id}{suffix}")

    def _line(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
