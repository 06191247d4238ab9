"""Lists that count themselves: one that does not fit its total is read again, and taken at last.

Fewer than the total can mean a list that was cut, a session hidden by a deletion between two pages,
or a total that counts what a role may not see. The first two pass; the third never does, and must
stop nothing. So a list is read up to three times, and a misfit that stays is said. Where the total
moved to the last, each reading may have hidden another session, so what any of them showed is
taken: a session that is gone refuses whoever asks it, one that is overlooked is mirrored twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from evermirror.aliyun.paging import Page
from evermirror.errors import ReadError
from evermirror.values import dataclass

READINGS = 3
REMEDY = (
    "Nothing to do where this role is meant not to see everything: what it does not see is left"
    " alone. Otherwise let it list every session and filter of the region."
)


class CountedPage(Page):
    """A page that says how long the whole list is; the service writes the number as text."""

    total_count: str | None = None

    @property
    def total(self) -> int | None:
        """None where it is not told, or not readable."""
        text = self.total_count or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


class Listed(Protocol):
    """Anything that a list shows."""

    @property
    def id(self) -> str: ...


One = TypeVar("One", bound=Listed)
OnePage = TypeVar("OnePage", bound=CountedPage)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A list that was taken although its total does not fit: `total` is the highest that it told.

    `action` is the call that lists, as the cloud names it.
    """

    action: str
    listed: int
    total: int

    def plain(self) -> dict[str, object]:
        return {"action": self.action, "listed": self.listed, "total": self.total}


Told = Callable[[Shortfall], None]


def unheard(_shortfall: Shortfall) -> None:
    """Nobody wants to know."""


class Shortfalls:
    """Hears of lists that do not fit their totals, and keeps the last of every list.

    `first` is told of each list once.
    """

    def __init__(self, first: Told = unheard) -> None:
        self._first = first
        self._by_action: dict[str, Shortfall] = {}

    def __call__(self, shortfall: Shortfall) -> None:
        is_new = shortfall.action not in self._by_action
        self._by_action[shortfall.action] = shortfall
        if is_new:
            self._first(shortfall)

    def plain(self) -> list[dict[str, object]]:
        return [self._by_action[action].plain() for action in sorted(self._by_action)]


@dataclass(frozen=True, slots=True)
class Reading(Generic[One]):
    """All pages of a list, read once: what they show by id, and the totals in their order."""

    found: Mapping[str, One]
    totals: tuple[int, ...]

    @property
    def is_steady(self) -> bool:
        return len(set(self.totals)) <= 1

    @property
    def is_short(self) -> bool:
        """Say whether it shows fewer than it counted in the end."""
        return bool(self.totals) and len(self.found) < self.totals[-1]

    def repeats(self, earlier: Reading[One]) -> bool:
        return self.found.keys() == earlier.found.keys()

    def confirms(self, earlier: Reading[One]) -> bool:
        """Say whether it shows and counts the same: what was cut by accident is not cut twice."""
        return self.is_steady and self.repeats(earlier) and self.totals[-1:] == earlier.totals[-1:]


def reading_of(
    pages: Iterable[OnePage],
    listed: Callable[[OnePage], Iterable[One]],
    progress: Callable[[int], None],
) -> Reading[One]:
    """Read all pages; `progress` is told how many were found so far."""
    found: dict[str, One] = {}
    totals: list[int] = []
    for page in pages:
        found.update((one.id, one) for one in listed(page))
        if page.total is not None:
            totals.append(page.total)
        progress(len(found))
    return Reading(found, tuple(totals))


def whole(action: str, read: Callable[[], Reading[One]], told: Told) -> Mapping[str, One]:
    """What a list shows, by id, once a reading of it fits its total, or none ever will.

    Raises ReadError where every reading is short and shows something else than the one before.
    """
    readings: list[Reading[One]] = []
    while len(readings) < READINGS:
        reading = read()
        if reading.is_steady and not reading.is_short:
            return reading.found
        readings.append(reading)
        found = _believed(readings)
        if found is not None:
            told(Shortfall(action, len(found), max(reading.totals)))
            return found
    raise ReadError("list_shorter_than_its_total")


def _believed(readings: Sequence[Reading[One]]) -> Mapping[str, One] | None:
    """What is to be taken after these readings, none of which fits; None: it must be read again."""
    if len(readings) < 2:
        return None
    earlier, last = readings[-2:]
    if last.confirms(earlier):
        return last.found
    # A total that moves at every reading is that of a busy region: what is listed must do.
    if len(readings) == READINGS and (not last.is_short or last.repeats(earlier)):
        return {i: one for reading in readings for i, one in reading.found.items()}
    return None
