"""Trouble on purpose: which calls go wrong, and how, exactly and reproducibly.

A list of faults is tried from the top for every call; the first whose `action` and `when` fit
wins, and only the ones tried before a winner count the call. `action` may hold wildcards
(`Describe*`, `InvokeFunction:*`); `*` fits everything. `between_s` counts seconds of the local
cloud since the list was put.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from localcloud.sentences import sentence_of

Moment = Literal["before", "after"]
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(_Strict):
    """What goes wrong in one call. One kind each; `delay_s` may go with any of them.

    `reset`, `kill`: the connection is cut with nothing done (`before`) or everything done
    (`after`); `kill` ends the calling function's instance as well.
    """

    error: str | None = None
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    throttle: bool = False
    retry_after_ms: Annotated[int, Field(ge=0)] | None = None
    delay_s: _Seconds = 0.0
    reset: Moment | None = None
    truncate: Annotated[int, Field(ge=0)] | None = None
    body: str | None = None
    stale_s: _Seconds | None = None
    background_failure: bool = False
    kill: Moment | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the kinds that are set, `delay_s` aside."""
        given = {
            "error": self.error is not None,
            "throttle": self.throttle,
            "reset": self.reset is not None,
            "truncate": self.truncate is not None,
            "body": self.body is not None,
            "stale_s": self.stale_s is not None,
            "background_failure": self.background_failure,
            "kill": self.kill is not None,
        }
        return tuple(name for name, is_given in given.items() if is_given)

    @property
    def label(self) -> str:
        """A word or two for the journal."""
        kind = (*self.kinds, "delay_s")[0]
        moment = self.reset or self.kill
        return f"{kind} {moment}" if moment else kind

    @model_validator(mode="after")
    def _one_kind(self) -> Fault:
        kinds = self.kinds
        if len(kinds) > 1 or (not kinds and not self.delay_s):
            raise ValueError("name exactly one thing to go wrong")
        if self.status is not None and kinds not in {("error",), ("body",)}:
            raise ValueError("status goes with error or body")
        if self.retry_after_ms is not None and not self.throttle:
            raise ValueError("retry_after_ms goes with throttle")
        return self


class When(_Strict):
    """Which of the fitting calls: exactly one of the four."""

    next: Annotated[int, Field(ge=0)] | None = None
    every: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    between_s: tuple[_Seconds, _Seconds] | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> When:
        if len(self.model_fields_set) != 1:
            raise ValueError("name exactly one of next, every, probability, between_s")
        return self


class ScheduledFault(_Strict):
    """One element of the list: whose calls, which of them, and what happens to them."""

    action: str
    when: When | None = None
    do: Fault
    seed: int | None = None


_LIST: TypeAdapter[list[ScheduledFault]] = TypeAdapter(list[ScheduledFault])


class FaultsError(ValueError):
    """A list of faults cannot be used; the message says which element and why."""


class _Entry:
    """A scheduled fault together with what it has counted so far."""

    def __init__(self, scheduled: ScheduledFault, position: int, since: float) -> None:
        self._scheduled = scheduled
        self._since = since
        self._calls = 0
        self._random = random.Random(  # noqa: S311 - repeatable on purpose
            scheduled.seed if scheduled.seed is not None else position
        )

    @property
    def fault(self) -> Fault:
        return self._scheduled.do

    def strikes(self, action: str, now: float) -> bool:
        if not fnmatchcase(action, self._scheduled.action):
            return False
        self._calls += 1
        return self._now_is_the_time(now)

    def _now_is_the_time(self, now: float) -> bool:
        when = self._scheduled.when
        if when is None:
            return True
        if when.next is not None:
            return self._calls <= when.next
        if when.every is not None:
            return self._calls % when.every == 0
        if when.probability is not None:
            return self._random.random() < when.probability
        begin, end = when.between_s or (0.0, 0.0)
        return begin <= now - self._since < end


class Faults:
    """The faults in force."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: list[_Entry] = []

    def replace(self, faults: object) -> None:
        """Put another list in force and forget all counts; `FaultsError` leaves the old one."""
        try:
            scheduled = _LIST.validate_python(faults)
        except ValidationError as error:
            raise FaultsError(sentence_of(error, "faults")) from None
        since = self._now()
        self._entries = [_Entry(one, position, since) for position, one in enumerate(scheduled)]

    def take(self, action: str) -> Fault | None:
        """What goes wrong in this call, which is counted by asking."""
        now = self._now()
        for entry in self._entries:
            if entry.strikes(action, now):
                return entry.fault
        return None
