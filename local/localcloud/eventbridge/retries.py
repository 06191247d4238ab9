"""How often EventBridge tries again, and how long it waits: the two documented strategies."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

LONGEST_PAUSE_S = 512.0
RETRIES_AT_LONGEST = 167
STRATEGIES = ("BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY")


def pauses(strategy: str, draw: random.Random) -> Iterator[float]:
    """Seconds between the attempts of one push, until they are spent."""
    if strategy == "EXPONENTIAL_DECAY_RETRY":
        yield from (2.0**power for power in range(9))
        yield from itertools.repeat(LONGEST_PAUSE_S, RETRIES_AT_LONGEST)
    else:
        yield from (draw.uniform(10.0, 20.0) for _ in range(3))
