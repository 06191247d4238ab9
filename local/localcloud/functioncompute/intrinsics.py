"""The functions of ROS templates, because a template without their values is only text.

Semantics: ROS user guide, "Functions" and "Pseudo parameters". Only what is asked for is
evaluated, so resources may refer to each other as long as no single value needs itself.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class TemplateError(ValueError):
    """A template cannot be used; the message names the place in it."""

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(f"{place}: {sentence}")
        self.place = place


class _NoValue:
    """What `ALIYUN::NoValue` stands for: the key or element it is given to does not exist."""


NO_VALUE = _NoValue()
_SUBSTITUTION = re.compile(r"\$\{(!?)([^${}]+)\}")


class Names(Protocol):
    """What a name in a template stands for."""

    def reference(self, name: str, place: str) -> object:
        """The value of a parameter or pseudo parameter, or the id of a resource."""

    def attribute(self, resource: str, attribute: str, place: str) -> object:
        """An attribute of a resource."""

    def condition(self, name: str, place: str) -> bool:
        """Whether a condition of the template holds."""

    def mapping(self, name: str, first: str, second: str, place: str) -> object:
        """A value of the template's `Mappings`."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Evaluates values of a template; `names` knows what the names in it stand for."""

    names: Names
    _functions: Mapping[str, Callable[[Evaluation, object, str], object]] = field(
        default_factory=lambda: _FUNCTIONS
    )

    def value(self, node: object, place: str) -> object:
        """The value of a node; `TemplateError` names `place` and what is wrong there."""
        if isinstance(node, Mapping):
            return self._mapping(node, place)
        if isinstance(node, list):
            elements = (self.value(one, f"{place}[{n}]") for n, one in enumerate(node))
            return [one for one in elements if one is not NO_VALUE]
        return node

    def text(self, node: object, place: str) -> str:
        """The value of a node as a string; a list or map is refused."""
        return as_text(self.value(node, place), place)

    def holds(self, node: object, place: str) -> bool:
        """The value of a condition: a function, or the name of another condition."""
        if isinstance(node, str):
            return self.names.condition(node, place)
        value = self.value(node, place)
        if not isinstance(value, bool):
            raise TemplateError(place, "a condition is true or false")
        return value

    def _mapping(self, node: Mapping[str, object], place: str) -> object:
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Ref" or str(name).startswith("Fn::"):
                return self._call(str(name), argument, place)
        values = {name: self.value(one, f"{place}.{name}") for name, one in node.items()}
        return {name: one for name, one in values.items() if one is not NO_VALUE}

    def _call(self, name: str, argument: object, place: str) -> object:
        function = self._functions.get(name)
        if function is None:
            raise TemplateError(place, f"the local cloud does not know the function {name}")
        return function(self, argument, f"{place}.{name}")


def as_text(value: object, place: str) -> str:
    """A scalar as ROS writes it into a string: numbers plain, booleans small."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TemplateError(place, "a single value is needed here")


def _arguments(argument: object, place: str, least: int, most: int | None) -> Sequence[object]:
    if not isinstance(argument, list) or len(argument) < least:
        raise TemplateError(place, f"a list of at least {least} is needed here")
    if most is not None and len(argument) > most:
        raise TemplateError(place, f"a list of at most {most} is needed here")
    return argument


def _ref(evaluation: Evaluation, argument: object, place: str) -> object:
    if not isinstance(argument, str):
        raise TemplateError(place, "Ref takes a name")
    return evaluation.names.reference(argument, place)


def _get_att(evaluation: Evaluation, argument: object, place: str) -> object:
    resource, attribute = _arguments(argument, place, 2, 2)
    name = evaluation.text(attribute, place)
    return evaluation.names.attribute(str(resource), name, place)


def _sub(evaluation: Evaluation, argument: object, place: str) -> object:
    template, given = argument, {}
    if isinstance(argument, list):
        template, extra = _arguments(argument, place, 2, 2)
        value = evaluation.value(extra, place)
        if not isinstance(value, dict):
            raise TemplateError(place, "the second argument is a map of names to values")
        given = value
    if not isinstance(template, str):
        raise TemplateError(place, "Fn::Sub takes a string")

    def substitute(found: re.Match[str]) -> str:
        literal, name = found.groups()
        if literal:
            return f"${{{name}}}"
        return as_text(_named(evaluation.names, given, name.strip(), place), place)

    return _SUBSTITUTION.sub(substitute, template)


def _named(names: Names, given: Mapping[str, object], name: str, place: str) -> object:
    if name in given:
        return given[name]
    if "." in name:
        resource, attribute = name.split(".", 1)
        return names.attribute(resource, attribute, place)
    return names.reference(name, place)


def _join(evaluation: Evaluation, argument: object, place: str) -> object:
    separator, parts = _arguments(argument, place, 2, 2)
    values = evaluation.value(parts, place)
    if not isinstance(values, list):
        raise TemplateError(place, "the second argument is a list")
    return str(separator).join(as_text(one, place) for one in values)


def _if(evaluation: Evaluation, argument: object, place: str) -> object:
    condition, when_true, when_false = _arguments(argument, place, 3, 3)
    return evaluation.value(when_true if evaluation.holds(condition, place) else when_false, place)


def _equals(evaluation: Evaluation, argument: object, place: str) -> object:
    left, right = (evaluation.value(one, place) for one in _arguments(argument, place, 2, 2))
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _and(evaluation: Evaluation, argument: object, place: str) -> object:
    return all(evaluation.holds(one, place) for one in _arguments(argument, place, 2, None))


def _or(evaluation: Evaluation, argument: object, place: str) -> object:
    return any(evaluation.holds(one, place) for one in _arguments(argument, place, 2, None))


def _not(evaluation: Evaluation, argument: object, place: str) -> object:
    single = argument[0] if isinstance(argument, list) and len(argument) == 1 else argument
    return not evaluation.holds(single, place)


def _select(evaluation: Evaluation, argument: object, place: str) -> object:
    index, values = (evaluation.value(one, place) for one in _arguments(argument, place, 2, 2))
    if isinstance(values, dict):
        return values.get(str(index), "")
    if not isinstance(values, list) or not str(index).isdigit():
        raise TemplateError(place, "Fn::Select takes an index and a list, or a key and a map")
    return values[int(str(index))] if int(str(index)) < len(values) else ""


def _split(evaluation: Evaluation, argument: object, place: str) -> object:
    separator, text = _arguments(argument, place, 2, 2)
    return evaluation.text(text, place).split(str(separator))


def _find_in_map(evaluation: Evaluation, argument: object, place: str) -> object:
    keys = [evaluation.text(one, place) for one in _arguments(argument, place, 3, 3)]
    return evaluation.names.mapping(keys[0], keys[1], keys[2], place)


def _str(evaluation: Evaluation, argument: object, place: str) -> object:
    return evaluation.text(argument, place)


def _base64(evaluation: Evaluation, argument: object, place: str) -> object:
    return base64.b64encode(evaluation.text(argument, place).encode()).decode()


_FUNCTIONS: Mapping[str, Callable[[Evaluation, object, str], object]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::If": _if,
    "Fn::Equals": _equals,
    "Fn::And": _and,
    "Fn::Or": _or,
    "Fn::Not": _not,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::Str": _str,
    "Fn::Base64Encode": _base64,
}
