"""Says on stderr how far long work has come, so that nobody takes waiting for hanging."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 1.0
EVERY_S = 1.0
CLEARED = "\r\x1b[K"


@contextmanager
def progress_on_stderr(
    doing: str = "reading",
    ticks: Callable[[], float] = time.monotonic,
) -> Iterator[Callable[[str, int], None]]:
    """Nothing for what is short; then a line that is overwritten, or a line a second in a file.

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
        end, start = ("", CLEARED) if _on_screen() else ("\n", "")
        _say(f"{start}{doing}: {read:,} {what}{end}")

    yield tell
    if shown and _on_screen():
        _say(CLEARED)


@contextmanager
def waiting_on_stderr(for_what: str, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Nothing for what is short; then a line that says what is waited for."""
    end = "" if _on_screen() else "\n"
    timer = threading.Timer(patience_s, lambda: _say(f"waiting for {for_what}{end}"))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if _on_screen():
            _say(CLEARED)


def _on_screen() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()
