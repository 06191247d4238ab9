"""Which events a rule lets through. EventBridge, "Event patterns".

All keys of a pattern must match, any entry of a list is enough, values are compared exactly and
with their case unless an entry is an operator; the nesting is the event's own.
"""

from __future__ import annotations

import ipaddress
import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

ENTRIES_LIMIT = 5
_ABSENT = object()
Entry: TypeAlias = Callable[[object], bool]


class PatternError(ValueError):
    """A pattern is not one; the message names the key."""


class Pattern:
    """An event pattern, checked when made."""

    def __init__(self, pattern: Mapping[str, object]) -> None:
        self._matches = _nested(pattern, "")

    def matches(self, event: Mapping[str, object]) -> bool:
        return self._matches(event)


def _nested(pattern: Mapping[str, object], path: str) -> Entry:
    keys = {key: _field(node, f"{path}.{key}".lstrip(".")) for key, node in pattern.items()}

    def matches(value: object) -> bool:
        found = value if isinstance(value, Mapping) else {}
        return all(entry(found.get(key, _ABSENT)) for key, entry in keys.items())

    return matches


def _field(node: object, path: str) -> Entry:
    if isinstance(node, Mapping):
        return _nested(node, path)
    if not isinstance(node, list) or not node:
        raise PatternError(f"{path}: a list of what is wanted, or a map of keys, is needed here")
    if len(node) > ENTRIES_LIMIT:
        raise PatternError(f"{path}: at most {ENTRIES_LIMIT} entries are allowed")
    entries = [_entry(one, path) for one in node]
    # A list in the event matches when one of its elements does.
    return lambda value: any(entry(one) for one in _values(value) for entry in entries)


def _values(value: object) -> list[object]:
    # An empty list has no element to look at, but it is there.
    return value if isinstance(value, list) and value else [value]


def _entry(entry: object, path: str) -> Entry:
    if not isinstance(entry, Mapping):
        return lambda value: _equal(value, entry)
    if not entry:
        raise PatternError(f"{path}: an operator is needed here")
    tests = [_operator(name, argument, path) for name, argument in entry.items()]
    return lambda value: all(test(value) for test in tests)


def _equal(value: object, wanted: object) -> bool:
    """As JSON sees it: true is not 1."""
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _operator(name: str, argument: object, path: str) -> Entry:
    make = _OPERATORS.get(name)
    if make is None:
        raise PatternError(f"{path}: there is no operator {name}")
    return make(argument, f"{path}.{name}")


def _text(test: Callable[[str, str], bool]) -> Callable[[object, str], Entry]:
    def make(argument: object, path: str) -> Entry:
        if not isinstance(argument, str):
            raise PatternError(f"{path}: a string is needed here")
        return lambda value: isinstance(value, str) and test(value, argument)

    return make


def _anything_but(argument: object, path: str) -> Entry:
    unwanted = argument if isinstance(argument, list) else [argument]
    entries = [_entry(one, path) for one in unwanted]
    return lambda value: value is not _ABSENT and not any(entry(value) for entry in entries)


def _exists(argument: object, path: str) -> Entry:
    if not isinstance(argument, bool):
        raise PatternError(f"{path}: true or false is needed here")
    return lambda value: (value is not _ABSENT) == argument


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


def _numeric(argument: object, path: str) -> Entry:
    if not isinstance(argument, list) or not argument or len(argument) % 2:
        raise PatternError(f"{path}: pairs of a comparison and a number are needed here")
    tests = [_comparison(*pair, path) for pair in zip(argument[::2], argument[1::2], strict=True)]
    return lambda value: _is_number(value) and all(test(value) for test in tests)


def _comparison(sign: object, limit: object, path: str) -> Callable[[object], bool]:
    compare = _COMPARISONS.get(str(sign))
    if compare is None or not isinstance(limit, (int, float)) or isinstance(limit, bool):
        raise PatternError(f"{path}: {sign!r} {limit!r} is no comparison with a number")
    return lambda value: isinstance(value, (int, float)) and compare(value, limit)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cidr(argument: object, path: str) -> Entry:
    try:
        network = ipaddress.IPv4Network(str(argument))
    except ValueError:
        raise PatternError(f"{path}: {argument!r} is no IPv4 network") from None

    def matches(value: object) -> bool:
        try:
            return isinstance(value, str) and ipaddress.IPv4Address(value) in network
        except ValueError:
            return False

    return matches


_OPERATORS: Mapping[str, Callable[[object, str], Entry]] = {
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "contains": _text(lambda value, part: part in value),
    "anything-but": _anything_but,
    "exists": _exists,
    "numeric": _numeric,
    "cidr": _cidr,
}
