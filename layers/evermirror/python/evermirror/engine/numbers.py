"""What one run knows of the session numbers of a pool that grows: one pure step at a time.

Number k stands for one session: its name, priority, target and token follow from k alone, and a
priority is unique in account and region, so k is where two writers meet. A number is left behind
only when what became of it is known: a session that is seen, one that this run made, a stranger's.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from types import MappingProxyType

from evermirror.engine.blame import Blame, blame
from evermirror.engine.state import Creation, Observation
from evermirror.policy import Pool
from evermirror.results import About, Accepted, Refused, Unknown
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """What became of one number.

    `attempt` counts the definite refusals, which the service may remember and replay. `pending`
    is a Create with an unknown outcome, to be sent again as it is; `contested_at` when somebody
    else was found to hold the number, or its token, without being seen; `taken` that the holder
    is a stranger; `session_id` the session that this run made.
    """

    attempt: int = 0
    pending: Creation | None = None
    contested_at: float | None = None
    taken: bool = False
    session_id: str | None = None

    @property
    def is_in_doubt(self) -> bool:
        return self.pending is not None or self.contested_at is not None


@dataclass(frozen=True, slots=True)
class Numbers:
    """All that is known of a pool's numbers.

    `crowded` are targets that refused several sources at once, `closed` those that refused one;
    `refused` is why the pool makes no session at all. `spent` are numbers whose own token was
    refused in an earlier run of this instance.
    """

    of: Mapping[int, Number] = field(default_factory=lambda: MappingProxyType({}))
    crowded: frozenset[str] = frozenset()
    closed: Mapping[str, Refused] = field(default_factory=lambda: MappingProxyType({}))
    refused: Refused | None = None
    spent: AbstractSet[int] = frozenset()

    def known(self, number: int) -> Number:
        return self.of.get(number, _SPENT if number in self.spent else _FRESH)

    @property
    def made(self) -> tuple[str, ...]:
        """The sessions that this run made."""
        return tuple(n.session_id for n in self.of.values() if n.session_id is not None)

    @property
    def made_of(self) -> frozenset[int]:
        """The numbers of these sessions."""
        return frozenset(k for k, number in self.of.items() if number.session_id is not None)

    @property
    def in_doubt(self) -> tuple[int, ...]:
        """Numbers that somebody may have made a session of, with nobody knows what in it."""
        return tuple(k for k, number in sorted(self.of.items()) if number.is_in_doubt)

    @property
    def settled(self) -> int:
        """How many numbers are known to be somebody's: a stranger's, or made by this run."""
        return sum(n.taken or n.session_id is not None for n in self.of.values())

    @property
    def pending(self) -> Creation | None:
        """The Create that must be sent again, if there is one."""
        return next((n.pending for n in self.of.values() if n.pending is not None), None)

    def noting(self, number: int, known: Number) -> Numbers:
        return replace(self, of=MappingProxyType({**self.of, number: known}))


_FRESH, _SPENT = Number(), Number(attempt=1)
UNGROWN = Numbers()


def answered(
    numbers: Numbers, creation: Creation, answer: Accepted | Refused | Unknown, at: float
) -> Numbers:
    """What is known after a Create was answered at `at` (epoch seconds)."""
    known = numbers.known(creation.number)
    if isinstance(answer, Accepted) and answer.session_id is not None:
        made = Number(known.attempt, session_id=answer.session_id)
        return numbers.noting(creation.number, made)
    if not isinstance(answer, Refused) or answer.same_token:
        return numbers.noting(creation.number, replace(known, pending=creation))
    return _refused(numbers, creation, answer, at)


def _refused(numbers: Numbers, creation: Creation, refused: Refused, at: float) -> Numbers:
    known = numbers.known(creation.number)
    fault = blame(creation, refused)
    if fault is Blame.LATER and refused.about is About.SERVICE:
        return numbers
    again = replace(known, attempt=known.attempt + 1, pending=None)
    if fault is Blame.NUMBER:
        # Not another attempt yet: the holder may still come to light.
        again = replace(known, pending=None, contested_at=at)
    numbers = numbers.noting(creation.number, again)
    if fault is Blame.POOL:
        return replace(numbers, refused=refused)
    if fault is not Blame.TARGET:
        return numbers
    target = creation.new.target_id
    if len(creation.network_interface_ids) > 1:
        return replace(numbers, crowded=numbers.crowded | {target})
    return replace(numbers, closed=MappingProxyType({**numbers.closed, target: refused}))


def observed(
    numbers: Numbers, pool: Pool, observation: Observation, stale_bound_s: float
) -> Numbers:
    """What is known after the sessions were read again."""
    growth = pool.growth
    if growth is None:
        return numbers
    for number in numbers.in_doubt:
        known = numbers.known(number)
        holder = observation.holder_of(growth.priority(number))
        if holder is not None:
            # One of ours that shows no tag, not yet or no longer, lists what it carries.
            taken = not (pool.made(holder) or pool.untagged(holder))
            known = replace(known, pending=None, contested_at=None, taken=taken)
        elif known.contested_at is not None and (
            observation.at - known.contested_at > stale_bound_s
        ):
            # A holder would be listed by now: the service replays what it remembers of a token.
            known = Number(known.attempt + 1)
        numbers = numbers.noting(number, known)
    return numbers


def remembered(numbers: Numbers, creation: Creation) -> Numbers:
    """What is known where the service answered a Create with a session that was there before.

    It remembers the token, and the session has another name or priority by now.
    """
    known = numbers.known(creation.number)
    return numbers.noting(creation.number, Number(known.attempt + 1))


def without_effect(numbers: Numbers, creation: Creation) -> Numbers:
    """What is known after a session that was to be made did not come."""
    known = numbers.known(creation.number)
    return numbers.noting(creation.number, Number(known.attempt + 1))
