"""Reads a policy written as JSON, and tells a key given twice: a reader keeps the last of the two.

What a reviewer reads first would then decide nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from evermirror.policy.reading import Path, Problem
from evermirror.repeated_keys import RepeatedKey, marked


def read_json(text: str | bytes) -> tuple[object, list[Problem]]:
    """Return plain data and the keys given twice in it.

    Raises ValueError or RecursionError where the text is no JSON, or too deep.
    """
    value = json.loads(text, object_pairs_hook=marked)
    return value, list(_problems(value, ()))


def _problems(value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, RepeatedKey):
        yield Problem((*path, value.key), "is given twice in one mapping")
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _problems(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _problems(child, (*path, index))
