"""How every interface of a world stands, from the promises alone: what the five must agree with.

An interface by itself: is it wanted, which sessions list it, do they mirror, where would it go. And
all of them at once, in the order of their ids: who gets the seats, the new sessions and the room
below the ceiling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .eligibility import Eligibility, Thing, eligibility
from .facts import GRACE_S, Facts
from .places import NEW, Given, Places
from .sessions import Effect, Sessions

MIRRORED, INEFFECTIVE, PENDING, MISSING = "mirrored", "ineffective", "pending", "missing"
IMPOSSIBLE, CLAIMED, UNATTACHED = "impossible", "claimed_by_stranger", "unattached"
EXCLUDED, UNDECIDED = "excluded", "undecided"
SESSIONS_PER_SOURCE = 3


@dataclass(frozen=True)
class Truth:
    """How one interface stands, asked for alone.

    `kind` is its standing, `reason` the word for an impossible one. `listing` are the sessions of
    its pool that list it: by id, why the session mirrors nothing, or None. `order` are the sessions
    of its pool as it tries them, `first` the first with a place for it (NEW: one to be made).
    `claims` are sessions of no pool that mirror to it; `in_three_sessions` says that it is in as
    many as it may be, of whomever, and `is_refused` that the service would not take it, which
    only asking shows.
    """

    interface: Thing
    eligibility: Eligibility
    kind: str
    reason: str | None = None
    listing: Mapping[str, str | None] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    first: str | None = None
    claims: frozenset[str] = frozenset()
    in_three_sessions: bool = False
    is_refused: bool = False

    @property
    def id(self) -> str:
        found: str = self.interface["id"]
        return found

    @property
    def is_attached(self) -> bool:
        return bool(self.interface["status"] == "InUse")

    @property
    def asks(self) -> bool:
        """Whether it is wanted, there, and not listed."""
        return self.is_attached and self.eligibility.pool is not None and not self.listing


@dataclass(frozen=True)
class Oracle:
    """Everything that is to be known of a world."""

    world: Facts

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.world)

    @cached_property
    def effect(self) -> Effect:
        return Effect(self.world, self.sessions)

    @cached_property
    def places(self) -> Places:
        return Places(self.world, self.sessions, self.effect)

    @cached_property
    def places_for_mirror(self) -> Places:
        return Places(self.world, self.sessions, self.effect, for_mirror=True)

    @cached_property
    def truths(self) -> dict[str, Truth]:
        """By interface id, in the order of the ids."""
        found = {one["id"]: one for one in self.world.fleet["network_interfaces"]}
        return {id_: self._truth(found[id_]) for id_ in sorted(found)}

    def _truth(self, interface: Thing) -> Truth:
        wanted = eligibility(
            self.world.policy,
            interface,
            self.effect.instance(interface["instance"]),
            self.sessions.targets,
            self.sessions.target_instances,
        )
        if wanted.pool is None:
            return Truth(interface, wanted, self._unwanted(interface, wanted))
        listing = {
            session["id"]: self.effect.flaw(session, wanted.pool)
            for session in self.sessions.listing(interface["id"], wanted.pool)
        }
        return self._eligible(interface, wanted, wanted.pool, listing)

    def _unwanted(self, interface: Thing, wanted: Eligibility) -> str:
        if interface["status"] != "InUse":
            return UNATTACHED
        return UNDECIDED if wanted.is_undecided else EXCLUDED

    def _eligible(
        self,
        interface: Thing,
        wanted: Eligibility,
        pool: str,
        listing: Mapping[str, str | None],
    ) -> Truth:
        id_ = interface["id"]
        places = self.places
        in_all = sum(id_ in one["sources"] for one in self.world.fleet["sessions"])
        reason = places.reason(pool)
        in_three = in_all >= SESSIONS_PER_SOURCE
        if reason is None and in_three:
            reason = "in_three_sessions"
        claims = frozenset(s["id"] for s in self.sessions.strangers if s["target"] == id_)
        return Truth(
            interface=interface,
            eligibility=wanted,
            kind=_kind(interface, listing, reason, bool(claims)),
            reason=reason,
            listing=listing,
            order=tuple(self.sessions.order(id_, places.ids(pool))),
            first=places.first(id_, pool, Counter()),
            claims=claims,
            in_three_sessions=in_three,
            is_refused=self._is_refused(interface, in_all),
        )

    def _is_refused(self, interface: Thing, in_all: int) -> bool:
        """What the service refuses for good, as the local cloud does."""
        instances = {one["id"]: one for one in self.world.fleet["instances"]}
        instance = instances.get(interface["instance"] or "")
        is_target = any(one["target"] == interface["id"] for one in self.world.fleet["sessions"])
        is_unfit = instance is None or not instance.get("supports_mirror", True)
        return is_unfit or is_target or in_all >= SESSIONS_PER_SOURCE

    @cached_property
    def given(self) -> dict[str, Given]:
        """For everybody who asks mirror, all of them at once, by what it must read at least."""
        return self.places_for_mirror.share_out(self._asking)

    @cached_property
    def given_by_all(self) -> dict[str, Given]:
        """The same where it has read all sessions, for the sake of another pool."""
        return self.places.share_out(self._asking)

    @property
    def _asking(self) -> list[tuple[str, str]]:
        return [(one.id, one.eligibility.pool or "") for one in self.truths.values() if one.asks]


def _kind(
    interface: Thing, listing: Mapping[str, str | None], reason: str | None, is_claimed: bool
) -> str:
    """The first standing that holds."""
    if interface["status"] != "InUse":
        return UNATTACHED
    if listing:
        return MIRRORED if None in listing.values() else INEFFECTIVE
    if reason is not None:
        return IMPOSSIBLE
    if is_claimed:
        return CLAIMED
    return PENDING if interface["age_s"] < GRACE_S else MISSING


__all__ = ["NEW", "Given", "Oracle", "Truth"]
