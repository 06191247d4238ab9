"""The order in which an interface tries the sessions of its pool, fixed by ids alone.

Load never plays a part: a run that died, a redelivery and a second writer must all walk the same
way, or each would put the interface somewhere else. See `plan` for when the walk may move on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from evermirror.model import Session

YOUNG_SESSION_S = 600.0
"""Seconds for which a new session ranks last, so that its birth reorders nobody's first choice."""


def order(
    network_interface_id: str,
    session_ids: tuple[str, ...],
    sessions: Mapping[str, Session],
    now: float,
) -> tuple[str, ...]:
    """The pool's session ids in the order this interface tries them; `now` in epoch seconds."""
    ranked = _by_score(network_interface_id, session_ids)
    return tuple(sorted(ranked, key=lambda session_id: _is_young(sessions.get(session_id), now)))


@lru_cache(maxsize=1024)
def _by_score(network_interface_id: str, session_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Remembered, because a burst looks at the same interfaces and sessions again and again."""
    return tuple(sorted(session_ids, key=lambda i: _score(network_interface_id, i)))


def _is_young(session: Session | None, now: float) -> bool:
    if session is None or session.created_at is None:
        return False
    return now - session.created_at < YOUNG_SESSION_S


def _score(network_interface_id: str, session_id: str) -> bytes:
    named = f"{network_interface_id}\n{session_id}".encode()
    return hashlib.blake2b(named, digest_size=16).digest()
