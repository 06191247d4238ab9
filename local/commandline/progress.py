"""Says on stderr how far a long read has come, so that nobody takes waiting for hanging."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 1.0
EVERY_S = 1.0


@contextmanager
def progress_on_stderr(
    ticks: Callable[[], float] = time.monotonic,
) -> Iterator[Callable[[str, int], None]]:
    """Nothing for a short read; then a line that is overwritten, or a line a second in a file.

    `ticks` gives seconds that never go back.
    """
    begun = last = ticks()
    shown = False

    def tell(what: str, read: int) -> None:
        nonlocal last, shown
        now = ticks()
        if now - begun < PATIENCE_S or now - last < EVERY_S:
            return
        last, shown = now, True
        end, start = ("", "\r\x1b[K") if sys.stderr.isatty() else ("\n", "")
        sys.stderr.write(f"{start}reading: {read:,} {what}{end}")
        sys.stderr.flush()

    yield tell
    if shown and sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
