"""Reads a policy written as JSON, and tells a key given twice: a reader keeps the last of the two.

What a reviewer reads first would then decide nothing.
"""

from __future__ import annotations

import json
from collections import Counter

from evermirror.policy.reading import Path, Problem


class _KeyTwice(dict[str, object]):
    """An object that names a key twice."""

    __slots__ = ("key",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.key = Counter(key for key, _ in pairs).most_common(1)[0][0]


def read_json(text: str | bytes) -> tuple[object, list[Problem]]:
    """Return plain data and the keys given twice in it.

    Raises ValueError or RecursionError where the text is no JSON, or too deep.
    """
    found = False

    def plain(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal found
        mapping = dict(pairs)
        if len(mapping) == len(pairs):
            return mapping
        found = True
        return _KeyTwice(pairs)

    value = json.loads(text, object_pairs_hook=plain)
    problems: list[Problem] = []
    if found:
        _collect(value, (), problems)
    return value, problems


def _collect(value: object, path: Path, problems: list[Problem]) -> None:
    if isinstance(value, _KeyTwice):
        problems.append(Problem((*path, value.key), "is given twice in one mapping"))
    if isinstance(value, dict):
        for key, child in value.items():
            _collect(child, (*path, key), problems)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            _collect(child, (*path, index), problems)
