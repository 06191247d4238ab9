"""A broken promise, by its kind, so that many storms can be counted."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """What was broken; `kind` is one word for programs."""

    kind: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"
