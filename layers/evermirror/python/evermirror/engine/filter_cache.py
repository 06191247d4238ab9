"""The filters of the region as an instance of the function read them last, at most a minute ago.

A session whose filter accepts nothing mirrors nothing, so a filter is part of every look; but it
hardly changes, and a look must not cost a call for it.
"""

from __future__ import annotations

from evermirror.engine.ports import Clock, FilterApi
from evermirror.errors import StopError
from evermirror.model import Filter
from evermirror.placement.snapshot import Lookup
from evermirror.results import ReadError

READ_EVERY_S = 60.0
_NOT_READ: Lookup[Filter] = Lookup()


class FilterCache:
    """Where filters may not be read, that is remembered for as long, and stops nothing."""

    def __init__(self) -> None:
        self._read: tuple[float, Lookup[Filter]] | None = None
        self._in_trouble = False
        self.refused: str | None = None
        """The code by which the service refuses to show filters, None where it shows them."""

    def forget(self) -> None:
        """Read them again at the next look: somebody changed one."""
        self._read = None

    def read(self, api: FilterApi, clock: Clock) -> Lookup[Filter]:
        """The filters; raises ReadError the first time that reading fails, then does without."""
        now = clock.now()
        if self._read is not None and 0 <= now - self._read[0] < READ_EVERY_S:
            return self._read[1]
        try:
            found: Lookup[Filter] = Lookup(
                {one.id: one for one in api.every_filter(_unheard)}, None
            )
        except StopError as stop:
            self.refused, found = stop.code, _NOT_READ
        except ReadError:
            if not self._in_trouble:
                self._in_trouble = True
                raise
            return _NOT_READ
        else:
            self.refused = None
        self._in_trouble = False
        self._read = (now, found)
        return found


def _unheard(_read: int) -> None:
    """Nobody is watching."""
