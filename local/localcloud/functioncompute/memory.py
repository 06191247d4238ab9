"""How much memory a process and its children hold, so that an instance keeps to its size.

The sum of resident sets, as Linux counts them; pages that several processes share count for each.
Where there is no /proc, nothing is measured and nothing is held to a limit.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

_PAGE = resource.getpagesize()
_PROC = Path("/proc")


def resident_mb(process_id: int) -> float:
    """Mebibytes of a process and all below it; 0 for one that is gone."""
    return sum(map(_resident, _family(process_id))) / 2**20


def _family(process_id: int) -> Iterator[int]:
    yield process_id
    try:
        threads = list((_PROC / str(process_id) / "task").iterdir())
        children = [one for thread in threads for one in (thread / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _resident(process_id: int) -> int:
    try:
        return int((_PROC / str(process_id) / "statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
