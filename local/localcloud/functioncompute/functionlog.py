"""What functions wrote, the last of it: what Log Service keeps on the platform."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

LINES_KEPT = 10_000
TAIL_BYTES = 4 * 1024
_LATE_LINES_S = 1.0


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a function's output; `time` is the local cloud's. `stored`: in its log store."""

    time: float
    function: str
    instance_id: str
    text: str
    stored: bool = True


Stores = Callable[[str], bool]
"""Whether what a function writes reaches its log store."""


class FunctionLog:
    """The lines of all instances in order of arrival.

    Lines that do not reach their log store can be had as the end of an invocation, and not later.
    """

    def __init__(
        self,
        now: Callable[[], float],
        echo: Callable[[LogLine], None] | None,
        stores: Stores = lambda _: True,
    ) -> None:
        self._now = now
        self._echo = echo
        self._stores = stores
        self._lines: deque[LogLine] = deque(maxlen=LINES_KEPT)
        self._arrived = asyncio.Condition()

    async def add(self, function: str, instance_id: str, text: str) -> None:
        line = LogLine(self._now(), function, instance_id, text, self._stores(function))
        async with self._arrived:
            self._lines.append(line)
            self._arrived.notify_all()
        if self._echo is not None:
            self._echo(line)

    def of(self, function: str) -> list[LogLine]:
        """The lines of a function that reached its log store and are still kept."""
        return [line for line in self._lines if line.function == function and line.stored]

    async def invocation(self, instance_id: str, request_id: str) -> str:
        """The end of what one invocation wrote, at most 4 KB, once its last line is here."""
        last = f"FC Invoke End RequestId: {request_id}"
        async with self._arrived:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(
                    self._arrived.wait_for(lambda: self._has(instance_id, last)), _LATE_LINES_S
                )
        return self._between(instance_id, f"FC Invoke Start RequestId: {request_id}", last)

    def _has(self, instance_id: str, text: str) -> bool:
        return any(
            line.instance_id == instance_id and line.text.startswith(text)
            for line in reversed(self._lines)
        )

    def _between(self, instance_id: str, first: str, last: str) -> str:
        found: list[str] = []
        for line in self._lines:
            if line.instance_id != instance_id:
                continue
            if found or line.text.startswith(first):
                found.append(line.text)
            if line.text.startswith(last):
                break
        text = "".join(f"{line}\n" for line in found).encode()
        return text[-TAIL_BYTES:].decode(errors="ignore")
