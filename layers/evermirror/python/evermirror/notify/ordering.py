"""Keeps what was overtaken from being delivered late: a retry, or a redrive, of older news.

Publications come in no order: one that fails is tried again minutes later, when a newer one about
the same thing may have gone out. Whoever hears the old one last believes it. Every telling has a
number, so the older of two is known, and dropped.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

MOST_SUBJECTS = 100_000
"""So many are remembered, those heard of last; an instance needs some 20 MB for them."""

FURTHEST_AHEAD = 300_000
"""Milliseconds by which the clocks of two functions may differ."""

COVERAGE = "coverage"
_ABOUT = ("network_interface_id", "instance_id", "session_id")


class Newest:
    """The largest number heard for each subject. It lasts as long as the instance."""

    def __init__(self, most: int = MOST_SUBJECTS) -> None:
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._most = most

    def admits(self, subject: str | None, number: object, now: float) -> bool:
        """Whether nothing newer was heard about this; what has no subject or number always may.

        The same number is the same telling: tried again, or two outcomes in it. A number far ahead
        of `now` (epoch seconds) is let through and forgotten, or it would silence all that follows.
        """
        if subject is None or not isinstance(number, int) or number > now * 1000 + FURTHEST_AHEAD:
            return True
        newest = self._numbers.get(subject)
        if newest is not None and number < newest:
            return False
        self._numbers[subject] = number
        self._numbers.move_to_end(subject)
        if len(self._numbers) > self._most:
            self._numbers.popitem(last=False)
        return True


def subject(outcome: Mapping[str, object]) -> str | None:
    """What an outcome is a word about: how an interface, an instance or a session stands.

    That somebody changed something, or that a source was reclaimed, is no such word but news of
    what happened: it stays true whatever comes after, so only itself can overtake it.
    """
    if outcome.get("tampering") is not None or outcome.get("outcome") == "reclaimed":
        return _text(outcome.get("outcome_id"))
    about = (_text(outcome.get(key)) for key in _ABOUT)
    return next((one for one in about if one), None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
