"""What the promises say of sessions: whose one is, whether it mirrors, and who comes first.

Written from README and from what the cloud documents; it shares no line with the library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Any

from .eligibility import Thing
from .facts import POOL_TAG, YOUNG_SESSION_S, Facts

DIRECTIONS = ("ingress", "egress")


@dataclass(frozen=True)
class Sessions:
    """The sessions of a world by whose they are."""

    world: Facts

    @cached_property
    def by_id(self) -> dict[str, Thing]:
        return {session["id"]: session for session in self.world.fleet["sessions"]}

    @cached_property
    def owner(self) -> dict[str, str]:
        """The pool of every session that is a pool's: named, found, or made by it."""
        return {
            id_: name
            for id_, session in self.by_id.items()
            for name, pool in self.world.policy["pools"].items()
            if _holds(name, pool, session)
        }

    @cached_property
    def untagged(self) -> dict[str, str]:
        """Sessions inside the fence of a growing pool whose tag was taken off, with that pool."""
        return {
            id_: name
            for id_, session in self.by_id.items()
            for name, pool in self.world.policy["pools"].items()
            if id_ not in self.owner and _is_in_fence(name, pool, session)
        }

    @cached_property
    def of_unknown_pools(self) -> set[str]:
        """Sessions that say they were made by a pool that this policy does not know."""
        return {
            id_
            for id_, session in self.by_id.items()
            if POOL_TAG in session["tags"] and id_ not in self.owner
        }

    @cached_property
    def strangers(self) -> list[Thing]:
        """Sessions of no pool."""
        known = {*self.owner, *self.untagged}
        return [session for id_, session in self.by_id.items() if id_ not in known]

    @cached_property
    def targets(self) -> set[str]:
        """Interfaces that receive mirrored traffic, by the policy or by a pool's session."""
        named = {t for pool in self.world.policy["pools"].values() for t in _named_targets(pool)}
        used = (self.by_id[id_] for id_ in self.owner)
        named |= {one["target"] for one in used if one["target_type"] == "NetworkInterface"}
        return {target for target in named if target.startswith("eni-")}

    @cached_property
    def target_instances(self) -> set[str]:
        interfaces = self.world.fleet["network_interfaces"]
        on = {one["instance"] for one in interfaces if one["id"] in self.targets}
        return on - {None}

    def of(self, pool: str) -> list[Thing]:
        return [self.by_id[id_] for id_, owner in self.owner.items() if owner == pool]

    def made_by(self, pool: str) -> list[Thing]:
        """Sessions that the pool made, as their tag says, or said before it was taken off."""
        names = _pool_names(pool, self.world.policy["pools"][pool])
        return [
            session
            for id_, session in self.by_id.items()
            if self.untagged.get(id_) == pool
            or (self.owner.get(id_) == pool and session["tags"].get(POOL_TAG) in names)
        ]

    def listing(self, interface_id: str, pool: str) -> list[Thing]:
        """Sessions of the pool, its untagged ones as well, that list the interface."""
        its = {**self.owner, **self.untagged}
        return [
            session
            for id_, session in self.by_id.items()
            if its.get(id_) == pool and interface_id in session["sources"]
        ]

    def order(self, interface_id: str, ids: Sequence[str]) -> list[str]:
        """By a digest of both ids, and young sessions last."""

        def place(session_id: str) -> tuple[bool, bytes]:
            session = self.by_id.get(session_id)
            is_young = session is not None and session["age_s"] < YOUNG_SESSION_S
            text = f"{interface_id}\n{session_id}".encode()
            return is_young, hashlib.blake2b(text, digest_size=16).digest()

        return sorted(ids, key=place)


def _pool_names(name: str, pool: Thing) -> list[str]:
    return [name, *pool.get("was", [])]


def _makes_sessions(pool: Thing) -> bool:
    return "grow" in pool or bool(pool.get("was"))


def _holds(name: str, pool: Thing, session: Thing) -> bool:
    """The tag alone says it of sessions that a pool made: no name, priority or number."""
    made = _makes_sessions(pool) and session["tags"].get(POOL_TAG) in _pool_names(name, pool)
    return made or session["id"] in pool.get("sessions", []) or _finds(pool, session)


def _finds(pool: Thing, session: Thing) -> bool:
    asked = pool.get("discover")
    if asked is None:
        return False
    return (
        asked.get("filter", session["filter"]) == session["filter"]
        and asked.get("target", session["target"]) == session["target"]
        and session["name"].startswith(asked.get("name_prefix", ""))
        and all(session["tags"].get(key) == value for key, value in asked.get("tags", {}).items())
    )


def _is_in_fence(name: str, pool: Thing, session: Thing) -> bool:
    grow = pool.get("grow")
    if grow is None or POOL_TAG in session["tags"]:
        return False
    first, last = grow["priorities"]
    number = session["priority"] - first
    fence = f"{grow.get('name', name)}-{number}"
    return bool(first <= session["priority"] <= last and session["name"] == fence)


def _named_targets(pool: Thing) -> Iterator[str]:
    yield from (target["id"] for target in pool.get("grow", {}).get("targets", []))
    yield from pool.get("targets", [])
    if "target" in pool.get("discover", {}):
        yield pool["discover"]["target"]


@dataclass(frozen=True)
class Effect:
    """Whether sessions mirror what they list."""

    world: Facts
    sessions: Sessions

    def flaw(self, session: Thing, pool: str) -> str | None:
        """Why it mirrors nothing, the first that holds; None: nothing that can be read says so."""
        if session.get("business_status", "Normal") != "Normal":
            return "session_locked"
        if not session.get("enabled", True):
            return "session_disabled"
        wrong = self._wrong(session, pool)
        return wrong or self._of_target(session) or self._of_filter(session, pool)

    def flaw_of_new(self, pool: str, target: Thing, filter_id: str) -> str | None:
        """The same of a session of the pool to this target, through this filter."""
        new = {"target": target["id"], "target_type": target["type"], "filter": filter_id}
        return self._of_target(new) or self._of_filter(new, pool)

    def is_told(self, session: Thing) -> bool:
        """Whether the target was read: a load balancer never is, an instance not always.

        What is gone needs no instance to be seen.
        """
        if session["target_type"] != "NetworkInterface":
            return False
        interface = self._interface(session["target"])
        if interface is None or interface["status"] != "InUse":
            return True
        return self.instance(interface["instance"]) is not None

    def instance(self, instance_id: str | None) -> Thing | None:
        """An instance, if there is one that may be seen."""
        if "instances" in self.world.hidden:
            return None
        found = (one for one in self.world.fleet["instances"] if one["id"] == instance_id)
        return next(found, None)

    def accepting(self, session: Thing) -> list[str]:
        """The directions in which the session's filter takes anything."""
        filters = {one["id"]: one["rules"] for one in self.world.fleet["filters"]}
        return [way for way in DIRECTIONS if accepts(filters[session["filter"]], way)]

    def _wrong(self, session: Thing, name: str) -> str | None:
        pool = self.world.policy["pools"][name]
        grow = pool.get("grow", {})
        made = session["tags"].get(POOL_TAG) in _pool_names(name, pool)
        grown = [target["id"] for target in grow.get("targets", [])] if made else []
        targets = pool.get("targets", grown)
        if targets and session["target"] not in targets:
            return "wrong_target"
        filter_id = pool.get("filter", grow.get("filter") if made else None)
        if filter_id is not None and session["filter"] != filter_id:
            return "wrong_filter"
        return None

    def _interface(self, interface_id: str) -> Thing | None:
        interfaces = self.world.fleet["network_interfaces"]
        return next((one for one in interfaces if one["id"] == interface_id), None)

    def _of_target(self, session: Thing) -> str | None:
        if session["target_type"] != "NetworkInterface":
            return None
        interface = self._interface(session["target"])
        if interface is None or interface["status"] != "InUse":
            return "target_gone"
        instance = self.instance(interface["instance"])
        is_stopped = instance is not None and instance["status"] != "Running"
        return "target_not_running" if is_stopped else None

    def _of_filter(self, session: Thing, pool: str) -> str | None:
        if "filters" in self.world.hidden:
            return None
        named = self.world.policy["pools"][pool].get("directions", [])
        accepting = self.accepting(session)
        is_enough = all(way in accepting for way in named) and accepting
        return None if is_enough else "filter_accepts_nothing"


def accepts(rules: Any, direction: str) -> bool:
    """Some accept rule is not wholly behind one drop rule that takes all that it takes."""
    if isinstance(rules, int):
        return rules > 0 and direction == "ingress"
    ordered = sorted(
        (rule for rule in rules if rule["direction"] == direction), key=lambda r: r["priority"]
    )
    return any(
        rule["action"] == "accept"
        and not any(one["action"] == "drop" and _takes_all(one, rule) for one in ordered[:at])
        for at, rule in enumerate(ordered)
    )


def _takes_all(wide: Thing, narrow: Thing) -> bool:
    return wide["protocol"] in {"ALL", narrow["protocol"]} and all(
        IPv4Network(narrow[side]).subnet_of(IPv4Network(wide[side]))
        for side in ("source_cidr", "destination_cidr")
    )
