"""Everything a plan is made from, in one frozen value: no clock, no network, no chance in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import cached_property

from evermirror import reasons
from evermirror.engine.numbers import UNGROWN, Numbers
from evermirror.engine.state import UNTOUCHED, Observation, Progress, Want
from evermirror.model import CREATED, NetworkInterface, Place, Session
from evermirror.placement.candidates import (
    PASSED,
    Candidate,
    What,
    best,
    candidates,
    what_is,
)
from evermirror.placement.capacity import full_because
from evermirror.placement.effect import Effect
from evermirror.placement.limits import Limits
from evermirror.placement.placement import Placement
from evermirror.placement.rendezvous import YOUNG_SESSION_S
from evermirror.policy import Decision, Policy
from evermirror.results import Meaning, Refused
from evermirror.values import dataclass

CLOCKS_APART_S = 5.0
"""How far the clocks of two writers may be apart, in seconds."""


@dataclass(frozen=True)
class View:
    """The world, the policy, and what happened so far.

    `acting` is False when nothing may be changed at all (observe mode); `time_for_changes` is
    False when too little of the function's time is left to begin another one. `changing` are the
    sessions that are busy with a change of this very run, each with the interfaces it carries;
    `numbers` what is known of the sessions that pools make, by pool. `promised` are seats that
    others, who only ask, were told that they would get, by session. `locked` are sessions that
    refused this run for an unpaid bill. `promised_lately` are sources that calls of this instance
    added in the last stale bound, or may have, by session; `busy_since` says from when on this
    instance has seen sessions busy, without a break; `configured` are the limits before
    anything was learned; and `is_new_instance` says that a List may not show yet what an instance
    before this one did.
    """

    place: Place
    policy: Policy
    limits: Limits
    observation: Observation
    progress: Mapping[str, Progress]
    acting: bool = True
    time_for_changes: bool = True
    changing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, Numbers] = field(default_factory=dict)
    promised: Mapping[str, int] = field(default_factory=dict)
    locked: Mapping[str, Refused] = field(default_factory=dict)
    promised_lately: Mapping[str, frozenset[str]] = field(default_factory=dict)
    busy_since: Mapping[str, float] = field(default_factory=dict)
    configured: Limits = field(default_factory=Limits)
    is_new_instance: bool = False

    @cached_property
    def placement(self) -> Placement:
        """The decider, over what was seen."""
        seen = self.observation
        return Placement(self.policy, seen.snapshot, self.limits, seen.receiving)

    def eligibility(self, interface: NetworkInterface) -> Decision:
        """Where the interface belongs, or why nowhere."""
        return self.placement.eligibility(interface)

    def only_asks(self, want: Want) -> bool:
        """Say whether this wish is to be told what would be done, and nothing is."""
        return want.dry_run or not self.acting

    def seats_left(self, session: Session) -> int:
        """How many more sources the session takes."""
        taken = len(session.source_ids) + self.promised.get(session.id, 0)
        return self.limits.sources_per_session - taken

    def may_promise(self, session_id: str) -> bool:
        """Say whether another one may be told that it would get a seat there.

        The sources of a session that is not listed are not known; it never has more than all its
        seats.
        """
        session = self.observation.sessions.get(session_id)
        if session is not None:
            return self.seats_left(session) > 0
        return self.promised.get(session_id, 0) < self.limits.sources_per_session

    def progress_of(self, want: Want) -> Progress:
        return self.progress.get(want.network_interface_id, UNTOUCHED)

    def numbers_of(self, pool: str) -> Numbers:
        return self.numbers.get(pool, UNGROWN)

    def sessions_of(self, pool: str) -> tuple[str, ...]:
        """The ids of the pool's sessions: named by the policy, seen to be its, or made just now."""
        return self._sessions[pool]

    def was_looked_at(self, pool: str) -> bool:
        """Say whether the sessions of the pool were part of the look."""
        return self.observation.pools is None or pool in self.observation.pools

    def candidates(self, network_interface_id: str, pool: str) -> Iterable[Candidate]:
        """What each session of the pool is to an interface, in its order."""
        seen = self.observation
        return candidates(
            network_interface_id,
            self.sessions_of(pool),
            seen.sessions,
            seen.at,
            lambda session: self.what_is(session, pool),
        )

    def what_is(self, session: Session, pool: str) -> What:
        """What a session is to an interface that it does not list."""
        return what_is(session, self.seats_left(session), self.placement.effect(session, pool))

    def refusals(self, want: Want) -> Mapping[str, Refused]:
        """The sessions that do not take the interface, as the service said of it or of them."""
        return {**self.locked, **self.progress_of(want).refused}

    def best_listing(self, network_interface_id: str, pool: str) -> tuple[Session, Effect] | None:
        """Of the pool's sessions that list the interface, the one that works best."""
        return best(self.placement.listing(network_interface_id, pool))

    def no_room(self, pool: str, refused: Mapping[str, Refused]) -> str:
        """Why a pool has no place where every session was passed and none can be made.

        `refused` are the sessions that said no themselves: a List may not show yet why. The seats
        of sessions that it could make all the same are promised to others.
        """
        what = {self._kept_out_by(i, pool, refused.get(i)) for i in self.sessions_of(pool)}
        made = self.numbers_of(pool).made_of | {*self.free_numbers(pool)}
        in_vain = self.placement.makes_nothing_that_mirrors(pool, made)
        owner = self.policy.pools[pool]
        found = full_because(owner, what, self.limits, in_vain=in_vain)
        return found or reasons.POOL_FULL

    def _kept_out_by(self, session_id: str, pool: str, refused: Refused | None) -> What:
        session = self.observation.sessions.get(session_id)
        what = What.NOT_LISTED if session is None else self.what_is(session, pool)
        if what in PASSED:
            return what
        if session is not None and refused is not None and refused.means is Meaning.LOCKED:
            # Of one that is gone an unpaid bill is told as well, before anybody looks for it.
            return What.INEFFECTIVE
        # Its seats are promised, or it has refused as full.
        return What.FULL

    def is_in_doubt(self, pool: str) -> bool:
        """Say whether a session of the pool may be about to gain a source that is not known here.

        Another writer is changing it, one of our Creates has an unknown result, or it has just
        ceased to be young: until no List can be older than that, it may hold what another order
        put elsewhere.
        """
        return pool in self._in_doubt

    def of_pool(self, pool: str) -> list[Session]:
        """The sessions of the pool that were seen, and those that lost its tag."""
        membership = self.placement.membership
        return [*membership.sessions(pool), *membership.untagged(pool)]

    @cached_property
    def everywhere(self) -> Mapping[str, Session]:
        """Every session of a pool that was seen, of pools that nothing is placed in as well."""
        ours = (session for pool in self.policy.pools for session in self.of_pool(pool))
        return {**self.observation.elsewhere, **{session.id: session for session in ours}}

    @cached_property
    def promised_sources(self) -> Mapping[str, frozenset[str]]:
        """By session, what calls added that a List may not show yet: lately, or in this run."""
        promised = dict(self.promised_lately)
        for network_interface_id, progress in self.progress.items():
            if progress.session_id is not None:
                before = promised.get(progress.session_id, frozenset())
                promised[progress.session_id] = before | {network_interface_id}
        return promised

    def free_numbers(self, pool: str) -> list[int]:
        """Numbers that the pool may make a session of, as far as is known, lowest first.

        A number that is known to be somebody's, or whose target takes no session, takes no place
        from the others; a session that this run made counts although no List shows it yet.
        """
        numbers, seen = self.numbers_of(pool), self.observation.sessions
        unlisted = sum(made not in seen for made in numbers.made)
        useful = self.placement.useful_numbers(pool, self._other_priorities)
        left = max(0, self.placement.sessions_left(pool) - unlisted)
        return [number for number in useful if self._is_untried(pool, number)][:left]

    def _is_untried(self, pool: str, number: int) -> bool:
        growth, numbers = self.policy.pools[pool].growth, self.numbers_of(pool)
        known = numbers.known(number)
        is_somebodys = known.taken or known.session_id is not None
        return not is_somebodys and (
            growth is None or growth.target(number).id not in numbers.closed
        )

    @cached_property
    def _other_priorities(self) -> frozenset[int]:
        return frozenset(session.priority for session in self.observation.holders)

    @cached_property
    def _in_doubt(self) -> frozenset[str]:
        return frozenset(
            name
            for name in self.policy.pools
            if self.numbers_of(name).in_doubt or any(map(self._may_gain, self.of_pool(name)))
        )

    def _may_gain(self, session: Session) -> bool:
        if session.status != CREATED and session.id not in self.changing:
            since = self.busy_since.get(session.id, self.observation.since)
            return self.observation.since - since <= self.limits.doubt_bound_s
        return self._turns(session)

    def _turns(self, session: Session) -> bool:
        if session.created_at is None:
            return False
        turned_s = self.observation.at - session.created_at - YOUNG_SESSION_S
        return -CLOCKS_APART_S <= turned_s <= self.limits.stale_bound_s + CLOCKS_APART_S

    @cached_property
    def _sessions(self) -> Mapping[str, tuple[str, ...]]:
        seen = self.observation.sessions
        return {
            name: tuple(
                sorted(
                    {
                        *self.placement.session_ids(name),
                        # What a List shows says itself whose it is.
                        *(made for made in self.numbers_of(name).made if made not in seen),
                    }
                )
            )
            for name in self.policy.pools
        }
