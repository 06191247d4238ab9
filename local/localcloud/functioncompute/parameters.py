"""Parameters of a template: declared types and limits hold here as they do when ROS deploys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from localcloud.functioncompute.intrinsics import TemplateError, as_text

Declaration = Mapping[str, object]


def parameter_values(
    declarations: Mapping[str, Declaration], given: Mapping[str, object]
) -> dict[str, object]:
    """A value for every declared parameter: the one given, or its default.

    `TemplateError` for an unknown name, a missing value, a wrong type or one out of its limits.
    """
    for name in given:
        if name not in declarations:
            known = ", ".join(sorted(declarations)) or "none"
            raise TemplateError(f"Parameters.{name}", f"there is no such parameter; known: {known}")
    return {
        name: _value(f"Parameters.{name}", declaration, given.get(name))
        for name, declaration in declarations.items()
    }


def _value(place: str, declaration: Declaration, given: object) -> object:
    raw = declaration.get("Default") if given is None else given
    if raw is None:
        raise TemplateError(place, "there is no default, so a value must be given")
    value = _typed(place, str(declaration.get("Type", "String")), raw)
    _within(place, declaration, value)
    return value


def _typed(place: str, kind: str, raw: object) -> object:
    if kind == "Number":
        return _number(place, raw)
    if kind == "Boolean":
        if str(raw).lower() not in {"true", "false"}:
            raise TemplateError(place, f"{raw!r} is neither true nor false")
        return str(raw).lower() == "true"
    if kind == "CommaDelimitedList":
        return (
            list(raw) if isinstance(raw, list) else [part for part in str(raw).split(",") if part]
        )
    if kind == "Json":
        return _json(place, raw) if isinstance(raw, str) else raw
    return as_text(raw, place)


def _json(place: str, raw: str) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        raise TemplateError(place, "the value is not JSON") from None


def _number(place: str, raw: object) -> int | float:
    try:
        number = float(str(raw))
    except ValueError:
        raise TemplateError(place, f"{raw!r} is not a number") from None
    return int(number) if number.is_integer() else number


def _within(place: str, declaration: Declaration, value: object) -> None:
    shown = "the value" if declaration.get("NoEcho") in {True, "true"} else repr(value)
    for problem in _problems(declaration, value):
        told = declaration.get("ConstraintDescription")
        raise TemplateError(place, f"{shown} {problem}" + (f" ({told})" if told else ""))


def _problems(declaration: Declaration, value: object) -> Iterator[str]:
    allowed = declaration.get("AllowedValues")
    if isinstance(allowed, list) and value not in allowed:
        yield f"is not one of {', '.join(map(str, allowed))}"
    pattern = declaration.get("AllowedPattern")
    if isinstance(pattern, str) and re.fullmatch(pattern, str(value)) is None:
        yield f"does not match {pattern}"
    if isinstance(value, (str, list)):
        yield from _outside(declaration, "MinLength", "MaxLength", len(value), "is of length")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _outside(declaration, "MinValue", "MaxValue", value, "is")


def _outside(
    declaration: Declaration, lower: str, upper: str, found: float, verb: str
) -> Iterator[str]:
    least, most = _bound(declaration, lower), _bound(declaration, upper)
    if least is not None and found < least:
        yield f"{verb} below {as_text(least, lower)}"
    if most is not None and found > most:
        yield f"{verb} above {as_text(most, upper)}"


def _bound(declaration: Declaration, name: str) -> float | None:
    bound = declaration.get(name)
    return float(bound) if isinstance(bound, (int, float, str)) else None
