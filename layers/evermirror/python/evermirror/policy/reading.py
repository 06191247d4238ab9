"""Reads plain data without stopping at a mistake, so that one reading tells everything wrong.

A validator that stops, or that checks references only once every shape is right, makes its reader
mend a policy one error at a time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from typing import NamedTuple, TypeAlias

from evermirror.errors import PolicyError
from evermirror.values import dataclass

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of a document to one of its parts."""

AsWritten: TypeAlias = Mapping[Path, str]
"""The words of the file where YAML made something other than text of them."""


class Problem(NamedTuple):
    """What is wrong at one place of a policy, and what is meant, as a sentence without its end."""

    path: Path
    sentence: str

    def __str__(self) -> str:
        place = key_path(self.path)
        return f"{place}: {self.sentence}" if place else self.sentence


class InvalidPolicyError(PolicyError):
    """A policy has problems: all of them, in the order of the document where that is known."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def key_path(path: Path) -> str:
    """Write a path as people do: `rules.0.match.tags`."""
    text = ".".join(str(step) for step in path)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of plain data that knows its place; every part of a document shares its problems."""

    value: object
    path: Path = ()
    problems: list[Problem] = field(default_factory=list)
    as_written: AsWritten = field(default_factory=dict)

    def child(self, step: str | int, value: object) -> Part:
        return replace(self, value=value, path=(*self.path, step))

    @property
    def key(self) -> Part:
        """The last step to this part, as a part of its own at the same place."""
        return replace(self, value=self.path[-1])

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    def wrong(self, sentence: str) -> None:
        self.problems.append(Problem(self.path, sentence))

    def fields(self, known: Collection[str]) -> dict[str, Part]:
        """Read a mapping whose keys the format fixes; keys that it does not know are problems."""
        entries = self.entries(f"a mapping with the keys {', '.join(known)}")
        for name in [name for name in entries if name not in known]:
            entries.pop(name).wrong(f"unknown key{instead(name, known)}")
        return entries

    def entries(self, meant: str) -> dict[str, Part]:
        """Read a mapping whose keys people choose; `meant` says of what."""
        if not isinstance(self.value, dict):
            self.wrong(f"is {_named(self.value)}, but must be {meant}")
            return {}
        for key in self.value:
            if not isinstance(key, str):
                self.wrong(f"a key is {_named(key)}; write it in quotes to make it text")
        return {k: self.child(k, v) for k, v in self.value.items() if isinstance(k, str)}

    def items(self, meant: str) -> list[Part]:
        """Read a list; `meant` says of what. An empty one is no problem here."""
        if not isinstance(self.value, (list, tuple)):
            self.wrong(f"is {_named(self.value)}, but must be a list of {meant}")
            return []
        return [self.child(index, value) for index, value in enumerate(self.value)]

    def one_or_more(self, meant: str) -> list[Part]:
        """Read one value or a list of them; an empty list is a problem, for it matches nothing."""
        if not isinstance(self.value, (list, tuple)):
            return [self]
        if not self.value:
            self.wrong(f"is an empty list; give at least one of {meant}")
        return self.items(meant)

    def text(self, meant: str) -> str | None:
        """Read text; `meant` says what it should be, as in "a VPC id"."""
        if isinstance(self.value, str):
            return self._sound(self.value)
        if isinstance(self.value, (list, tuple, dict)) or self.value is None:
            self.wrong(f"is {_named(self.value)}, but must be {meant}")
        else:
            self.wrong(self._unquoted(meant))
        return None

    def _sound(self, text: str) -> str | None:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            self.wrong("contains half of a character, which no name or tag can have")
            return None
        return text

    def _unquoted(self, meant: str) -> str:
        sentence = f"is read as {_named(self.value)}, but must be {meant} as text"
        written = self.as_written.get(self.path)
        if written is not None:
            return f"{sentence}: write {quoted(written)} in quotes"
        hint = ', as in "on" or "off"' if isinstance(self.value, bool) else ""
        return f"{sentence}: write the word in quotes{hint}"

    def whole(self, meant: str, least: int, most: int) -> int | None:
        """Read a whole number in a range, both ends included."""
        if type(self.value) is int and least <= self.value <= most:
            return self.value
        self.wrong(f"must be {meant}: a whole number from {least} to {most}")
        return None

    def required(self, entries: Mapping[str, Part], key: str, hint: str) -> Part | None:
        """Find what must be there, or note that it is missing; `hint` says what to write."""
        if key not in entries and self.is_mapping:
            self.wrong(f"`{key}` is missing; {hint}")
        return entries.get(key)

    def choice(self, meant: str, choices: Collection[str]) -> str | None:
        """Read one of a few words."""
        word = self.text(f"{meant} ({', '.join(choices)})")
        if word is None or word in choices:
            return word
        self.wrong(f"{quoted(word)} is not {meant}{instead(word, choices)}")
        return None

    def name(self, meant: str) -> str | None:
        """Read a name that people give, short and printable because outcomes carry it."""
        name = self.text(meant)
        if name is None or (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
            return name
        self.wrong(
            f"{quoted(name[:LONGEST_NAME])} cannot be {meant}: use 1 to {LONGEST_NAME} "
            "printable characters"
        )
        return None


LONGEST_NAME = 100


def quoted(text: str) -> str:
    """Put text in quotes, with every character that cannot be shown spelled out."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def instead(word: str, choices: Collection[str]) -> str:
    """End a sentence about an unknown word with the choice that was meant, or with all of them."""
    import difflib  # noqa: PLC0415 - only for a policy that is wrong, never on a cold start

    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return f"; did you mean `{by_lower[close[0]]}`?"
    return f"; known here: {', '.join(choices) or 'none'}"


def _named(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"
