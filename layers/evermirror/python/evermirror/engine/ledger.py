"""One run's book-keeping of the sessions that pools make: which numbers became what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evermirror.engine import numbers
from evermirror.engine.numbers import UNGROWN, Numbers
from evermirror.engine.state import Creation, Observation, Progress, Standing
from evermirror.policy import Policy
from evermirror.results import Accepted, Refused, Unknown


class Ledger:
    """The numbers of every pool; changes only through the methods below."""

    def __init__(self, policy: Policy, spent: Iterable[tuple[str, int]] = ()) -> None:
        pools = policy.pools.items()
        self._growing = {name: pool for name, pool in pools if pool.growth is not None}
        by_pool: dict[str, set[int]] = {}
        for pool, number in spent:
            by_pool.setdefault(pool, set()).add(number)
        self.numbers: dict[str, Numbers] = {
            pool: Numbers(spent=found) for pool, found in by_pool.items() if pool in self._growing
        }

    @property
    def priorities(self) -> tuple[int, ...]:
        """The priorities whose holder must be found before anybody moves on."""
        return tuple(
            growth.priority(number)
            for pool, known in sorted(self.numbers.items())
            if (growth := self._growing[pool].growth) is not None
            for number in known.in_doubt
        )

    @property
    def settled(self) -> int:
        """How many numbers are known to be somebody's, so that growth goes on past them."""
        return sum(known.settled for known in self.numbers.values())

    def answer(self, creation: Creation, answer: Accepted | Refused | Unknown, at: float) -> None:
        known = self.numbers.get(creation.pool, UNGROWN)
        self.numbers[creation.pool] = numbers.answered(known, creation, answer, at)

    def remember(self, creation: Creation) -> None:
        """The service answered this Create with a session that was there before it."""
        known = self.numbers.get(creation.pool, UNGROWN)
        self.numbers[creation.pool] = numbers.remembered(known, creation)

    def observe(self, observation: Observation, stale_bound_s: float) -> None:
        for name, known in self.numbers.items():
            pool = self._growing[name]
            self.numbers[name] = numbers.observed(known, pool, observation, stale_bound_s)

    def give_up(self, creations: Mapping[str, Creation]) -> None:
        """These sessions, by id, were to be made and did not come."""
        for session_id, creation in creations.items():
            known = self.numbers.get(creation.pool, UNGROWN)
            if known.known(creation.number).session_id == session_id:
                self.numbers[creation.pool] = numbers.without_effect(known, creation)

    def is_anothers(self, progress: Progress, observation: Observation) -> bool:
        """Say whether a Create was answered with a session that is not, or no longer, the pool's.

        The service remembers the token, whatever became of the session since.
        """
        session = observation.sessions.get(progress.session_id or "")
        if progress.creation is None or session is None:
            return False
        pool = self._growing[progress.creation.pool]
        return not (pool.holds(session) or pool.untagged(session))

    def holds(self, progress: Progress) -> bool:
        """Say whether the outcome of the Create that carried this interface is still unknown."""
        creation = progress.creation
        if creation is None or progress.standing is not Standing.UNKNOWN:
            return False
        known = self.numbers.get(creation.pool, UNGROWN)
        return known.known(creation.number).pending == creation
