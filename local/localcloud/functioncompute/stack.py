"""From the resources of a template to functions, queues, rules and triggers.

Reading is strict: a property of the wrong type, or one whose meaning would be ignored silently,
is a `TemplateError` that names resource and property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from localcloud.functioncompute.functions import functions_of
from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.functioncompute.properties import Resources
from localcloud.functioncompute.queues_and_rules import queue_of, rule_of
from localcloud.functioncompute.resources import Destination, Stack
from localcloud.functioncompute.roles import Roles
from localcloud.functioncompute.template import Deployment, Template, read_document
from localcloud.functioncompute.triggers import Triggers


def read_stack(path: Path, deployment: Deployment, parameters: Mapping[str, object]) -> Stack:
    """The stack of a template file; its folders are relative to the file."""
    return stack_of(Template(read_document(path), deployment, parameters), path.parent.resolve())


def stack_of(template: Template, root: Path) -> Stack:
    """The stack of an evaluated template whose folders are below `root`."""
    resources = Resources(template.resources())
    roles = Roles(template, resources)
    functions = functions_of(template, resources, roles, root)
    queues = {queue.name: queue for queue in map(queue_of, resources.of("ALIYUN::MNS::Queue"))}
    triggers = Triggers(resources.of("ALIYUN::FC3::Trigger"), roles)
    stack = Stack(
        deployment=template.deployment,
        functions=functions,
        queues=queues,
        rules=(*map(rule_of, resources.of("ALIYUN::EventBridge::Rule")), *triggers.rules()),
        streams=triggers.streams(),
        timers=triggers.timers(),
        addresses=triggers.addresses(),
        outputs=template.outputs(),
    )
    _check_ends(stack)
    return stack


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
        yield from ((f"rule {rule.name}", target.dead_letters) for target in rule.targets)
    for stream in stack.streams:
        yield f"trigger {stream.name}", stream.queue
        yield f"trigger {stream.name}", stream.dead_letters
    yield from ((place, end.queue) for place, end in _destinations(stack))


def _named_functions(stack: Stack) -> Iterator[tuple[str, str | None]]:
    for rule in stack.rules:
        yield from ((f"rule {rule.name}", target.function) for target in rule.targets)
    yield from ((f"trigger {one.name}", one.function) for one in stack.streams)
    yield from ((f"trigger {one.name}", one.function) for one in stack.timers)
    yield from ((f"trigger {one.name}", one.function) for one in stack.addresses)
    yield from ((place, end.function) for place, end in _destinations(stack))


def _destinations(stack: Stack) -> Iterator[tuple[str, Destination]]:
    for function in stack.functions.values():
        for end in (function.asynchronous.on_success, function.asynchronous.on_failure):
            if end is not None:
                yield f"function {function.name}", end
