"""Runs the independent calls of a plan side by side, bounded, on threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Workers:
    """An executor with at most `size` calls at once. A single call runs where it is asked for."""

    def __init__(self, size: int = 16) -> None:
        self._size = size

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Every call's result, in the order of the calls; the first exception is raised."""
        if len(calls) <= 1:
            return [call() for call in calls]
        # A lone event never needs threads, so it does not pay for importing them.
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        with ThreadPoolExecutor(min(self._size, len(calls))) as pool:
            return list(pool.map(lambda call: call(), calls))
