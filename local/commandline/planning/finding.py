"""A belief that the fleet does not bear out, or what a deployment would bring about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """A word for programs, the place in the policy, a sentence.

    One that `is_gap` keeps the policy from fitting: interfaces would be mirrored twice.
    """

    kind: str
    key: str
    sentence: str
    is_gap: bool = False


def listed(ids: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
