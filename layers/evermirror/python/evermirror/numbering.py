"""Numbers for tellings, so that who hears two of them about one thing knows which is the newer."""

from __future__ import annotations


class Numbers:
    """Milliseconds since the epoch; of one instance each is larger than the one before.

    So a clock that is set back costs no order within the instance, and a telling of another one
    only as much as the two clocks differ.
    """

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: float) -> int:
        self._last = max(self._last + 1, int(now * 1000))
        return self._last
