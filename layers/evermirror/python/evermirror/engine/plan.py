"""From a view of the world to what should be done about it: a pure function.

Each interface is judged alone; then the sessions are shared out among those that ask for one,
oldest wish first, because a session takes one change at a time and a call only so many sources.
"""

from __future__ import annotations

from collections.abc import Iterable

from evermirror.engine.actions import Action, Add, Finish, Wait
from evermirror.engine.growth import grow, over_the_ceiling
from evermirror.engine.judge import judge
from evermirror.engine.room import Room
from evermirror.engine.state import Call, Want
from evermirror.engine.view import View
from evermirror.engine.walk import Ask, Growing
from evermirror.model import Cause
from evermirror.tokens import client_token

ADD_ACTION = "AddSourcesToTrafficMirrorSession"


def plan(wants: Iterable[Want], view: View) -> tuple[Action, ...]:
    """What to do now: each interface gets an Add or Grow (shared, perhaps), a Wait or a Finish."""
    ordered = sorted(wants, key=lambda want: (want.first_seen, want.network_interface_id))
    asking = [want for want in ordered if view.only_asks(want)]
    steps = [judge(want, view) for want in ordered if not view.only_asks(want)]
    asks = [step for step in steps if isinstance(step, Ask)]
    growing = [step for step in steps if isinstance(step, Growing)]
    settled = [step for step in steps if not isinstance(step, Ask | Growing)]
    settled += _told(asking, view) if asking else []
    if not view.time_for_changes:
        late = [step.want for step in asks] + [step.want for step in growing]
        why = "too little time is left"
        return (*settled, *(Wait(want.network_interface_id, why) for want in late))
    room = Room(view)
    return (*settled, *_share_out(asks, view, room), *_grow(growing, view, room))


def _told(asking: list[Want], view: View) -> list[Wait | Finish]:
    # Where everybody acts, a cold start does not pay for importing it.
    from evermirror.engine.rehearsal import rehearse  # noqa: PLC0415

    return rehearse(asking, view)


def _share_out(asks: list[Ask], view: View, room: Room) -> list[Action]:
    actions: list[Action] = []
    for session_id, group in _by_session(asks).items():
        company, rest = _company(session_id, group, view)
        if not all(_is_bound(ask, view) for ask in company):
            most = room.at_most
            company, over = company[:most], company[len(company[:most]) :]
            room.take(len(company))
            actions.extend(_over_the_ceiling(ask, room) for ask in over)
        if company:
            actions.append(Add(_call(session_id, company, view)))
        actions.extend(
            Wait(ask.want.network_interface_id, "another change to the session goes first")
            for ask in rest
        )
    return actions


def _grow(growing: list[Growing], view: View, room: Room) -> list[Action]:
    pools: dict[str, list[Growing]] = {}
    for one in growing:
        pools.setdefault(one.decision.pool or "", []).append(one)
    return [
        action
        for pool, waiting in pools.items()
        if (growth := view.policy.pools[pool].growth) is not None
        for action in grow(pool, waiting, growth, view, room)
    ]


def _by_session(asks: list[Ask]) -> dict[str, list[Ask]]:
    groups: dict[str, list[Ask]] = {}
    for ask in asks:
        groups.setdefault(ask.session_id, []).append(ask)
    return groups


def _company(session_id: str, group: list[Ask], view: View) -> tuple[list[Ask], list[Ask]]:
    """Those who go in the session's next call, and those who wait for the one after."""
    first = next((ask for ask in group if ask.again is not None), group[0])
    if first.again is not None:
        repeated = set(first.again.network_interface_ids)
        company = [ask for ask in group if ask.want.network_interface_id in repeated]
    elif view.progress_of(first.want).alone:
        company = [first]
    else:
        sociable = [ask for ask in group if not view.progress_of(ask.want).alone]
        company = sociable[: _seats(session_id, view)]
    return company, [ask for ask in group if ask not in company]


def _seats(session_id: str, view: View) -> int:
    session = view.observation.sessions.get(session_id)
    if session is None:
        return 1
    return max(1, min(view.limits.sources_per_call, view.seats_left(session)))


def _call(session_id: str, company: list[Ask], view: View) -> Call:
    again = company[0].again
    ids = tuple(sorted(ask.want.network_interface_id for ask in company))
    if again is not None and again.network_interface_ids == ids:
        return again
    causes: set[Cause] = {cause for ask in company for cause in ask.want.causes}
    attempt = max(view.progress_of(ask.want).attempt for ask in company)
    token = client_token(view.place, ADD_ACTION, session_id, ids, causes, attempt)
    return Call(session_id, ids, token)


def _is_bound(ask: Ask, view: View) -> bool:
    return view.progress_of(ask.want).session_id == ask.session_id


def _over_the_ceiling(ask: Ask, room: Room) -> Wait | Finish:
    if room.is_spent:
        return over_the_ceiling(ask)
    return Wait(ask.want.network_interface_id, "the last room below the ceiling is promised")
