"""Evaluated properties are plain data of any shape; here they get types, or a sentence why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

from localcloud.functioncompute.intrinsics import TemplateError, as_text
from localcloud.functioncompute.template import Resource

_REQUIRED = object()
Bounds: TypeAlias = "tuple[int | None, int | None]"


class Properties:
    """The properties of a resource, or a map below them; errors name the resource and the key."""

    def __init__(self, resource: Resource) -> None:
        self.logical_id = resource.logical_id
        self.type = resource.type
        self._place = resource.logical_id
        self._values: Mapping[str, object] = resource.properties

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._values)

    def refuse(self, name: str, sentence: str) -> NoReturn:
        raise TemplateError(f"{self._place}.{name}", sentence)

    def below(self, name: str) -> Properties:
        """The map under a key; an empty one where the key is missing."""
        return self._at(f"{self._place}.{name}", self.map(name))

    def maps(self, name: str) -> list[Properties]:
        """The maps of a list under a key."""
        found = []
        for position, value in enumerate(self.list(name)):
            if not isinstance(value, dict):
                self.refuse(name, f"element {position} is not a map")
            found.append(self._at(f"{self._place}.{name}[{position}]", value))
        return found

    def text(self, name: str, default: object = _REQUIRED) -> str:
        return as_text(self._get(name, default), f"{self._place}.{name}")

    def whole(self, name: str, default: object = _REQUIRED, within: Bounds = (None, None)) -> int:
        """A whole number; `within` is the least and the most it may be."""
        value = self._get(name, default)
        try:
            number = int(as_text(value, f"{self._place}.{name}"))
        except ValueError:
            self.refuse(name, f"{value!r} is not a whole number")
        least, most = within
        if (least is not None and number < least) or (most is not None and number > most):
            limits = f"from {least}" + ("" if most is None else f" to {most}")
            self.refuse(name, f"{number} is not within what is allowed, {limits}")
        return number

    def flag(self, name: str, *, default: bool) -> bool:
        value = as_text(self._get(name, default), f"{self._place}.{name}")
        if value not in {"true", "false"}:
            self.refuse(name, f"{value!r} is neither true nor false")
        return value == "true"

    def map(self, name: str) -> Mapping[str, object]:
        value = self._get(name, {})
        if not isinstance(value, dict):
            self.refuse(name, "this is not a map")
        return value

    def list(self, name: str) -> list[object]:
        value = self._get(name, [])
        if not isinstance(value, list):
            self.refuse(name, "this is not a list")
        return value

    def _get(self, name: str, default: object) -> object:
        value = self._values.get(name, default)
        if value is _REQUIRED:
            self.refuse(name, "this property is required")
        return value

    def _at(self, place: str, values: Mapping[str, object]) -> Properties:
        found = Properties(Resource(self.logical_id, self.type, values))
        found._place = place
        return found


class Resources:
    """The resources of a template by type."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = [Properties(one) for one in resources]

    def of(self, kind: str) -> list[Properties]:
        return [one for one in self._resources if one.type == kind]

    def by_function(self, kind: str) -> dict[str, Properties]:
        return {one.text("FunctionName"): one for one in self.of(kind)}
