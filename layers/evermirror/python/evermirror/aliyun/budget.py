"""A share of the account's request quota, because other people's systems live on the same one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

DEFAULT_REQUESTS_PER_MINUTE = 300.0


class Budget:
    """A token bucket that every call draws from before it leaves; safe to share by threads.

    `clock` gives seconds that never go back, `sleep` waits for seconds. A tenth of a minute's
    calls may leave at once; later ones wait their turn in the order in which they asked.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        requests_per_minute: float = DEFAULT_REQUESTS_PER_MINUTE,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._per_second = requests_per_minute / 60
        self._most = max(1.0, requests_per_minute / 10)
        self._left = self._most
        self._at = clock()
        self._lock = Lock()

    def spend(self) -> None:
        """Take one call's worth, waiting until it is there."""
        with self._lock:
            now = self._clock()
            earned = max(0.0, now - self._at) * self._per_second
            self._left = min(self._most, self._left + earned) - 1
            self._at = now
            wait_s = -self._left / self._per_second
        if wait_s > 0:
            self._sleep(wait_s)
