"""Functions as a template declares them, with what else it says about each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.functioncompute.properties import Properties, Resources
from localcloud.functioncompute.queues_and_rules import FUNCTION_IN_ARN, QUEUE_IN_ARN
from localcloud.functioncompute.resources import Asynchronous, Destination, Function, Hook, Layer
from localcloud.functioncompute.roles import COMPUTE, Roles
from localcloud.functioncompute.template import Template

# Function Compute 3.0, "Limits" and "Environment variables".
DEFAULT_TIMEOUT_S = 3
ENVIRONMENT_LIMIT = 4 * 1024
LAYERS_LIMIT = 5
RUNTIMES = ("python3.10", "python3.12")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def functions_of(
    template: Template, resources: Resources, roles: Roles, root: Path
) -> dict[str, Function]:
    """The functions of a template by name; their folders are below `root`."""
    layers = _layers(template, resources)
    limits = resources.by_function("ALIYUN::FC3::ConcurrencyConfig")
    settings = resources.by_function("ALIYUN::FC3::AsyncInvokeConfig")
    found: dict[str, Function] = {}
    for raw in resources.of("ALIYUN::FC3::Function"):
        name = raw.text("FunctionName")
        if _NAME.fullmatch(name) is None:
            raw.refuse("FunctionName", f"{name!r} is no name of a function")
        if raw.whole("InstanceConcurrency", 1) != 1:
            raw.refuse("InstanceConcurrency", "a built-in runtime serves one request an instance")
        found[name] = Function(
            name=name,
            folder=root / _folder(template, raw),
            handler=raw.text("Handler"),
            runtime=_runtime(raw),
            timeout_s=raw.whole("Timeout", DEFAULT_TIMEOUT_S, (1, 86_400)),
            memory_mb=raw.whole("MemorySize", 512, (128, 32_768)),
            environment=_environment(raw),
            role=roles.of(raw, "Role", COMPUTE),
            initializer=_hook(raw, "Initializer", 300),
            pre_stop=_hook(raw, "PreStop", 90),
            layers=_layers_of(raw, layers),
            concurrency=limits[name].whole("ReservedConcurrency", within=(0, None))
            if name in limits
            else None,
            asynchronous=_asynchronous(settings[name]) if name in settings else Asynchronous(),
            log_project=raw.below("LogConfig").text("Project", ""),
            log_store=raw.below("LogConfig").text("Logstore", ""),
        )
    return found


def _layers(template: Template, resources: Resources) -> dict[str, Layer]:
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
    size = sum(len(f"{name}{value}".encode()) for name, value in environment.items())
    if size > ENVIRONMENT_LIMIT:
        sentence = f"they take {size} bytes, and may take {ENVIRONMENT_LIMIT} in all"
        raw.refuse("EnvironmentVariables", sentence)
    return environment


def _hook(raw: Properties, name: str, longest_s: int) -> Hook | None:
    hook = raw.below("InstanceLifecycleConfig").below(name)
    handler = hook.text("Handler", "")
    return (
        Hook(handler, hook.whole("Timeout", DEFAULT_TIMEOUT_S, (1, longest_s))) if handler else None
    )


def _asynchronous(raw: Properties) -> Asynchronous:
    destinations = raw.below("DestinationConfig")
    return Asynchronous(
        stateful=raw.flag("AsyncTask", default=False),
        retries=raw.whole("MaxAsyncRetryAttempts", 3, (0, 8)),
        age_s=raw.whole("MaxAsyncEventAgeInSeconds", 86_400, (1, 604_800)),
        on_success=_destination(destinations.below("OnSuccess")),
        on_failure=_destination(destinations.below("OnFailure")),
    )


def _destination(raw: Properties) -> Destination | None:
    arn = raw.text("Destination", "")
    if not arn:
        return None
    queue, function = QUEUE_IN_ARN.fullmatch(arn), FUNCTION_IN_ARN.fullmatch(arn)
    if queue is None and function is None:
        raw.refuse("Destination", f"{arn} is neither a queue nor a function")
    return Destination(queue[1] if queue else None, function[1] if function else None)
