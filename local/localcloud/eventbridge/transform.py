"""What a rule's target gets of an event. EventBridge, "Event transformation".

`ORIGINAL` is the whole event, `JSONPATH` a part of it, `CONSTANT` a text, and `TEMPLATE` a text
with parts put in. A path is `$`, then names and positions: `$.data.items[0]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

FORMS = ("ORIGINAL", "JSONPATH", "CONSTANT", "TEMPLATE")
_PATH = re.compile(r"\$((?:\.[^.\[\]]+|\[\d+\]|\['[^']+'\])*)")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['([^']+)'\]")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
Steps: TypeAlias = "tuple[str | int, ...]"


class TransformError(ValueError):
    """A transformation is not one; the message says why."""


@dataclass(frozen=True, slots=True)
class Transform:
    """One transformation; `parts` are the paths it needs, by name."""

    form: str = "ORIGINAL"
    text: str = ""
    parts: tuple[tuple[str, Steps], ...] = ()

    def of(self, original: str, event: Mapping[str, object]) -> str:
        """The body for an event whose own text is `original`."""
        if self.form in {"ORIGINAL", "CONSTANT"}:
            return original if self.form == "ORIGINAL" else self.text
        found = {name: _text(_part(event, steps)) for name, steps in self.parts}
        if self.form == "JSONPATH":
            return found[""]
        return _VARIABLE.sub(lambda match: found.get(match[1].strip(), ""), self.text)


WHOLE = Transform()


def read(form: str, value: str, template: str) -> Transform:
    """A transformation as a target's parameter gives it."""
    if form == "ORIGINAL":
        return WHOLE
    if form == "JSONPATH":
        return Transform(form, parts=(("", _steps(value)),))
    if form == "CONSTANT":
        return Transform(form, value)
    if form == "TEMPLATE":
        return Transform(form, template, _variables(value))
    raise TransformError(f"{form} is none of {', '.join(FORMS)}")


def _variables(value: str) -> tuple[tuple[str, Steps], ...]:
    try:
        named = json.loads(value)
    except ValueError:
        named = None
    if not isinstance(named, dict):
        raise TransformError("the value of a TEMPLATE is a JSON map of names to paths")
    return tuple((name, _steps(str(path))) for name, path in named.items())


def _steps(path: str) -> Steps:
    found = _PATH.fullmatch(path)
    if found is None:
        raise TransformError(f"{path!r} is no path like $.data.name")
    steps = _STEP.findall(found[1])
    return tuple(int(position) if position else name or quoted for name, position, quoted in steps)


def _part(event: object, steps: Steps) -> object:
    for step in steps:
        if isinstance(event, Mapping) and isinstance(step, str):
            event = event.get(step)
        elif isinstance(event, list) and isinstance(step, int) and step < len(event):
            event = event[step]
        else:
            return None
    return event


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
