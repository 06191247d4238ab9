"""What the service taught an instance about its calls, for as long as the instance lives.

How many sources one call may name is documented in two ways. A setting says what to try; when
the service refuses it, one source a call is what every reading of the documents allows. By which
code it refuses is documented nowhere: where no document names the code, it is learned from what
follows, that everybody whom the call named passes alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from evermirror.engine.act import Answered
from evermirror.engine.blame import is_a_crowd, may_be_a_crowd
from evermirror.engine.sensors import Sensors
from evermirror.engine.state import Creation, Limits
from evermirror.results import Accepted, Kind, Refused, Unknown


class _Suspicion(NamedTuple):
    """A call with company was refused by an unknown code; those `left` did not pass alone yet."""

    creating: bool
    left: frozenset[str]

    def without(self, source: str) -> _Suspicion:
        return self._replace(left=self.left - {source})


class Learned:
    """Remembers lessons from one run to the next; there is nothing in it to lose.

    `sensors` are where the pools were seen to mirror to.
    """

    def __init__(self) -> None:
        self.sensors = Sensors()
        self._add_one_by_one = False
        self._create_with_one = False
        self._suspected: list[_Suspicion] = []

    def heed(self, answers: Iterable[Answered]) -> None:
        for item in answers:
            sources = item.call.network_interface_ids
            if isinstance(item.answer, Refused) and is_a_crowd(len(sources), item.answer):
                self._learn(creating=isinstance(item.call, Creation))
            elif isinstance(item.answer, Refused) and may_be_a_crowd(len(sources), item.answer):
                creating = isinstance(item.call, Creation)
                self._suspected.append(_Suspicion(creating, frozenset(sources)))
            elif len(sources) == 1:
                self._heed_alone(sources[0], item.answer)

    def _heed_alone(self, source: str, answer: Accepted | Refused | Unknown | None) -> None:
        if isinstance(answer, Refused) and answer.kind is not Kind.WAIT:
            # It may have been this one's fault that its company was refused.
            self._suspected = [one for one in self._suspected if source not in one.left]
        if isinstance(answer, Accepted):
            self._suspected = [one.without(source) for one in self._suspected]
        for one in self._suspected:
            if not one.left:
                self._learn(creating=one.creating)
        self._suspected = [one for one in self._suspected if one.left]

    def _learn(self, *, creating: bool) -> None:
        if creating:
            self._create_with_one = True
        else:
            self._add_one_by_one = True

    def applied(self, limits: Limits) -> Limits:
        """The limits with what was learned put into them."""
        return replace(
            limits,
            sources_per_call=1 if self._add_one_by_one else limits.sources_per_call,
            sources_per_create=1 if self._create_with_one else limits.sources_per_create,
        )
