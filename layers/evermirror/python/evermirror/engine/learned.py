"""What the service taught an instance about its calls, for as long as the instance lives.

How many sources one call may name is documented in two ways. A setting says what to try; when
the service refuses it, one source a call is what every reading of the documents allows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from evermirror.aliyun.answers import Refused
from evermirror.engine.act import Answered
from evermirror.engine.blame import is_a_crowd
from evermirror.engine.state import Creation, Limits


class Learned:
    """Remembers lessons from one run to the next; there is nothing in it to lose."""

    def __init__(self) -> None:
        self._add_one_by_one = False
        self._create_with_one = False

    def heed(self, answers: Iterable[Answered]) -> None:
        for item in answers:
            if isinstance(item.answer, Refused) and is_a_crowd(
                len(item.call.network_interface_ids), item.answer
            ):
                if isinstance(item.call, Creation):
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
