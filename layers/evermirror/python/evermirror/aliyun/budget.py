"""A share of the account's request quota, because other people's systems live on the same one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

DEFAULT_REQUESTS_PER_MINUTE = 300.0


LONGEST_HOLD_S = 60.0
"""Seconds; a hint that says more would outlast the function that waits for it."""

AT_ONCE = 0.1
"""The share of a minute's calls that may leave at once; the rest comes evenly over the minute."""


class Budget:
    """A token bucket that every call draws from before it leaves; safe to share by threads.

    `clock` gives seconds that never go back, `sleep` waits for seconds. Never more than
    `requests_per_minute` calls leave in any minute: a tenth of them may leave at once, later ones
    wait their turn in the order in which they asked.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        requests_per_minute: float = DEFAULT_REQUESTS_PER_MINUTE,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._most = max(1.0, requests_per_minute * AT_ONCE)
        self._per_second = max(requests_per_minute - self._most, requests_per_minute / 2) / 60
        self._left = self._most
        self._at = clock()
        self._held_until = float("-inf")
        self._lock = Lock()

    def spend(self) -> None:
        """Take one call's worth, waiting until it is there."""
        with self._lock:
            now = self._clock()
            earned = max(0.0, now - self._at) * self._per_second
            self._left = min(self._most, self._left + earned) - 1
            self._at = now
            held_s = min(self._held_until - now, LONGEST_HOLD_S)
            wait_s = max(-self._left / self._per_second, held_s)
        if wait_s > 0:
            self._sleep(wait_s)

    def hold(self, seconds: float) -> None:
        """Let nothing leave for so long: the service asked for it, and it asked the account."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + min(seconds, LONGEST_HOLD_S))
