"""Queues and rules as a template declares them: what events travel through."""

from __future__ import annotations

import re

from localcloud.functioncompute.properties import Properties
from localcloud.functioncompute.resources import Queue, Rule, RuleTarget

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


def rule_of(raw: Properties) -> Rule:
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
        queue=queue_name(raw, "Endpoint"),
        encode=encode is not None and encode.flag("Value", default=True),
    )
