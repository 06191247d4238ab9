"""The product's template against the property schema of ROS, and against itself.

`tests/data/ros_property_schema.json` is the part for the types in use of what the generated
constructs of `ros-cdk-*` 1.15.0 say: names, required, types, enumerations, ranges, lengths.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.functioncompute.stack import stack_of
from localcloud.functioncompute.template import Deployment, Template, read_document

ROOT = Path(__file__).parents[2]
DEPLOYMENT = Deployment("1234567890123456", "cn-hongkong")
SCHEMA: dict[str, Any] = json.loads((ROOT / "tests/data/ros_property_schema.json").read_text())
MODES = ("observe", "act", "paused")
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "map": dict,
}


def document() -> dict[str, Any]:
    found = read_document(ROOT / "template.yml")
    assert isinstance(found, dict)
    return found


def evaluated(source: dict[str, Any], **parameters: Any) -> Template:
    return Template(source, DEPLOYMENT, parameters)


def findings(source: dict[str, Any], **parameters: Any) -> list[str]:
    """What the schema, or the template's own references, have against it."""
    try:
        template = evaluated(source, **parameters)
        resources = template.resources()
        template.outputs()
        template.conditions()
        stack_of(template, ROOT)
    except TemplateError as error:
        return [str(error)]
    return [
        finding
        for resource in resources
        for finding in _of_map(
            resource.logical_id, SCHEMA[resource.type]["properties"], resource.properties
        )
    ]


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


def _within(value: float, limits: list[float | None]) -> bool:
    least, most = limits
    return (least is None or value >= least) and (most is None or value <= most)


@pytest.mark.parametrize("mode", MODES)
def test_every_property_agrees_with_the_schema_and_every_name_resolves(mode: str) -> None:
    assert findings(document(), Mode=mode) == []


def _named(node: Any) -> Iterator[str]:
    """Every name that something refers to, Ref, GetAtt, Sub and conditions alike."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key == "Ref":
            yield value
        elif key in {"Fn::GetAtt", "Fn::If"}:
            yield value[0]
            yield from _named(value)
        elif key == "Fn::Sub":
            yield from (one.split(".")[0] for one in re.findall(r"\$\{([^!}]+)\}", value))
        elif isinstance(value, (dict, list)):
            yield from _named(value)


def test_no_parameter_and_no_condition_is_unused() -> None:
    source = document()
    used = set(_named([source["Resources"], source["Outputs"], source["Conditions"]]))
    assert source["Parameters"].keys() - used == set()
    assert source["Conditions"].keys() - used == set()
    groups = source["Metadata"]["ALIYUN::ROS::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    assert sorted(shown) == sorted(source["Parameters"])


def _typo(source: dict[str, Any]) -> None:
    destination = source["Resources"]["NotifyAsynchronous"]["Properties"]["DestinationConfig"]
    destination["OnFail"] = destination.pop("OnFailure")


def _nine_retries(source: dict[str, Any]) -> None:
    source["Resources"]["MirrorAsynchronous"]["Properties"]["MaxAsyncRetryAttempts"] = 9


def _missing(source: dict[str, Any]) -> None:
    del source["Resources"]["AttachRule"]["Properties"]["FilterPattern"]


def _no_reference(source: dict[str, Any]) -> None:
    del source["Resources"]["DeadLetterQueue"]


def _no_condition(source: dict[str, Any]) -> None:
    del source["Conditions"]["Paused"]


def _wrong_type(source: dict[str, Any]) -> None:
    source["Resources"]["MirrorFunction"]["Properties"]["Timeout"] = "240"


def _unknown_attribute(source: dict[str, Any]) -> None:
    source["Outputs"]["MirrorArn"]["Value"] = {"Fn::GetAtt": ["MirrorFunction", "Arn"]}


@pytest.mark.parametrize(
    ("mistake", "finding"),
    [
        (_typo, "NotifyAsynchronous.DestinationConfig.OnFail: there is no such property"),
        (_nine_retries, "MirrorAsynchronous.MaxAsyncRetryAttempts: 9 is not within"),
        (_missing, "AttachRule.FilterPattern: this property is required"),
        (_no_reference, "there is no resource named DeadLetterQueue"),
        (_no_condition, "there is no condition named Paused"),
        (_wrong_type, "MirrorFunction.Timeout: '240' is no number"),
        (_unknown_attribute, "MirrorFunction (ALIYUN::FC3::Function) has no attribute Arn"),
    ],
)
def test_a_seeded_mistake_is_found(mistake: Any, finding: str) -> None:
    source = copy.deepcopy(document())
    mistake(source)
    assert any(finding in one for one in findings(source))


def test_the_first_day_is_for_looking() -> None:
    mirror = stack_of(evaluated(document()), ROOT).functions["mirror"]
    assert mirror.environment["EVERMIRROR_MODE"] == "observe"


@pytest.mark.parametrize("mode", MODES)
def test_only_paused_switches_the_trigger_off(mode: str) -> None:
    (stream,) = stack_of(evaluated(document(), Mode=mode), ROOT).streams
    assert stream.enabled is (mode != "paused")


def test_timeouts_visibility_and_retries_fit_each_other() -> None:
    stack = stack_of(evaluated(document()), ROOT)
    (stream,) = stack.streams
    mirror, queue = stack.functions["mirror"], stack.queues[stream.queue]
    assert (stream.function, stream.asynchronous, stream.tolerant) == ("mirror", False, True)
    assert (stream.batch, stream.window_s) == (500, 2)
    assert stream.strategy == "EXPONENTIAL_DECAY_RETRY"
    # EventBridge waits at most five minutes for a synchronous push.
    assert mirror.timeout_s < 300
    assert mirror.timeout_s == 240
    assert queue.visibility_s == 6 * mirror.timeout_s
    assert mirror.concurrency == 1
    for function in stack.functions.values():
        assert function.asynchronous.stateful
        assert function.asynchronous.on_failure is not None
    assert stream.dead_letters == queue.dead_letters == "evermirror-dead-letters"


def test_what_a_rule_encodes_the_trigger_decodes() -> None:
    stack = stack_of(evaluated(document()), ROOT)
    (stream,) = stack.streams
    targets = [target for rule in stack.rules for target in rule.targets]
    assert {target.queue for target in targets} == {stream.queue}
    assert {target.encode for target in targets} == {stream.decode}


def test_every_folder_and_handler_file_exists() -> None:
    stack = stack_of(evaluated(document()), ROOT)
    for function in stack.functions.values():
        assert function.handler == "index.handler"
        assert (function.folder / "index.py").is_file()
        for layer in function.layers:
            made = layer.folder in {"site-packages", "policy"}
            assert made or (ROOT / layer.folder / "python").is_dir()


def actions(role: str) -> set[str]:
    (found,) = [one for one in evaluated(document()).resources() if one.logical_id == role]
    policies: Any = found.properties["Policies"]
    return {
        action
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }


def test_only_mirror_may_change_sessions() -> None:
    assert actions("MirrorRole") == {
        "vpc:AddSourcesToTrafficMirrorSession",
        "vpc:ListTrafficMirrorSessions",
        "ecs:DescribeNetworkInterfaces",
        "ecs:DescribeInstances",
        "fc:InvokeFunction",
        "mns:SendMessage",
        "log:PostLogStoreLogs",
    }
    assert actions("NotifyRole") == {"mns:SendMessage", "log:PostLogStoreLogs"}
    assert actions("EventsRole") == {"fc:InvokeFunction"}


def test_a_prefix_is_in_every_name_and_every_reference_to_it() -> None:
    stack = stack_of(evaluated(document(), NamePrefix="blue-"), ROOT)
    assert set(stack.functions) == {"blue-mirror", "blue-notify"}
    environment = stack.functions["blue-mirror"].environment
    for variable, name in (("EVERMIRROR_NOTIFY", "notify"), ("EVERMIRROR_MIRROR", "mirror")):
        assert environment[variable].endswith(f":functions/blue-{name}")
    assert [one.name for one in stack.streams] == ["blue-events"]
    assert all(one.name.startswith("blue-evermirror-") for one in stack.rules)
    assert all(name.startswith("blue-evermirror-") for name in stack.queues)
