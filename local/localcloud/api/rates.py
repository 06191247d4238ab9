"""How often an action may be called: so many times in any 60 seconds."""

from __future__ import annotations

from collections import deque

from localcloud.refusals import RefusedError, refused
from localcloud.world.moments import after
from localcloud.world.settings import Behaviour, Limits

WINDOW_S = 60.0
RETRY_AFTER = "x-acs-retry-after"


class Rates:
    """The calls of the last minute per action. A refused call does not count."""

    def __init__(self, limits: Limits, behaviour: Behaviour) -> None:
        self._most = limits.requests_per_minute
        self._behaviour = behaviour
        self._calls: dict[str, deque[float]] = {}

    def count(self, action: str, now: float) -> None:
        """Count a call, or refuse it with `Throttling.User`."""
        if self._most is None:
            return
        calls = self._calls.setdefault(action, deque())
        while calls and calls[0] <= after(now, -WINDOW_S):
            calls.popleft()
        if len(calls) >= self._most:
            wait_s = calls[0] + WINDOW_S - now if calls else WINDOW_S
            status = self._behaviour.throttle_status
            # Only the form with 429 says how long to wait; both forms have been seen.
            raise throttled(status, max(1, round(wait_s * 1000)) if status == 429 else None)
        calls.append(now)


def throttled(status: int, retry_after_ms: int | None) -> RefusedError:
    """Too many calls; the header is in milliseconds."""
    headers = {} if retry_after_ms is None else {RETRY_AFTER: str(retry_after_ms)}
    return refused("Throttling.User", status=status, headers=headers)
