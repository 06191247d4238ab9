"""Draws sessions: those of the pools, whole or changed by somebody, and those of strangers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from tests.worlds import eni, tms

from .drawn_policy import DrawnPool, balancer, filter_id
from .eligibility import eligibility
from .facts import OLD_S, POOL_TAG, YOUNG_S

STRANGERS = 9
SESSIONS_PER_SOURCE = 3
Session = dict[str, Any]


def draw_sessions(
    chance: Random,
    pools: Sequence[DrawnPool],
    policy: Mapping[str, Any],
    fleet: Mapping[str, Any],
    ordinary: Sequence[str],
    per_session: int,
) -> list[Session]:
    """All sessions of the fleet; `ordinary` are the interfaces that strangers may claim."""
    ids, priorities = count(1), count(1)
    sessions: list[Session] = []
    owners: dict[str, str] = {}
    for pool in pools:
        made = _of_pool(chance, pool, ids, priorities)
        for session in made:
            _change(chance, pool, session, ordinary, priorities)
            owners[session["id"]] = pool.name
        sessions.extend(made)
    sessions.extend(_strangers(chance, pools, ordinary, ids, priorities))
    sessions = _with_unique_priorities(sessions)
    # The service takes no target as a source, nor a source as a target.
    targets = {session["target"] for session in sessions}
    targets |= {target for pool in pools for target, _ in pool.targets}
    free = [one["id"] for one in fleet["network_interfaces"] if one["id"] not in targets]
    wanted = _wanted(policy, fleet, free)
    liked = {id_: wanted.get(pool, []) for id_, pool in owners.items()}
    if free:
        _fill(chance, sessions, liked, free, per_session)
    chance.shuffle(sessions)
    return sessions


def _session(id_: str, name: str, pool: DrawnPool, at: int, priority: int) -> Session:
    target, kind = pool.targets[at % len(pool.targets)]
    return {
        "id": id_,
        "name": name,
        "filter": pool.filter_id,
        "target": target,
        "target_type": kind,
        "priority": priority,
        "sources": [],
        "tags": {},
        "age_s": OLD_S,
    }


def _of_pool(
    chance: Random, pool: DrawnPool, ids: Iterator[int], priorities: Iterator[int]
) -> list[Session]:
    named = pool.document.get("sessions", [])
    likely = 0.9 if chance.random() > 0.1 else 0.0
    there = [one for one in named if chance.random() < likely]
    made = [_session(one, "ours", pool, at, next(priorities)) for at, one in enumerate(there)]
    if pool.way == "found":
        for at in range(chance.randint(0, 3)):
            found = _session(tms(next(ids)), f"{pool.name}-x{at}", pool, at, next(priorities))
            if "target" in pool.discover:
                found["target"], found["target_type"] = pool.targets[0]
            found["tags"] = {"mirror": pool.name, "other": "x"}
            made.append(found)
    if pool.grow is not None:
        first, last = pool.grow["priorities"]
        numbers = range(last - first + 1)
        most = min(len(numbers), 4)
        for number in sorted(chance.sample(numbers[:most], chance.randint(0, min(3, most)))):
            grown = _session(tms(next(ids)), f"{pool.name}-{number}", pool, number, first + number)
            grown["tags"] = {POOL_TAG: pool.name}
            made.append(grown)
    return made


def _change(
    chance: Random,
    pool: DrawnPool,
    session: Session,
    ordinary: Sequence[str],
    priorities: Iterator[int],
) -> None:
    """What somebody did to a pool's session; mostly nothing."""
    if chance.random() > 0.45:
        return
    changes: list[dict[str, Any]] = [
        {"enabled": False},
        {"business_status": "FinancialLocked"},
        {"age_s": YOUNG_S},
    ]
    if "target" not in pool.discover:
        changes.append({"target": balancer(STRANGERS), "target_type": "SLB"})
        changes.append({"target": chance.choice(ordinary), "target_type": "NetworkInterface"})
    if "filter" not in pool.discover:
        changes.append({"filter": filter_id(STRANGERS)})
    if POOL_TAG in session["tags"]:
        of_made: list[dict[str, Any]] = [
            {"name": "renamed"},
            {"priority": 500 + next(priorities)},
            {"tags": {}},
            {"tags": {POOL_TAG: "gone"}},
            {"tags": {POOL_TAG: f"{pool.name} before"}},
        ]
        changes += of_made * 2
    session.update(chance.choice(changes))


def _strangers(
    chance: Random,
    pools: Sequence[DrawnPool],
    ordinary: Sequence[str],
    ids: Iterator[int],
    priorities: Iterator[int],
) -> list[Session]:
    return [
        _stranger(chance, chance.choice(pools), ordinary, tms(next(ids)), next(priorities))
        for _ in range(chance.randint(0, 3))
    ]


def _stranger(
    chance: Random, pool: DrawnPool, ordinary: Sequence[str], id_: str, priority: int
) -> Session:
    """A session of nobody's pool, perhaps with one thing that a pool's sessions have."""
    session = _session(id_, "other", pool, 0, priority)
    session["filter"] = filter_id(STRANGERS)
    session["target"], session["target_type"] = balancer(STRANGERS), "SLB"
    traits: list[dict[str, Any]] = [
        {},
        {"tags": {POOL_TAG: "gone"}},
        {"target": chance.choice(ordinary), "target_type": "NetworkInterface"},
        {"target": chance.choice(ordinary), "target_type": "NetworkInterface", "enabled": False},
        {"name": f"{pool.name}-0"},
        {"priority": pool.first_priority + chance.randint(0, 1)},
        {"filter": pool.filter_id},
        {"target": pool.targets[0][0], "target_type": pool.targets[0][1]},
    ]
    session.update(chance.choice(traits))
    return session


def _with_unique_priorities(sessions: list[Session]) -> list[Session]:
    """The first who has a priority keeps it; whoever comes later does not exist."""
    kept: dict[int, Session] = {}
    for session in sessions:
        kept.setdefault(session["priority"], session)
    return list(kept.values())


def _wanted(
    policy: Mapping[str, Any], fleet: Mapping[str, Any], ids: Sequence[str]
) -> dict[str | None, list[str]]:
    """The interfaces that each pool wants, and under None those that none does."""
    wanted: dict[str | None, list[str]] = {}
    interfaces = {one["id"]: one for one in fleet["network_interfaces"]}
    instances = {one["id"]: one for one in fleet["instances"]}
    for one in ids:
        interface = interfaces[one]
        instance = instances.get(interface["instance"] or "")
        wanted.setdefault(eligibility(policy, interface, instance).pool, []).append(one)
    return wanted


def _fill(
    chance: Random,
    sessions: Sequence[Session],
    liked: Mapping[str, Sequence[str]],
    ids: Sequence[str],
    per_session: int,
) -> None:
    """Sources: mostly those that a session's pool wants, sometimes others or what is gone."""
    held: Counter[str] = Counter()
    for session in sessions:
        for _ in range(chance.choice((0, 0, 1, 2, per_session))):
            likely = liked.get(session["id"]) or ids
            source = chance.choice(likely if chance.random() < 0.85 else ids)
            if chance.random() < 0.04:
                source = eni(700 + chance.randint(1, 9))
            if held[source] < SESSIONS_PER_SOURCE and source not in session["sources"]:
                session["sources"].append(source)
                held[source] += 1
