"""A ROS template with its names resolved: what would exist if the stack were deployed.

Reading it here, instead of repeating its figures, is what keeps a developer's machine and the
deployed product the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from localcloud.functioncompute.attributes import IDENTITIES, MADE
from localcloud.functioncompute.intrinsics import NO_VALUE, Evaluation, TemplateError
from localcloud.functioncompute.parameters import parameter_values

FORMAT = "2015-09-01"
SECTIONS = (
    *("ROSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings"),
    *("Conditions", "Resources", "Outputs", "Transform"),
)
RESOURCE_KEYS = (
    *("Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdatePolicy"),
    *("Metadata", "Description"),
)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a stack lives: account, region and its own name."""

    account_id: str
    region: str
    stack_name: str = "evermirror"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that exists: its conditions hold, its properties are evaluated."""

    logical_id: str
    type: str
    properties: Mapping[str, object]


class Template:
    """A template for one deployment and one set of parameters."""

    def __init__(
        self, document: object, deployment: Deployment, parameters: Mapping[str, object]
    ) -> None:
        if not isinstance(document, dict):
            raise TemplateError("template", "this is not a map")
        if document.get("ROSTemplateFormatVersion") != FORMAT:
            raise TemplateError("ROSTemplateFormatVersion", f"this must be the string '{FORMAT}'")
        if "Transform" in document:
            raise TemplateError("Transform", "only templates in ROS's own language are understood")
        _check_keys("template", document, SECTIONS)
        self._document: Mapping[str, object] = document
        self.deployment = deployment
        self._parameters = parameter_values(self._section("Parameters"), parameters)
        self._resources = self._section("Resources")
        self._in_progress: list[str] = []
        self._evaluation = Evaluation(self)
        self._check_resources()

    def resources(self) -> tuple[Resource, ...]:
        """Every resource that exists, in the template's order."""
        return tuple(
            Resource(name, str(raw.get("Type")), self._properties(name, raw))
            for name, raw in self._resources.items()
            if self._exists(name)
        )

    def outputs(self) -> dict[str, object]:
        """The stack's outputs, those whose condition does not hold left out."""
        return {
            name: self._evaluation.value(raw.get("Value"), f"Outputs.{name}.Value")
            for name, raw in self._section("Outputs").items()
            if self._holds(f"Outputs.{name}", raw)
        }

    def metadata(self, *path: str) -> object:
        """A value of the template's metadata, or None."""
        node: object = self._document.get("Metadata")
        for key in path:
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def conditions(self) -> dict[str, bool]:
        """Every condition and whether it holds."""
        return {name: self.condition(name, name) for name in self._section("Conditions")}

    def _check_resources(self) -> None:
        """What would be ignored here and is not on deployment is refused."""
        for name, raw in self._resources.items():
            if not isinstance(raw, dict) or not isinstance(raw.get("Type"), str):
                raise TemplateError(name, "a resource is a map with a Type")
            _check_keys(name, raw, RESOURCE_KEYS)
            before = raw.get("DependsOn") or []
            for other in before if isinstance(before, list) else [before]:
                if other not in self._resources:
                    sentence = f"there is no resource named {other}"
                    raise TemplateError(f"{name}.DependsOn", sentence)

    def _section(self, name: str) -> dict[str, dict[str, object]]:
        section = self._document.get(name) or {}
        if not isinstance(section, dict):
            raise TemplateError(name, "this is not a map")
        return section

    def _properties(self, name: str, raw: Mapping[str, object]) -> Mapping[str, object]:
        value = self._evaluation.value(raw.get("Properties") or {}, f"{name}.Properties")
        if not isinstance(value, dict):
            raise TemplateError(f"{name}.Properties", "this is not a map")
        return value

    def _exists(self, name: str) -> bool:
        return self._holds(name, self._resources[name])

    def _holds(self, place: str, raw: Mapping[str, object]) -> bool:
        condition = raw.get("Condition")
        return condition is None or self.condition(str(condition), f"{place}.Condition")

    # What names stand for (`Names` of `intrinsics`).

    def reference(self, name: str, place: str) -> object:
        if name in self._parameters:
            return self._parameters[name]
        pseudo = self._pseudo().get(name)
        if pseudo is not None:
            return pseudo
        if name in self._resources:
            return self.attribute(name, IDENTITIES.get(self._type(name), ""), place)
        raise TemplateError(place, f"there is no parameter and no resource named {name}")

    def _pseudo(self) -> Mapping[str, object]:
        there = self.deployment
        return {
            # The account that owns the stack; AccountId is whoever runs it, maybe a RAM user.
            "ALIYUN::TenantId": there.account_id,
            "ALIYUN::AccountId": there.account_id,
            "ALIYUN::Region": there.region,
            "ALIYUN::StackName": there.stack_name,
            "ALIYUN::StackId": f"local-{there.stack_name}",
            "ALIYUN::ResourceGroupId": "rg-local",
            "ALIYUN::NoValue": NO_VALUE,
        }

    def attribute(self, resource: str, attribute: str, place: str) -> object:
        if resource not in self._resources:
            raise TemplateError(place, f"there is no resource named {resource}")
        if not self._exists(resource):
            raise TemplateError(place, f"the resource {resource} does not exist here (Condition)")
        made = MADE.get((self._type(resource), attribute))
        if made is not None:
            (prop, form), there = made, self.deployment
            return form(there.region, there.account_id, str(self._property(resource, prop, place)))
        return self._property(resource, attribute, place)

    def _type(self, resource: str) -> str:
        return str(self._resources[resource].get("Type"))

    def _property(self, resource: str, name: str, place: str) -> object:
        properties = self._resources[resource].get("Properties")
        if not isinstance(properties, dict) or name not in properties:
            kind = self._type(resource)
            raise TemplateError(
                place, f"{resource} ({kind}) has no attribute {name or 'to refer to'}"
            )
        return self._once(f"{resource}.{name}", properties[name], place)

    def _once(self, key: str, node: object, place: str) -> object:
        if key in self._in_progress:
            raise TemplateError(place, f"{' -> '.join([*self._in_progress, key])} is a circle")
        self._in_progress.append(key)
        try:
            return self._evaluation.value(node, key)
        finally:
            self._in_progress.pop()

    def condition(self, name: str, place: str) -> bool:
        conditions = self._section("Conditions")
        if name not in conditions:
            raise TemplateError(place, f"there is no condition named {name}")
        if f"Conditions.{name}" in self._in_progress:
            raise TemplateError(place, f"the condition {name} is a circle")
        self._in_progress.append(f"Conditions.{name}")
        try:
            return self._evaluation.holds(conditions[name], f"Conditions.{name}")
        finally:
            self._in_progress.pop()

    def mapping(self, name: str, first: str, second: str, place: str) -> object:
        node: object = self._section("Mappings").get(name)
        for key in (first, second):
            node = node.get(key) if isinstance(node, dict) else None
        if node is None:
            raise TemplateError(place, f"there is no mapping {name}.{first}.{second}")
        return node


def _check_keys(place: str, found: Mapping[str, object], known: Sequence[str]) -> None:
    for key in found:
        if key not in known:
            sentence = f"{key} is not understood here; known: {', '.join(known)}"
            raise TemplateError(place, sentence)


class _Loader(yaml.SafeLoader):
    """YAML as ROS reads it: a date is a string, a key is given once."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _unique(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise TemplateError(f"line {node.start_mark.line + 1}", f"{key} is there twice")
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _unique)


def read_document(path: Path) -> object:
    """The YAML document in a file; `TemplateError` for what is not YAML."""
    try:
        return yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader, stricter
    except UnicodeDecodeError:
        raise TemplateError(path.name, "not UTF-8; save the file as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path.name}:{mark.line + 1}" if mark else path.name
        raise TemplateError(place, f"not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise TemplateError(path.name, f"not YAML: {error}") from None
