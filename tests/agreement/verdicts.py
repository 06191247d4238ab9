"""What is found to disagree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Disagreement:
    """Who says what of whom, and what is right.

    `topic` is the same wherever the same thing goes wrong: it names no interface.
    """

    who: str
    about: str
    right: str
    said: str

    @property
    def topic(self) -> str:
        return f"{self.who}: {self.right}, but it says {self.said}"

    def __str__(self) -> str:
        return f"{self.about}: {self.topic}"
