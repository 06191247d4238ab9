"""A share of the account's request quota, because other people's systems live on the same one."""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from threading import Lock

DEFAULT_REQUESTS_PER_MINUTE = 300.0


LONGEST_HOLD_S = 60.0
"""Seconds; a hint that says more would outlast the function that waits for it."""

AT_ONCE = 0.1
"""The share of a minute's calls that may leave at once; the rest comes evenly over the minute."""


def seconds_apart(requests_per_minute: float) -> float:
    """How far calls are apart once those that may leave at once have left."""
    evenly = requests_per_minute - _at_once(requests_per_minute)
    return 60 / max(evenly, requests_per_minute / 2)


def _at_once(requests_per_minute: float) -> float:
    return max(1.0, requests_per_minute * AT_ONCE)


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
        self._most = _at_once(requests_per_minute)
        self._per_second = 1 / seconds_apart(requests_per_minute)
        self._left = self._most
        self._at = clock()
        self._held_until = float("-inf")
        self._held_s = 0.0
        self._turns = 0
        self._lock = Lock()

    def spend(self) -> None:
        """Take one call's worth, waiting until it is there."""
        with self._lock:
            if self._turns > 0:
                self._turns -= 1
                return
            wait_s, held_s = self._take(), self._held_s
        self._wait(wait_s, held_s)

    def awaits_turn(self) -> None:
        """Wait until one call's worth is there, without taking it."""
        with self._lock:
            wait_s, held_s = self._take(), self._held_s
            self._left += 1
        self._wait(wait_s, held_s)

    def takes_turn(self, within_s: float) -> bool:
        """Wait for one call's worth if it comes within so many seconds: the next call is paid then.

        Says whether it came; it does not if the service asks for a pause while it is waited for.
        Whoever took a turn must call at once, or leave it: a turn that is kept for later would
        leave in a minute that it was not counted in.
        """
        with self._lock:
            wait_s, held_s = self._take(), self._held_s
            if wait_s > within_s:
                self._left += 1
                return False
        if wait_s > 0:
            self._sleep(wait_s)
        with self._lock:
            if self._held_s > held_s:
                self._left += 1
                return False
            self._turns += 1
        return True

    def turns_within(self, seconds: float) -> int:
        """How many calls could leave in so many seconds from now, if nobody else made any."""
        with self._lock:
            now = self._clock()
            self._earn(now)
            earning_s = max(0.0, seconds - max(0.0, self._held_until - now))
            return max(0, floor(self._left + earning_s * self._per_second))

    def leaves_turn(self) -> None:
        """Give a turn back that was taken and is not wanted any more."""
        with self._lock:
            if self._turns > 0:
                self._turns -= 1
                self._left += 1

    def hold(self, seconds: float) -> None:
        """Let nothing leave for so long: the service asked for it, and it asked the account."""
        with self._lock:
            now = self._clock()
            self._earn(now)
            until = now + min(seconds, LONGEST_HOLD_S)
            self._held_s += max(0.0, until - max(now, self._held_until))
            self._held_until = max(self._held_until, until)

    def _wait(self, wait_s: float, held_s: float) -> None:
        """A hold that comes meanwhile puts everybody off by as long, so their order stays."""
        while wait_s > 0:
            self._sleep(wait_s)
            with self._lock:
                wait_s, held_s = self._held_s - held_s, self._held_s

    def _take(self) -> float:
        """Takes one call's worth; returns the seconds until it is there."""
        now = self._clock()
        self._earn(now)
        self._left -= 1
        held_s = min(max(0.0, self._held_until - now), LONGEST_HOLD_S)
        return held_s + max(0.0, -self._left / self._per_second)

    def _earn(self, now: float) -> None:
        """Nothing is earned while held, or all that was would leave at once when the hold ends."""
        earned = max(0.0, now - max(self._at, self._held_until)) * self._per_second
        self._left = min(self._most, self._left + earned)
        self._at = now
