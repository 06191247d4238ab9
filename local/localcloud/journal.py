"""Every API call that came in, for tests to count and people to read; never a secret."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT = 500_000
# What signs a call (RPC signature version 1 puts it among the parameters) is nobody's to read, nor
# is the password of a launched instance.
_SECRET = frozenset(
    {"AccessKeyId", "Signature", "SignatureNonce", "SecurityToken"}
    | {"SignatureMethod", "SignatureVersion", "SignatureType", "Timestamp"}
    | {"Password"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One call. `status` is None where the connection was cut before anything was done.

    `fault` names the trouble that was made, `function` and `instance_id` who called.
    """

    t: float
    product: str | None
    action: str | None
    parameters: Mapping[str, str]
    status: int | None
    code: str | None
    request_id: str
    fault: str | None = None
    function: str | None = None
    instance_id: str | None = None

    def to_wire(self) -> dict[str, Any]:
        return {
            "t": self.t,
            "product": self.product,
            "action": self.action,
            "parameters": dict(self.parameters),
            "status": self.status,
            "code": self.code,
            "request_id": self.request_id,
            "fault": self.fault,
            "function": self.function,
            "instance_id": self.instance_id,
        }


@dataclass
class Journal:
    """The calls in order; beyond `KEPT` of them the oldest are dropped, and counted."""

    dropped: int = 0
    _entries: deque[Entry] = field(default_factory=deque)

    def write(self, entry: Entry) -> None:
        if len(self._entries) >= KEPT:
            self._entries.popleft()
            self.dropped += 1
        self._entries.append(entry)

    def clear(self) -> None:
        self._entries.clear()
        self.dropped = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def to_wire(self) -> list[dict[str, Any]]:
        return [entry.to_wire() for entry in self._entries]


def presentable(parameters: Mapping[str, str]) -> dict[str, str]:
    """Parameters without those that authenticate the call."""
    return {name: value for name, value in parameters.items() if name not in _SECRET}
