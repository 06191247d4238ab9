"""The real clock, so that everything else can be given another one."""

from __future__ import annotations

import time


class SystemClock:
    """The machine's time in epoch seconds, and its sleep."""

    def now(self) -> float:
        return time.time()  # noqa: TID251 - this class is what hands time to everybody else

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: TID251 - as above
