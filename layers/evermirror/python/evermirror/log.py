"""Log lines as JSON, and the one place that keeps secrets out of them.

Powertools' Logger writes them; it is told nothing of contexts and events, because its own
decorators expect another cloud's. Nobody else imports it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import TextIO

from aws_lambda_powertools import Logger

from evermirror.model import Request

SERVICE = "evermirror"
REDACTED = "***"

SECRET_KEY = re.compile(
    r"secret|password|passwd|credential|authorization|signature|token|access_?key|api_?key|stack_?key|cookie",
    re.IGNORECASE,
)
HARMLESS_KEYS = frozenset({"client_token", "clienttoken", "next_token"})
SECRET_TEXT = re.compile(
    r"ACS3-HMAC-SHA256\s+Credential\S*|\bFC [A-Za-z0-9._-]+:[A-Za-z0-9+/=]{20,}"
    r"|whsec_[A-Za-z0-9+/=]+|\bLTAI[A-Za-z0-9]{8,}|\bSTS\.[A-Za-z0-9._-]{8,}"
    r"|(?i:(?<=[?&])(?:access_token|sign|signature|key)=[^&\s\"]+)"
)
DEEPEST = 8
LONGEST_REASON = 300

TAKEN = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "level",
    "timestamp",
    "service",
}
"""Names that a log line keeps for itself; a field of that name gets an underscore."""


class Log:
    """Writes one line an outcome, one an invocation, and what else a person should hear of.

    Keys bound by `bind` are on every line until the next `bind` or `clear`. The level follows
    POWERTOOLS_LOG_LEVEL, else INFO.
    """

    def __init__(self, stream: TextIO) -> None:
        # Loggers of one name share their stream; one name a stream keeps each its own.
        name = f"{SERVICE}-{id(stream):x}"
        self._logger = Logger(
            service=name,
            stream=stream,
            json_serializer=_line,
            utc=True,
            use_rfc3339=True,
            location=None,
        )
        # The platform's root logger would write every line once more.
        logging.getLogger(name).propagate = False
        self._bound: tuple[str, ...] = ()
        self._logger.append_keys(service=SERVICE)
        # At INFO the HTTP client writes a line with all parameters for every call.
        for library in ("httpx", "httpcore", "urllib3"):
            logging.getLogger(library).setLevel(logging.WARNING)

    def bind(self, **keys: object) -> None:
        """Put these keys, and no others bound before, on every line from here on."""
        self.clear()
        self._bound = tuple(keys)
        self._logger.append_keys(**keys)

    def clear(self) -> None:
        """Forget what was bound: the next request on this instance is somebody else's."""
        self._logger.remove_keys(self._bound)
        self._bound = ()

    def outcome(self, wire: Mapping[str, object]) -> None:
        """One line for an outcome in its wire form; what is null there is left out here."""
        self._logger.info("outcome", extra=_fields(wire))

    def invocation(self, **fields: object) -> None:
        """One line for an invocation: counts and durations."""
        self._logger.info("invocation", extra=_fields(fields))

    def asked(self, request: Request) -> None:
        """One line for a request: who asks for what, and why."""
        reason = request.reason and request.reason[:LONGEST_REASON]
        fields = {
            "cause": {"source": request.cause.source, "id": request.cause.id},
            "reason": reason,
            "purpose": request.purpose.value,
            "dry_run": request.dry_run,
            "signed": request.signed,
            "number": request.number,
            "first": list(request.first),
        }
        self._logger.info("asked", extra=_fields(fields))

    def coverage(self, wire: Mapping[str, object]) -> None:
        """One line for a sweep: alarms look for its message, which stays `coverage`."""
        self._logger.info("coverage", extra=_fields(_countable(wire)))

    def coverage_told(self, wire: Mapping[str, object]) -> None:
        """One line for a coverage that is delivered, under a message of its own."""
        self._logger.info("coverage delivered", extra=_fields(_countable(wire)))

    def warning(self, message: str, **fields: object) -> None:
        self._logger.warning(message, extra=_fields(fields))

    def error(self, message: str, **fields: object) -> None:
        self._logger.error(message, extra=_fields(fields))


def _countable(coverage: Mapping[str, object]) -> dict[str, object]:
    """With the sum of what is impossible, and the reasons beside it: an index holds no objects."""
    reasons = coverage.get("impossible")
    if not isinstance(reasons, Mapping):
        return dict(coverage)
    total = sum(number for number in reasons.values() if isinstance(number, int))
    return {**coverage, "impossible": total, "impossible_because": reasons}


def _fields(fields: Mapping[str, object]) -> dict[str, object]:
    return {f"{key}_" if key in TAKEN else key: value for key, value in fields.items()}


def _line(entry: Mapping[str, object]) -> str:
    return json.dumps(redacted(entry), separators=(",", ":"))


def redacted(value: object, depth: int = 0) -> object:
    """The same, without the values of keys that look like secrets and texts that are some."""
    if depth > DEEPEST:
        return REDACTED
    if isinstance(value, Mapping):
        return {
            str(key): REDACTED if _is_secret(str(key)) else redacted(inner, depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(inner, depth + 1) for inner in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    return SECRET_TEXT.sub(REDACTED, value if isinstance(value, str) else str(value))


@lru_cache(1024)
def _is_secret(key: str) -> bool:
    # Every line has the same keys.
    return key.lower() not in HARMLESS_KEYS and SECRET_KEY.search(key) is not None
