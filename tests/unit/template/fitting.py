"""What no schema says: whether the parts of the stack fit each other and the code they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localcloud.functioncompute.resources import Function, Stack
from localcloud.functioncompute.template import Resource

LONGEST_PUSH_S = 300
"""EventBridge waits at most five minutes for a synchronous push."""

_LOGS = "log:PostLogStoreLogs"
_DEAD_LETTERS = "mns:SendMessage"
_READS = {
    "vpc:ListTrafficMirrorSessions",
    "vpc:ListTrafficMirrorFilters",
    "ecs:DescribeNetworkInterfaces",
    "ecs:DescribeInstances",
}
ACTIONS: Mapping[str, Mapping[str | None, frozenset[str]]] = {
    "MirrorRole": {
        None: frozenset(
            {
                "vpc:AddSourcesToTrafficMirrorSession",
                "fc:InvokeFunction",
                _DEAD_LETTERS,
                _LOGS,
                *_READS,
            }
        ),
        "Growing": frozenset({"vpc:CreateTrafficMirrorSession"}),
        "Reclaims": frozenset({"vpc:RemoveSourcesFromTrafficMirrorSession"}),
        "Heals": frozenset({"vpc:UpdateTrafficMirrorSessionAttribute"}),
    },
    "NotifyRole": {None: frozenset({_DEAD_LETTERS, _LOGS})},
    "ReconcileRole": {
        None: frozenset(
            {
                "fc:InvokeFunction",
                _DEAD_LETTERS,
                _LOGS,
                *_READS,
            }
        )
    },
    "WebhookRole": {None: frozenset({"fc:InvokeFunction", _LOGS})},
    "EventsRole": {None: frozenset({"fc:InvokeFunction"})},
}
"""By role and condition what its function calls; `tests/e2e/test_permissions.py` runs
them under exactly these, `test_missing_permissions.py` without each of them."""


def misfits(
    stack: Stack, resources: Sequence[Resource], conditions: Mapping[str, bool]
) -> Iterator[str]:
    """Sentences about times and permissions that do not go together."""
    yield from _times(stack)
    for resource in resources:
        if resource.type == "ALIYUN::RAM::Role":
            yield from _permissions(resource, conditions)
    for function in stack.functions.values():
        yield from _code(function)


def _times(stack: Stack) -> Iterator[str]:
    for stream in stack.streams:
        timeout_s = stack.functions[stream.function].timeout_s
        visible_s = stack.queues[stream.queue].visibility_s
        if timeout_s >= LONGEST_PUSH_S:
            yield f"{stream.function}: a timeout of {timeout_s} s outlasts a push of EventBridge"
        if visible_s < 6 * timeout_s:
            yield (
                f"{stream.queue}: a message is visible again after {visible_s} s, while "
                f"{stream.function} may work on it for {timeout_s} s; six times that is safe"
            )
        if not stream.tolerant:
            yield f"{stream.name}: one message that fails would stop those behind it"
        if stream.dead_letters not in stack.queues:
            yield f"{stream.name}: what cannot be delivered is lost"
    for function in stack.functions.values():
        kept = function.asynchronous.on_failure
        if function.asynchronous.stateful and (kept is None or kept.queue not in stack.queues):
            yield f"{function.name}: invocations that fail are lost"


def _permissions(role: Resource, conditions: Mapping[str, bool]) -> Iterator[str]:
    needed = {
        action
        for condition, actions in ACTIONS[role.logical_id].items()
        if condition is None or conditions[condition]
        for action in actions
    }
    granted = actions_of(role)
    for action in sorted(needed - granted):
        yield f"{role.logical_id}: its function calls {action}, which it does not allow"
    for action in sorted(granted - needed):
        yield f"{role.logical_id}: it allows {action}, which its function never calls"


def actions_of(role: Resource) -> set[str]:
    """Every action that a role's policies name."""
    policies: Any = role.properties["Policies"]
    return {
        action
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }


def _code(function: Function) -> Iterator[str]:
    module, _, _ = function.handler.rpartition(".")
    if not (function.folder / f"{module}.py").is_file():
        yield f"{function.name}: {function.handler} is in no file of {function.folder.name}"
