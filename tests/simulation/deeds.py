"""Who changed what, and when: every accepted write call, with the key that signed it.

Here nothing is judged; what is told of people's deeds can be held against this list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from localcloud.credentials import Key

from .network import call_of


class Deed(NamedTuple):
    """One accepted call. `actor` is the principal of its key; `is_replay`: nothing changed."""

    at: float
    actor: str
    action: str
    session_id: str
    sources: tuple[str, ...]
    parameters: Mapping[str, str]
    is_replay: bool = False


@dataclass(slots=True)
class Deeds:
    """All of them, in order."""

    done: list[Deed] = field(default_factory=list)

    def note(
        self, at: float, key: Key, action: str, parameters: Mapping[str, str], *, replay: bool
    ) -> None:
        session_id = parameters.get("TrafficMirrorSessionId", "")
        sources = call_of(parameters, "TrafficMirrorSourceIds")
        self.done.append(Deed(at, key.principal, action, session_id, sources, parameters, replay))

    def of(self, session_id: str, action: str) -> Iterator[Deed]:
        return (one for one in self.done if (one.session_id, one.action) == (session_id, action))
