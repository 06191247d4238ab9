"""What everybody who draws, judges or asks calls the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

POOL_TAG = "evermirror-pool"
GRACE_S = 300.0
"""Age at which an unmirrored interface is a gap, and below which ..."""
YOUNG_SESSION_S = 600.0
"""... a session comes last in everybody's order (README: Placed twice; in the code's own order)."""
YOUNG_S, OLD_S = 30.0, 86_400.0
"""Ages that are drawn, far from either border: asking takes a while."""


@dataclass(frozen=True)
class Settings:
    """What a deployment was given."""

    allow_growth: bool
    max_sources: int | None
    sources_per_session: int


class Facts(Protocol):
    """A world, as far as the oracle looks at it."""

    @property
    def fleet(self) -> Mapping[str, Any]: ...

    @property
    def policy(self) -> Mapping[str, Any]: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def hidden(self) -> frozenset[str]: ...
