"""What the last look showed, remembered by the instance: it tells what is attached since then.

An event is mostly about an interface that is much older than its attachment, and the cloud shows
only when it was made. A restart forgets all of this; then the age of an interface is the bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from evermirror.coverage import Known
from evermirror.model import IN_USE, NetworkInterface
from evermirror.values import dataclass


@dataclass(slots=True)
class Looks:
    """Where every interface was in the last look; changes by `after` alone."""

    _at: float | None = None
    _where: dict[str, str | None] = field(default_factory=dict)
    _detached_at: dict[str, float] = field(default_factory=dict)

    def after(self, interfaces: Iterable[NetworkInterface], began: float) -> Known:
        """What is known of these, which a look shows that began at `began` (epoch seconds).

        What the last look lacks was hidden from it, or made since: its making is bound enough.
        """
        before, at = self._where, self._at
        self._where = {one.id: _place(one) for one in interfaces}
        self._at = began
        fresh = frozenset(
            one
            for one, place in self._where.items()
            if at is not None and place is not None and before.get(one, place) != place
        )
        kept = {one: seen for one, seen in self._detached_at.items() if self._where.get(one)}
        self._detached_at = {**kept, **dict.fromkeys(fresh, at or 0.0)}
        return Known(detached_at=dict(self._detached_at), fresh=fresh)


def _place(interface: NetworkInterface) -> str | None:
    return (interface.instance_id or "") if interface.status == IN_USE else None
