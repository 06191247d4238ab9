"""From the resources of a template to functions, queues, rules and triggers.

Reading is strict: a property of the wrong type, or one whose meaning would be ignored silently,
is a `TemplateError` that names resource and property.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.functioncompute.properties import Properties
from localcloud.functioncompute.queues_and_rules import QUEUE_IN_ARN, queue_of, rule_of
from localcloud.functioncompute.resources import (
    Asynchronous,
    Destination,
    Function,
    Layer,
    Stack,
)
from localcloud.functioncompute.template import Deployment, Resource, Template, read_document
from localcloud.functioncompute.triggers import Triggers

# Function Compute 3.0, "Limits" and "Environment variables".
DEFAULT_TIMEOUT_S = 3
ENVIRONMENT_LIMIT = 4 * 1024
LAYERS_LIMIT = 5
RUNTIMES = ("python3.10", "python3.12")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_FUNCTION_IN_ARN = re.compile(r"acs:fc:[^:]*:[^:]*:functions/([^/]+)")


def read_stack(path: Path, deployment: Deployment, parameters: Mapping[str, object]) -> Stack:
    """The stack of a template file; its folders are relative to the file."""
    return stack_of(Template(read_document(path), deployment, parameters), path.parent.resolve())


def stack_of(template: Template, root: Path) -> Stack:
    """The stack of an evaluated template whose folders are below `root`."""
    resources = _ByType(template.resources())
    functions = _functions(template, resources, root)
    queues = {queue.name: queue for queue in map(queue_of, resources.of("ALIYUN::MNS::Queue"))}
    triggers = Triggers(resources.of("ALIYUN::FC3::Trigger"))
    stack = Stack(
        deployment=template.deployment,
        functions=functions,
        queues=queues,
        rules=tuple(map(rule_of, resources.of("ALIYUN::EventBridge::Rule"))),
        streams=triggers.streams(),
        timers=triggers.timers(),
        addresses=triggers.addresses(),
        outputs=template.outputs(),
    )
    _check_ends(stack)
    return stack


class _ByType:
    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = [Properties(one) for one in resources]

    def of(self, kind: str) -> list[Properties]:
        return [one for one in self._resources if one.type == kind]

    def by_function(self, kind: str) -> dict[str, Properties]:
        return {one.text("FunctionName"): one for one in self.of(kind)}


def _functions(template: Template, resources: _ByType, root: Path) -> dict[str, Function]:
    layers = _layers(template, resources)
    limits = resources.by_function("ALIYUN::FC3::ConcurrencyConfig")
    settings = resources.by_function("ALIYUN::FC3::AsyncInvokeConfig")
    found: dict[str, Function] = {}
    for raw in resources.of("ALIYUN::FC3::Function"):
        name = raw.text("FunctionName")
        found[name] = Function(
            name=name,
            folder=root / _folder(template, raw),
            handler=raw.text("Handler"),
            runtime=_runtime(raw),
            timeout_s=raw.whole("Timeout", DEFAULT_TIMEOUT_S),
            memory_mb=raw.whole("MemorySize", 512),
            environment=_environment(raw),
            layers=_layers_of(raw, layers),
            concurrency=limits[name].whole("ReservedConcurrency") if name in limits else None,
            asynchronous=_asynchronous(settings[name]) if name in settings else Asynchronous(),
            log_project=raw.below("LogConfig").text("Project", ""),
            log_store=raw.below("LogConfig").text("Logstore", ""),
        )
    return found


def _layers(template: Template, resources: _ByType) -> dict[str, Layer]:
    return {
        str(template.attribute(raw.logical_id, "LayerVersionArn", raw.logical_id)): Layer(
            raw.logical_id, _folder(template, raw)
        )
        for raw in resources.of("ALIYUN::FC3::LayerVersion")
    }


def _layers_of(raw: Properties, layers: Mapping[str, Layer]) -> tuple[Layer, ...]:
    arns = [str(arn) for arn in raw.list("Layers")]
    if len(arns) > LAYERS_LIMIT:
        raw.refuse("Layers", f"a function has at most {LAYERS_LIMIT} layers")
    for arn in arns:
        if arn not in layers:
            raw.refuse("Layers", f"{arn} is no layer of this template")
    return tuple(layers[arn] for arn in arns)


def _folder(template: Template, raw: Properties) -> str:
    folder = template.metadata("Evermirror", "Folders", raw.logical_id)
    if not isinstance(folder, str):
        place = f"Metadata.Evermirror.Folders.{raw.logical_id}"
        raise TemplateError(place, "name the folder that this code is made of")
    return folder


def _runtime(raw: Properties) -> str:
    runtime = raw.text("Runtime")
    if runtime not in RUNTIMES:
        raw.refuse("Runtime", f"{runtime} is not served locally; known: {', '.join(RUNTIMES)}")
    return runtime


def _environment(raw: Properties) -> Mapping[str, str]:
    variables = raw.below("EnvironmentVariables")
    environment = {name: variables.text(name) for name in variables.names}
    for name in environment:
        if name.startswith("FC_") or _VARIABLE.fullmatch(name) is None:
            variables.refuse(name, "a variable begins with a letter and not with FC_")
    if sum(len(name) + len(value) for name, value in environment.items()) > ENVIRONMENT_LIMIT:
        raw.refuse("EnvironmentVariables", f"they may take {ENVIRONMENT_LIMIT} bytes in all")
    return environment


def _asynchronous(raw: Properties) -> Asynchronous:
    destinations = raw.below("DestinationConfig")
    return Asynchronous(
        stateful=raw.flag("AsyncTask", default=False),
        retries=raw.whole("MaxAsyncRetryAttempts", 3),
        age_s=raw.whole("MaxAsyncEventAgeInSeconds", 86_400),
        on_success=_destination(destinations.below("OnSuccess")),
        on_failure=_destination(destinations.below("OnFailure")),
    )


def _destination(raw: Properties) -> Destination | None:
    arn = raw.text("Destination", "")
    if not arn:
        return None
    queue, function = QUEUE_IN_ARN.fullmatch(arn), _FUNCTION_IN_ARN.fullmatch(arn)
    if queue is None and function is None:
        raw.refuse("Destination", f"{arn} is neither a queue nor a function")
    return Destination(queue[1] if queue else None, function[1] if function else None)


def _check_ends(stack: Stack) -> None:
    """Everything that names a queue or a function names one that exists."""
    for place, queue in _named_queues(stack):
        if queue is not None and queue not in stack.queues:
            raise TemplateError(place, f"there is no queue {queue} in the template")
    for place, function in _named_functions(stack):
        if function is not None and function not in stack.functions:
            raise TemplateError(place, f"there is no function {function} in the template")


def _named_queues(stack: Stack) -> Iterator[tuple[str, str | None]]:
    for queue in stack.queues.values():
        yield f"queue {queue.name}", queue.dead_letters
    for rule in stack.rules:
        yield from ((f"rule {rule.name}", target.queue) for target in rule.targets)
    for stream in stack.streams:
        yield f"trigger {stream.name}", stream.queue
        yield f"trigger {stream.name}", stream.dead_letters
    yield from ((place, end.queue) for place, end in _destinations(stack))


def _named_functions(stack: Stack) -> Iterator[tuple[str, str | None]]:
    yield from ((f"trigger {one.name}", one.function) for one in stack.streams)
    yield from ((f"trigger {one.name}", one.function) for one in stack.timers)
    yield from ((f"trigger {one.name}", one.function) for one in stack.addresses)
    yield from ((place, end.function) for place, end in _destinations(stack))


def _destinations(stack: Stack) -> Iterator[tuple[str, Destination]]:
    for function in stack.functions.values():
        for end in (function.asynchronous.on_success, function.asynchronous.on_failure):
            if end is not None:
                yield f"function {function.name}", end
