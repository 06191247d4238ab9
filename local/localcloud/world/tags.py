"""How tags change: one rule for everything that has tags."""

from __future__ import annotations

from collections.abc import Mapping


def changed_tags(tags: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """The tags with some set, and without those that are None among the changes."""
    both = {**tags, **changes}
    return {key: value for key, value in both.items() if value is not None}
