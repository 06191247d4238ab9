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
from localcloud.functioncompute.resources import (
    Asynchronous,
    Destination,
    Function,
    Layer,
    Queue,
    Rule,
    RuleTarget,
    Stack,
    Stream,
    Timer,
)
from localcloud.functioncompute.template import Deployment, Resource, Template, read_document

# Function Compute 3.0, "Limits" and "Environment variables".
DEFAULT_TIMEOUT_S = 3
ENVIRONMENT_LIMIT = 4 * 1024
LAYERS_LIMIT = 5
RUNTIMES = ("python3.10", "python3.12")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_QUEUE_IN_ARN = re.compile(r"acs:mns:[^:]*:[^:]*:/?queues/([^/]+)(?:/messages)?")
_FUNCTION_IN_ARN = re.compile(r"acs:fc:[^:]*:[^:]*:functions/([^/]+)")


def read_stack(path: Path, deployment: Deployment, parameters: Mapping[str, object]) -> Stack:
    """The stack of a template file; its folders are relative to the file."""
    return stack_of(Template(read_document(path), deployment, parameters), path.parent.resolve())


def stack_of(template: Template, root: Path) -> Stack:
    """The stack of an evaluated template whose folders are below `root`."""
    resources = _ByType(template.resources())
    functions = _functions(template, resources, root)
    queues = {queue.name: queue for queue in map(_queue, resources.of("ALIYUN::MNS::Queue"))}
    triggers = resources.of("ALIYUN::FC3::Trigger")
    stack = Stack(
        deployment=template.deployment,
        functions=functions,
        queues=queues,
        rules=tuple(map(_rule, resources.of("ALIYUN::EventBridge::Rule"))),
        streams=tuple(_stream(one) for one in triggers if _trigger_type(one) == "eventbridge"),
        timers=tuple(_timer(one) for one in triggers if _trigger_type(one) == "timer"),
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
    queue, function = _QUEUE_IN_ARN.fullmatch(arn), _FUNCTION_IN_ARN.fullmatch(arn)
    if queue is None and function is None:
        raw.refuse("Destination", f"{arn} is neither a queue nor a function")
    return Destination(queue[1] if queue else None, function[1] if function else None)


def _queue(raw: Properties) -> Queue:
    policy = raw.below("DlqPolicy")
    enabled = policy.flag("Enabled", default=False)
    return Queue(
        name=raw.text("QueueName"),
        visibility_s=raw.whole("VisibilityTimeout", 30),
        retention_s=raw.whole("MessageRetentionPeriod", 345_600),
        message_limit=raw.whole("MaximumMessageSize", 65_536),
        dead_letters=_queue_name(policy, "DeadLetterTargetQueue") if enabled else None,
        receives=policy.whole("MaxReceiveCount") if enabled else None,
    )


def _queue_name(raw: Properties, name: str) -> str:
    """A queue that is given by its name or by one of the two forms of its ARN."""
    given = raw.text(name)
    found = _QUEUE_IN_ARN.fullmatch(given)
    return found[1] if found else given


def _rule(raw: Properties) -> Rule:
    return Rule(
        name=raw.text("RuleName"),
        bus=raw.text("EventBusName"),
        pattern=raw.map("FilterPattern"),
        enabled=raw.text("Status", "ENABLE").upper() == "ENABLE",
        targets=tuple(map(_target, raw.maps("Targets"))),
    )


def _target(raw: Properties) -> RuleTarget:
    if raw.text("Type") != "acs.mns.queue":
        raw.refuse("Type", "the local bus delivers to queues (acs.mns.queue) only")
    parameters = {one.text("ResourceKey"): one for one in raw.maps("ParamList")}
    if "Body" not in parameters or parameters["Body"].text("Form") != "ORIGINAL":
        raw.refuse("ParamList", "the local bus passes events on whole (Body, ORIGINAL) only")
    encode = parameters.get("IsBase64Encode")
    return RuleTarget(
        queue=_queue_name(raw, "Endpoint"),
        encode=encode is not None and encode.flag("Value", default=True),
    )


def _trigger_type(raw: Properties) -> str:
    kind = raw.text("TriggerType")
    if kind not in {"eventbridge", "timer"}:
        raw.refuse("TriggerType", f"the local cloud does not serve triggers of type {kind}")
    return kind


def _stream(raw: Properties) -> Stream:
    config = raw.below("TriggerConfig")
    source = config.below("eventSourceConfig")
    if source.text("eventSourceType") != "MNS":
        source.refuse("eventSourceType", "the local cloud streams from queues (MNS) only")
    options = config.below("runOptions")
    window = options.below("batchWindow")
    queue = source.below("eventSourceParameters").below("sourceMNSParameters")
    dead_letters = options.below("deadLetterQueue")
    return Stream(
        name=raw.text("TriggerName"),
        function=raw.text("FunctionName"),
        queue=queue.text("QueueName"),
        decode=queue.flag("IsBase64Decode", default=True),
        enabled=config.flag("triggerEnable", default=True),
        asynchronous=config.flag("asyncInvocationType", default=False),
        batch=window.whole("CountBasedWindow", 1),
        window_s=window.whole("TimeBasedWindow", 0),
        strategy=options.below("retryStrategy").text("PushRetryStrategy", "BACKOFF_RETRY"),
        tolerant=options.text("errorsTolerance", "NONE") == "ALL",
        dead_letters=_queue_name(dead_letters, "Arn") if dead_letters.names else None,
    )


def _timer(raw: Properties) -> Timer:
    config = raw.below("TriggerConfig")
    return Timer(
        name=raw.text("TriggerName"),
        function=raw.text("FunctionName"),
        schedule=config.text("cronExpression"),
        payload=config.text("payload", ""),
        enabled=config.flag("enable", default=True),
    )


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
    yield from ((place, end.function) for place, end in _destinations(stack))


def _destinations(stack: Stack) -> Iterator[tuple[str, Destination]]:
    for function in stack.functions.values():
        for end in (function.asynchronous.on_success, function.asynchronous.on_failure):
            if end is not None:
                yield f"function {function.name}", end
