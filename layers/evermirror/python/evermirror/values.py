"""Frozen dataclasses for a third of the price, because a cold start makes sixty of them.

The standard decorator writes and compiles six methods for every class. Here one is compiled, the
constructor; what compares, hashes, shows and protects is shared by all. Type checkers see the
standard decorator, and so does `dataclasses.replace`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - re-exported for type checkers
else:

    def dataclass(
        *, frozen: bool = False, slots: bool = False, **more: bool
    ) -> Callable[[type], type]:
        """As `dataclasses.dataclass`, whose work it is unless the class is a plain frozen value."""
        if frozen and slots and not more:
            return _value
        return dataclasses.dataclass(frozen=frozen, slots=slots, **more)


def _value(cls: type) -> Any:
    own = frozenset(vars(cls))
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(made)
    for name, method in _methods(fields, own).items():
        if name not in own:
            setattr(made, name, method)
    return made


def _methods(fields: tuple[dataclasses.Field[Any], ...], own: frozenset[str]) -> dict[str, object]:
    values_of = _getter([one.name for one in fields if one.compare])
    shown = [one.name for one in fields if one.repr]

    def equal(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values_of(self) == values_of(other)

    def hashed(self: Any) -> int:
        return hash(values_of(self))

    def show(self: Any) -> str:
        parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({parts})"

    return {
        "__init__": _constructor(fields, afterwards="__post_init__" in own),
        "__eq__": equal,
        "__hash__": hashed,
        "__repr__": show,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__reduce__": _rebuilt,
    }


def _getter(names: list[str]) -> Callable[[Any], object]:
    return attrgetter(*names) if names else lambda _: ()


def _constructor(fields: tuple[dataclasses.Field[Any], ...], *, afterwards: bool) -> object:
    """Written out and compiled, because it runs for every value that is made."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
    parameters, lines = [], []
    for one in fields:
        name, given = one.name, one.name
        default = f"_default_{name}"
        if one.default_factory is not MISSING:
            known[default] = one.default_factory
            parameters.append(f"{name}=_missing")
            given = f"{default}() if {name} is _missing else {name}"
        elif one.default is not MISSING:
            known[default] = one.default
            parameters.append(f"{name}={default}")
        else:
            parameters.append(name)
        lines.append(f"    _set(self, {name!r}, {given})")
    if afterwards:
        lines.append("    self.__post_init__()")
    text = "\n".join([f"def __init__({', '.join(['self', *parameters])}):", *lines])
    exec(text, known)  # noqa: S102 - nothing but the names of fields goes into it
    return known["__init__"]


def _refuse(_self: object, name: str, *_value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _rebuilt(self: Any) -> tuple[type, tuple[Any, ...]]:
    return type(self), tuple(getattr(self, one.name) for one in dataclasses.fields(self))
