"""Is anything still going on? Tests and `evermirror` itself wait for silence, not for seconds."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator


class Activity:
    """Counts what is under way, by kind: messages, deliveries, invocations."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._silent = asyncio.Event()
        self._silent.set()

    def begin(self, kind: str) -> None:
        self._counts[kind] += 1
        self._silent.clear()

    def end(self, kind: str) -> None:
        self._counts[kind] -= 1
        if not self._counts[kind]:
            del self._counts[kind]
        if not self._counts:
            self._silent.set()

    @contextlib.contextmanager
    def of(self, kind: str) -> Iterator[None]:
        """Under way for as long as the block runs."""
        self.begin(kind)
        try:
            yield
        finally:
            self.end(kind)

    def counts(self) -> dict[str, int]:
        """What is under way now; empty when all is quiet."""
        return dict(self._counts)

    async def silence(self, timeout_s: float) -> bool:
        """Wait until nothing is under way, at most so many real seconds."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._silent.wait(), timeout_s)
        return not self._counts
