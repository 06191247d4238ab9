"""What mirroring costs a month, as far as the number of sources says.

Source: the billing page of traffic mirroring (VPC), as of 2026: CNY 0.1 for each hour of an active
source; a part of an hour counts as a whole one, and the hours of a source add up over its
sessions. CNY 0.05 for each GB mirrored, waived until 2027-03-31: traffic is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from commandline.planning.capacity import PoolNeed
from evermirror.model import Session
from evermirror.placement.effect import NORMAL

CNY_A_SOURCE_HOUR = Decimal("0.1")
CNY_A_GB = Decimal("0.05")
HOURS_A_MONTH = 730
"""A year's hours by twelve."""
NOTES = (
    "a part of an hour costs a whole one, so a fleet that scales often costs more",
    f"CNY {CNY_A_GB} for each GB mirrored comes on top (waived until 2027-03-31)",
    "list prices as of 2026, from the billing page of traffic mirroring",
)


@dataclass(frozen=True, slots=True)
class Price:
    """CNY a month for the sources that are active now, and with those that would be added."""

    sources_now: int
    sources_added: int

    @property
    def now(self) -> Decimal:
        return month_of(self.sources_now)

    @property
    def after(self) -> Decimal:
        return month_of(self.sources_now + self.sources_added)


def month_of(sources: int) -> Decimal:
    """CNY for so many sources, active for a whole month."""
    return sources * CNY_A_SOURCE_HOUR * HOURS_A_MONTH


def price(sessions: Iterable[Session], needs: Iterable[PoolNeed]) -> Price:
    """The price of all sessions of the region; what does not fit anywhere is not added."""
    now = sum(len(one.source_ids) for one in sessions if _is_active(one))
    return Price(now, sum(one.to_ask for one in needs))


def _is_active(session: Session) -> bool:
    """Say whether its sources cost: wherever their packets go, and whether any are let through."""
    return session.enabled and session.business_status == NORMAL and session.status != "Deleting"
