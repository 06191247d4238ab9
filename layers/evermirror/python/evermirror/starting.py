"""A cold start is mostly imports, and imports make no garbage: nobody need look for any.

Without this, a tenth of a start of mirror goes into finding that out again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Imports in here run without garbage collection, and what they made is exempt for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
