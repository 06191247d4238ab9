"""What a client token has led to, so that a repeated call has one effect and one answer.

VPC API 2016-04-28, "How to ensure idempotence": the same token with the same parameters gets
the first answer again, with other parameters an error. How long a token is kept, and what a
call meets while the first is still going on, is not documented: both are settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import with_config

from localcloud.refusals import refused
from localcloud.world.moments import after
from localcloud.world.objects import STRICT
from localcloud.world.settings import Behaviour


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Remembered:
    """A token of the fleet file: what it was used for and what was answered, `age_s` ago."""

    action: str
    token: str
    parameters: dict[str, str]
    status: int
    answer: dict[str, Any]
    age_s: float = 0.0
    in_flight_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer worth giving again. `body` has its RequestId."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Entry:
    parameters: Mapping[str, str]
    answered: Answered
    at: float
    in_flight_until: float


class Ledger:
    """Tokens per action, for one account and region."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._entries: dict[tuple[str, str], _Entry] = {}

    def recall(
        self, action: str, token: str, parameters: Mapping[str, str], now: float
    ) -> Answered | None:
        """The answer this token led to, or None for a token not known; `RefusedError` if misused.

        `parameters` are those of the call without the token itself.
        """
        entry = self._entries.get((action, token))
        if entry is None:
            return None
        if now >= after(entry.at, self._behaviour.token_ttl_s):
            del self._entries[action, token]
            return None
        if entry.parameters != parameters:
            raise refused("IdempotentParameterMismatch")
        return entry.answered

    def in_flight(self, action: str, token: str, now: float) -> bool:
        """Whether the call that first used a token is still going on."""
        entry = self._entries.get((action, token))
        return entry is not None and now < entry.in_flight_until

    def remember(
        self,
        action: str,
        token: str,
        parameters: Mapping[str, str],
        answered: Answered,
        moments: tuple[float, float],
    ) -> None:
        """Keep an answer; `moments` are now and the end of the call's being in flight."""
        self._entries[action, token] = _Entry(dict(parameters), answered, *moments)

    def restore(self, remembered: Iterable[Remembered], now: float) -> None:
        """Take over the tokens of a fleet file."""
        for one in remembered:
            moments = (after(now, -one.age_s), after(now, one.in_flight_s))
            answered = Answered(one.status, one.answer)
            self.remember(one.action, one.token, one.parameters, answered, moments)

    def seen(self, now: float) -> tuple[Remembered, ...]:
        """The tokens for the fleet file, oldest first."""
        return tuple(
            Remembered(
                action=action,
                token=token,
                parameters=dict(entry.parameters),
                status=entry.answered.status,
                answer=dict(entry.answered.body),
                age_s=now - entry.at,
                in_flight_s=max(0.0, entry.in_flight_until - now),
            )
            for (action, token), entry in self._entries.items()
            if now < after(entry.at, self._behaviour.token_ttl_s)
        )
