"""What people do to traffic mirror sessions, their filters, and the account's bill."""

from __future__ import annotations

from typing import Any

from localcloud.world.world import World

from .editions import POOL_TAG
from .people import People, tag_parameters
from .policies import BALANCERS, FILTER, LOWEST_GROWN, OTHER_FILTER
from .scene import CREATE, DELETE, REMOVE, UPDATE


def take_room(people: People) -> None:
    """Somebody mirrors an interface by hand, perhaps into a session of ours."""
    interfaces = [one for one in people.interfaces() if one.status == "InUse"]
    sessions = people.sessions()
    if interfaces and sessions:
        session = people.chance.choice(sessions).id
        people.put_into(session, (people.chance.choice(interfaces).id,))


def remove_source(people: People) -> None:
    sessions = [one for one in people.sessions() if one.sources]
    if sessions:
        session = people.chance.choice(sessions)
        source = people.chance.choice(session.sources)
        parameters = {"TrafficMirrorSessionId": session.id, "TrafficMirrorSourceIds": [source]}
        people.call(REMOVE, parameters)
        if people.was_accepted(REMOVE):
            people.note_undone(session.id, (source,))


def switch_off(people: People) -> None:
    if (session_id := _update(people, Enabled=False)) is not None:
        people.note_undone(session_id, (None,))


def switch_on(people: People) -> None:
    off = [one for one in people.sessions() if not one.enabled]
    if off:
        _update(people, off, Enabled=True)


def rename(people: People) -> None:
    """To a name of nobody's, or to one by which a pool finds it."""
    name = people.chance.choice(("renamed", "found-by-hand", "grown-7"))
    _note_joined(people, _update(people, TrafficMirrorSessionName=name))


def change_priority(people: People) -> None:
    _update(people, Priority=people.chance.choice((5, 500, 5000, LOWEST_GROWN + 3)))


def retarget(people: People) -> None:
    """To the other load balancer, or to an interface that nobody mirrors."""
    sources = {one for session in people.sessions() for one in session.sources}
    cards = [
        one.id for one in people.interfaces() if one.status == "InUse" and one.id not in sources
    ]
    if cards and people.chance.random() < 0.4:
        target = {"TrafficMirrorTargetId": people.chance.choice(cards)}
        _update(people, TrafficMirrorTargetType="NetworkInterface", **target)
    else:
        target = {"TrafficMirrorTargetId": people.chance.choice(BALANCERS)}
        _update(people, TrafficMirrorTargetType="SLB", **target)


def change_filter(people: People) -> None:
    _update(people, TrafficMirrorFilterId=people.chance.choice((FILTER, OTHER_FILTER)))


def delete_session(people: People) -> None:
    sessions = people.sessions()
    if len(sessions) > 1:
        session = people.chance.choice(sessions)
        people.call(DELETE, {"TrafficMirrorSessionId": session.id})
        if people.was_accepted(DELETE):
            people.note_undone(session.id, (*session.sources, None))


def take_a_priority(people: People) -> None:
    """Somebody's own session stands where a pool wants to grow."""
    interfaces = [one for one in people.interfaces() if one.status == "InUse"]
    if interfaces:
        people.call(
            CREATE,
            {
                "TrafficMirrorSourceIds": [people.chance.choice(interfaces).id],
                "TrafficMirrorTargetId": BALANCERS[0],
                "TrafficMirrorTargetType": "SLB",
                "TrafficMirrorFilterId": FILTER,
                "Priority": LOWEST_GROWN + people.chance.randint(0, 2),
                "TrafficMirrorSessionName": "somebody-else",
                "Enabled": True,
            },
        )


def tag_session(people: People) -> None:
    """The pool's tag is taken off, put back, or names a pool that nobody has."""
    tagged = [one for one in people.sessions() if one.name.startswith("grown")]
    if not tagged:
        return
    one = {
        "ResourceType": "TRAFFICMIRRORSESSION",
        "ResourceId": [people.chance.choice(tagged).id],
    }
    change = people.chance.choice((None, "grown", "gone"))
    if change is None:
        people.call("UnTagResources", {**one, "TagKey": [POOL_TAG]})
    else:
        people.call("TagResources", {**one, **tag_parameters({POOL_TAG: change})})
    people.joined.append(people.scheduler.now())


def lock_session(people: People) -> None:
    """A bill of this session is not paid, or is."""
    if sessions := people.sessions():
        one = people.chance.choice(sessions)
        locked = one.business_status == "FinancialLocked"
        _bill(people, one, "Normal" if locked else "FinancialLocked")


def add_rule(people: People) -> None:
    """A rule that drops everything before all others, or that accepts the rest."""
    rule = {"Action": people.chance.choice(("drop", "accept")), "Protocol": "ALL"}
    direction = people.chance.choice(("IngressRules", "EgressRules"))
    named = {f"{direction}.1.{name}": text for name, text in rule.items()}
    priority = {f"{direction}.1.Priority": people.chance.randint(1, 20)}
    people.call(
        "CreateTrafficMirrorFilterRules", {"TrafficMirrorFilterId": FILTER, **named, **priority}
    )


def delete_rule(people: People) -> None:
    found = people.world.filters.find(FILTER)
    rules = [] if found is None else list(found.listed_rules())
    if rules:
        people.call(
            "DeleteTrafficMirrorFilterRules",
            {
                "TrafficMirrorFilterId": FILTER,
                "TrafficMirrorFilterRuleIds": [people.chance.choice(rules).id],
            },
        )


def stop_paying(people: People) -> None:
    """The account is in arrears for a while, or the service is closed."""
    world: World = people.world
    before = world.service
    if before.business_status != "Normal" or not before.enabled:
        return
    change = people.chance.choice(({"business_status": "FinancialLocked"}, {"enabled": False}))
    world.service = before.model_copy(update=change)
    people.history.note(people.scheduler.now())
    people.scheduler.sleep(people.chance.uniform(5.0, 60.0))
    world.service = before
    people.history.note(people.scheduler.now())


def _update(people: People, of: list[Any] | None = None, /, **change: Any) -> str | None:
    """Updates one session; says which, if that was accepted."""
    sessions = people.sessions() if of is None else of
    if not sessions:
        return None
    chosen: str = people.chance.choice(sessions).id
    people.call(UPDATE, {"TrafficMirrorSessionId": chosen, **change})
    return chosen if people.was_accepted(UPDATE) else None


def _bill(people: People, session: Any, status: str) -> None:
    """What no call of the local cloud changes; a late List still shows how it was."""
    now, past = people.scheduler.now(), people.world.sessions._history
    people.history.note(now)
    past.begin(session.id, session)
    past.amend(session.id, now, lambda record: setattr(record, "business_status", status))
    session.business_status = status
    people.history.note(now)


def _note_joined(people: People, session_id: str | None) -> None:
    if session_id is not None:
        people.joined.append(people.scheduler.now())
