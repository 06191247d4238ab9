"""What a person must hear of, whatever becomes of the interfaces."""

from __future__ import annotations

from typing import NamedTuple

from evermirror import reasons

LOUD = frozenset(
    {reasons.GROWTH_NOT_ALLOWED, reasons.SESSIONS_NOT_LISTED, reasons.FILTERS_NOT_VISIBLE}
)
"""Reasons that raise an alarm besides the outcome that has them."""


class Alarm(NamedTuple):
    """Why, and who refused: a session, a pool, or neither for the whole service."""

    code: str
    session_id: str | None = None
    pool: str | None = None

    @property
    def sentence(self) -> str:
        return reasons.WHY.get(self.code, "the service refused")
