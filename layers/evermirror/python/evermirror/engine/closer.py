"""What to look at once more where a whole pool takes too long to read for acting on it.

A hundred pages under a budget of calls take longer than a look may be old. What such a look shows
still says where everybody would go. Before anybody goes there it is asked where that matters: is
the interface listed anywhere by now, and what of the sessions that come first in its order, where
another writer would have put it. Nothing older than the bound decides; what is far from that order
is believed as the whole look showed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from evermirror.engine.actions import Action, Add, Grow
from evermirror.engine.view import View
from evermirror.placement.rendezvous import order

SESSIONS_A_LOOK = 100
"""As many as one List call names (VPC API 2016-04-28, TrafficMirrorSessionIds.N)."""

MOST_AT_ONCE = 10
WHOLE_LOOK_S = 60.0
"""How long closer looks may follow from one whole look, in seconds."""


class Group(NamedTuple):
    """Interfaces that go in one call, and the session that it adds them to, if it is not new."""

    network_interface_ids: tuple[str, ...]
    session_id: str | None = None


def groups(actions: Iterable[Action]) -> list[Group]:
    """The calls that the actions come to, in their order; of new sessions the first of each pool.

    The one after it is planned from a look that shows the first.
    """
    found: list[Group] = []
    for action in actions:
        if isinstance(action, Add):
            found.append(Group(action.call.network_interface_ids, action.call.session_id))
        elif isinstance(action, Grow):
            found.append(Group(action.creations[0].network_interface_ids))
    return found


def portions(of: Iterable[Group], most: int) -> Iterator[list[Group]]:
    """As many calls together as a closer look can be about; a call is never torn apart."""
    portion: list[Group] = []
    for group in of:
        together = sum(len(one.network_interface_ids) for one in (*portion, group))
        if portion and together > most:
            yield portion
            portion = []
        portion.append(group)
    if portion:
        yield portion


def sessions_to_ask(portion: Sequence[Group], view: View) -> frozenset[str]:
    """The sessions that matter for these calls, as many as one List can show."""
    share = SESSIONS_A_LOOK // sum(len(group.network_interface_ids) for group in portion)
    asked: set[str] = set()
    for network_interface_ids, session_id in portion:
        first = () if session_id is None else (session_id,)
        for one in network_interface_ids:
            asked.update((*first, *_in_order(one, view))[: max(1, share)])
    return frozenset(asked)


def at_once(looked_s: float, sessions: int, bound_s: float) -> int:
    """How many interfaces a closer look may be about, so that their changes leave in its time.

    `looked_s` is how long the whole look took to show so many sessions.
    """
    seconds_a_call = looked_s * SESSIONS_A_LOOK / max(SESSIONS_A_LOOK, sessions)
    return max(1, min(MOST_AT_ONCE, int(bound_s / (2 * seconds_a_call))))


def _in_order(network_interface_id: str, view: View) -> tuple[str, ...]:
    seen = view.observation
    interface = seen.interfaces.get(network_interface_id)
    if interface is None:
        return ()
    pool = view.eligibility(interface).pool
    if pool is None:
        return ()
    return order(network_interface_id, view.sessions_of(pool), seen.sessions, seen.at)
