"""What the property schema of ROS, and the documents of its neighbours, have against a template.

`tests/data/ros_property_schema.json` is the part for the types in use of what the generated
constructs of `ros-cdk-*` 1.15.0 say: names, required, types, enumerations, ranges, lengths.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.functioncompute.stack import stack_of
from localcloud.functioncompute.template import Deployment, Resource, Template, read_document

from .fitting import misfits

ROOT = Path(__file__).parents[3]
DEPLOYMENT = Deployment("1234567890123456", "cn-hongkong")
SCHEMA: dict[str, Any] = json.loads((ROOT / "tests/data/ros_property_schema.json").read_text())
RUNTIMES = ("python3.10", "python3.12")
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "map": dict,
}
TRIGGER_KEYS: Mapping[str, frozenset[str]] = {
    "timer": frozenset({"cronExpression", "enable", "payload"}),
    "http": frozenset({"authType", "methods", "disableURLInternet", "authConfig"}),
    "eventbridge": frozenset(
        {
            "triggerEnable",
            "asyncInvocationType",
            "eventRuleFilterPattern",
            "eventSourceConfig",
            "eventSinkConfig",
            "runOptions",
        }
    ),
}
"""Function Compute API 2023-03-30, the structures TimerTriggerConfig and its sisters."""


@cache
def _read() -> dict[str, Any]:
    found = read_document(ROOT / "template.yml")
    assert isinstance(found, dict)
    return found


def document() -> dict[str, Any]:
    """The template, in a copy that a test may spoil."""
    return copy.deepcopy(_read())


def evaluated(source: dict[str, Any], **parameters: Any) -> Template:
    return Template(source, DEPLOYMENT, parameters)


def findings(source: dict[str, Any], **parameters: Any) -> list[str]:
    """Everything that is wrong with a template under these parameters; references first."""
    try:
        template = evaluated(source, **parameters)
        resources = template.resources()
        template.outputs()
        conditions = template.conditions()
    except TemplateError as error:
        return [str(error)]
    found = [finding for resource in resources for finding in _of_resource(resource)]
    try:
        return [*found, *misfits(stack_of(template, ROOT), resources, conditions)]
    except TemplateError as error:
        return [*found, str(error)]


def _of_resource(resource: Resource) -> Iterator[str]:
    if resource.type not in SCHEMA:
        yield f"{resource.logical_id}: there is no resource type {resource.type}"
        return
    schema = SCHEMA[resource.type]["properties"]
    yield from _of_map(resource.logical_id, schema, resource.properties)
    if resource.type == "ALIYUN::FC3::Trigger":
        yield from _of_trigger(resource)
    if resource.type == "ALIYUN::RAM::Role":
        yield from _of_role(resource)
    runtime = resource.properties.get("Runtime")
    if runtime is not None and runtime not in RUNTIMES:
        yield f"{resource.logical_id}.Runtime: {runtime!r} is none of {RUNTIMES}"


def _of_trigger(resource: Resource) -> Iterator[str]:
    kind: Any = resource.properties.get("TriggerType")
    config: Any = resource.properties.get("TriggerConfig", {})
    place = f"{resource.logical_id}.TriggerConfig"
    if kind not in TRIGGER_KEYS:
        yield f"{resource.logical_id}.TriggerType: {kind!r} is none of {sorted(TRIGGER_KEYS)}"
        return
    for name in config.keys() - TRIGGER_KEYS[kind]:
        yield f"{place}.{name}: a trigger of type {kind} has no such key"


def _of_role(resource: Resource) -> Iterator[str]:
    policies: Any = resource.properties.get("Policies", [])
    documents = {
        "AssumeRolePolicyDocument": resource.properties["AssumeRolePolicyDocument"],
        **{f"Policies[{n}].PolicyDocument": p["PolicyDocument"] for n, p in enumerate(policies)},
    }
    for name, found in documents.items():
        place = f"{resource.logical_id}.{name}"
        if found.get("Version") != "1":
            yield f"{place}.Version: RAM knows only '1'"
        for position, statement in enumerate(found.get("Statement", [])):
            yield from _of_statement(f"{place}.Statement[{position}]", statement)


def _of_statement(place: str, statement: Mapping[str, Any]) -> Iterator[str]:
    if statement.get("Effect") not in {"Allow", "Deny"}:
        yield f"{place}.Effect: neither Allow nor Deny"
    for name in statement.keys() - {"Effect", "Action", "Resource", "Principal", "Condition"}:
        yield f"{place}.{name}: a statement has no such key"
    actions = statement.get("Action", [])
    for action in [actions] if isinstance(actions, str) else actions:
        if re.fullmatch(r"[a-z]+:[A-Za-z]+", action) is None:
            yield f"{place}.Action: {action!r} is not one action of one product"
    if ("Resource" in statement) is ("Principal" in statement):
        yield f"{place}: a permission names resources, a trust names principals"


def _of_map(place: str, schema: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for name in values.keys() - schema.keys():
        yield f"{place}.{name}: there is no such property"
    for name, rules in schema.items():
        if name in values:
            yield from _of_value(f"{place}.{name}", rules, values[name])
        elif rules.get("required"):
            yield f"{place}.{name}: this property is required"


def _of_value(place: str, rules: Mapping[str, Any], value: Any) -> Iterator[str]:
    kind = rules["type"]
    expected = TYPES.get(kind)
    if expected is not None:
        fits = isinstance(value, expected) and (kind == "boolean" or not isinstance(value, bool))
        if not fits:
            yield f"{place}: {value!r} is no {kind}"
            return
    if "enum" in rules and value not in rules["enum"]:
        yield f"{place}: {value!r} is none of {rules['enum']}"
    if "range" in rules and not _within(value, rules["range"]):
        yield f"{place}: {value} is not within {rules['range']}"
    if "length" in rules and not _within(len(value), rules["length"]):
        yield f"{place}: its length {len(value)} is not within {rules['length']}"
    if "pattern" in rules and re.search(rules["pattern"].strip("/"), value) is None:
        yield f"{place}: {value!r} does not match {rules['pattern']}"
    yield from _below(place, rules, value)


def _below(place: str, rules: Mapping[str, Any], value: Any) -> Iterator[str]:
    if "items" in rules:
        for position, one in enumerate(value):
            yield from _of_value(f"{place}[{position}]", rules["items"], one)
    elif "properties" in rules:
        yield from _of_map(place, rules["properties"], value)


def _within(value: float, limits: Sequence[float | None]) -> bool:
    least, most = limits
    return (least is None or value >= least) and (most is None or value <= most)
