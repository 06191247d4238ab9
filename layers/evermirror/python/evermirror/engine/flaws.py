"""Why a session that lists an interface does not mirror it: one answer for mirror and the sweep."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from evermirror import reasons
from evermirror.model import Session

NONE_KNOWN: frozenset[str] = frozenset()


def flaw(session: Session, idle_filter_ids: AbstractSet[str] = NONE_KNOWN) -> str | None:
    """A reason of `reasons`, or None. `idle_filter_ids` are filters that accept nothing.

    Source: VPC API 2016-04-28; a session without `Enabled`, with a business status other than
    Normal, or whose filter has no rule mirrors nothing.
    """
    if session.business_status != "Normal":
        return reasons.SESSION_LOCKED
    if not session.enabled:
        return reasons.SESSION_DISABLED
    return reasons.FILTER_ACCEPTS_NOTHING if session.filter_id in idle_filter_ids else None
