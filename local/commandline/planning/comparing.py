"""What changes for whom when one policy takes the place of another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from commandline.planning.placed import Placed


@dataclass(frozen=True, slots=True)
class Change:
    """An interface for which the two policies want something else."""

    before: Placed
    after: Placed

    @property
    def network_interface_id(self) -> str:
        return self.after.interface.id


@dataclass(frozen=True, slots=True)
class Changes:
    """Interfaces that become wanted, move to another pool, or stop being wanted.

    One that a policy cannot decide about, because its instance cannot be seen, is in none of them.
    Mirror takes nothing out of a session that it did not lose: what moves or is no longer wanted
    stays a source of its session until somebody removes it there.
    """

    become_wanted: tuple[Change, ...] = ()
    change_pool: tuple[Change, ...] = ()
    stop_being_wanted: tuple[Change, ...] = ()


def compare(before: Iterable[Placed], after: Iterable[Placed]) -> Changes:
    """Compare what two policies want of the same interfaces, in the same order."""
    different = [
        Change(old, new)
        for old, new in zip(before, after, strict=True)
        if old.pool != new.pool and not (old.undecided or new.undecided)
    ]
    return Changes(
        become_wanted=tuple(one for one in different if one.before.pool is None),
        change_pool=tuple(one for one in different if one.before.pool and one.after.pool),
        stop_being_wanted=tuple(one for one in different if one.after.pool is None),
    )
