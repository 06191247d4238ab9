"""Everything a plan is made from, in one frozen value: no clock, no network, no chance in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

from evermirror.engine.numbers import UNGROWN, Numbers
from evermirror.engine.state import CREATED, UNTOUCHED, Limits, Observation, Progress, Want
from evermirror.model import Place, Session
from evermirror.policy import Policy
from evermirror.values import dataclass


@dataclass(frozen=True)
class View:
    """The world, the policy, and what happened so far.

    `acting` is False when nothing may be changed at all (observe mode); `time_for_changes` is
    False when too little of the function's time is left to begin another one. `changing` are the
    sessions that are busy with a change of this very run, each with the interfaces it carries;
    `numbers` what is known of the sessions that pools make, by pool. `promised` are seats that
    others, who only ask, were told that they would get, by session.
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

    def only_asks(self, want: Want) -> bool:
        """Say whether this wish is to be told what would be done, and nothing is."""
        return want.dry_run or not self.acting

    def seats_left(self, session: Session) -> int:
        """How many more sources the session takes."""
        taken = len(session.source_ids) + self.promised.get(session.id, 0)
        return self.limits.sources_per_session - taken

    def may_promise(self, session_id: str) -> bool:
        """Say whether another one may be told that it would get a seat there.

        Of a session that is not listed nobody knows the sources; more than all its seats it
        never has.
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
        """The ids of the pool's sessions: named by the policy, seen to be its, or made."""
        return self._sessions[pool]

    def holding(self, network_interface_id: str, pool: str) -> tuple[Session, ...]:
        """The sessions of the pool that list the interface."""
        listing = self._listing.get(network_interface_id, ())
        return tuple(s for s in listing if s.id in self._members[pool])

    def is_in_doubt(self, pool: str) -> bool:
        """Say whether a session of the pool may be about to hold what nobody here knows of.

        It is busy with a change that this run did not make, or it is one that may have been made.
        """
        busy = any(session_id in self._members[pool] for session_id in self._busy)
        return busy or bool(self.numbers_of(pool).in_doubt)

    @cached_property
    def everywhere(self) -> Mapping[str, Session]:
        """Every session that was seen, those of pools that nothing is to be placed in as well."""
        return {**self.observation.elsewhere, **self.observation.sessions}

    @cached_property
    def targets(self) -> frozenset[str]:
        """The ids of everything that a session seen mirrors to, or that the policy has it do."""
        seen = (session.target_id for session in self.everywhere.values())
        return self.observation.target_ids.union(seen)

    @cached_property
    def priorities(self) -> frozenset[int]:
        """The priorities of everything that was seen, whosever it is."""
        seen = (*self.observation.holders, *self.observation.sessions.values())
        return frozenset(session.priority for session in seen)

    @cached_property
    def _sessions(self) -> Mapping[str, tuple[str, ...]]:
        seen = self.observation.sessions
        return {
            name: tuple(
                sorted(
                    {
                        *pool.session_ids,
                        *self.numbers_of(name).made,
                        *(i for i, one in seen.items() if pool.holds(one)),
                    }
                )
            )
            for name, pool in self.policy.pools.items()
        }

    @cached_property
    def _members(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(ids) for name, ids in self._sessions.items()}

    @cached_property
    def _listing(self) -> Mapping[str, list[Session]]:
        listing: dict[str, list[Session]] = {}
        for session in self.observation.sessions.values():
            for source_id in session.source_ids:
                listing.setdefault(source_id, []).append(session)
        return listing

    @cached_property
    def _busy(self) -> frozenset[str]:
        return frozenset(
            session.id
            for session in self.observation.sessions.values()
            if session.status != CREATED and session.id not in self.changing
        )
