"""Queues and rules as a template declares them: what events travel through."""

from __future__ import annotations

import re
from collections.abc import Mapping

from localcloud.eventbridge.patterns import Pattern, PatternError
from localcloud.eventbridge.retries import STRATEGIES
from localcloud.eventbridge.transform import Transform, TransformError, read
from localcloud.functioncompute.properties import Properties
from localcloud.functioncompute.resources import Queue, Rule, RuleTarget

FUNCTION_IN_ARN = re.compile(r"acs:fc:[^:]*:[^:]*:(?:services/[^/]+/)?functions/([^/]+)")
QUEUE_IN_ARN = re.compile(r"acs:mns:[^:]*:[^:]*:/?queues/([^/]+)(?:/messages)?")


def queue_of(raw: Properties) -> Queue:
    policy = raw.below("DlqPolicy")
    enabled = policy.flag("Enabled", default=False)
    return Queue(
        name=raw.text("QueueName"),
        visibility_s=raw.whole("VisibilityTimeout", 30),
        retention_s=raw.whole("MessageRetentionPeriod", 345_600),
        message_limit=raw.whole("MaximumMessageSize", 65_536),
        dead_letters=queue_name(policy, "DeadLetterTargetQueue") if enabled else None,
        receives=policy.whole("MaxReceiveCount") if enabled else None,
    )


def queue_name(raw: Properties, name: str) -> str:
    """A queue that is given by its name or by one of the two forms of its ARN."""
    given = raw.text(name)
    found = QUEUE_IN_ARN.fullmatch(given)
    return found[1] if found else given


def strategy_of(raw: Properties, name: str) -> str:
    """A retry strategy of EventBridge."""
    strategy = raw.text(name, "BACKOFF_RETRY")
    if strategy not in STRATEGIES:
        raw.refuse(name, f"{strategy} is none of {', '.join(STRATEGIES)}")
    return strategy


def checked_pattern(
    raw: Properties, name: str, pattern: Mapping[str, object]
) -> Mapping[str, object]:
    """An event pattern that is one."""
    try:
        Pattern(pattern)
    except PatternError as error:
        raw.refuse(name, str(error))
    return pattern


def rule_of(raw: Properties) -> Rule:
    return Rule(
        name=raw.text("RuleName"),
        bus=raw.text("EventBusName"),
        pattern=checked_pattern(raw, "FilterPattern", raw.map("FilterPattern")),
        enabled=raw.text("Status", "ENABLE").upper() == "ENABLE",
        targets=tuple(map(_target, raw.maps("Targets"))),
    )


def _target(raw: Properties) -> RuleTarget:
    parameters = {one.text("ResourceKey"): one for one in raw.maps("ParamList")}
    encode = parameters.get("IsBase64Encode")
    kind, dead_letters = raw.text("Type"), raw.below("DeadLetterQueue")
    if kind not in {"acs.mns.queue", "acs.fc.function"}:
        sentence = f"{kind} is not served locally; known: acs.mns.queue, acs.fc.function"
        raw.refuse("Type", sentence)
    return RuleTarget(
        queue=queue_name(raw, "Endpoint") if kind == "acs.mns.queue" else None,
        encode=encode is not None and encode.flag("Value", default=True),
        function=_function(raw, parameters) if kind == "acs.fc.function" else None,
        body=_body(raw, parameters.get("Body")),
        strategy=strategy_of(raw, "PushRetryStrategy"),
        tolerant=raw.text("ErrorsTolerance", "ALL") == "ALL",
        dead_letters=queue_name(dead_letters, "Arn") if dead_letters.names else None,
    )


def _body(raw: Properties, body: Properties | None) -> Transform:
    if body is None:
        raw.refuse("ParamList", "say what the target gets (ResourceKey: Body)")
    try:
        return read(body.text("Form"), body.text("Value", ""), body.text("Template", ""))
    except TransformError as error:
        body.refuse("Value", str(error))


def _function(raw: Properties, parameters: Mapping[str, Properties]) -> str:
    """By its ARN, of either generation, or by the parameter `functionName`."""
    found = FUNCTION_IN_ARN.fullmatch(raw.text("Endpoint"))
    if found is not None:
        return found[1]
    if "functionName" not in parameters:
        raw.refuse("Endpoint", "this is the ARN of no function, and there is no functionName")
    return parameters["functionName"].text("Value")
