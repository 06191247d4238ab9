"""Parameters of a template: declared types and limits hold here as they do when ROS deploys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

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
        return json.loads(raw) if isinstance(raw, str) else raw
    return as_text(raw, place)


def _number(place: str, raw: object) -> int | float:
    try:
        number = float(str(raw))
    except ValueError:
        raise TemplateError(place, f"{raw!r} is not a number") from None
    return int(number) if number.is_integer() else number


def _within(place: str, declaration: Declaration, value: object) -> None:
    allowed = declaration.get("AllowedValues")
    if isinstance(allowed, list) and value not in allowed:
        raise TemplateError(place, f"{value!r} is not one of {', '.join(map(str, allowed))}")
    pattern = declaration.get("AllowedPattern")
    if isinstance(pattern, str) and re.search(pattern, str(value)) is None:
        raise TemplateError(place, f"{value!r} does not match {pattern}")
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return
    least, most = declaration.get("MinValue"), declaration.get("MaxValue")
    if isinstance(least, (int, float)) and value < least:
        raise TemplateError(place, f"{value} is below {least}")
    if isinstance(most, (int, float)) and value > most:
        raise TemplateError(place, f"{value} is above {most}")
