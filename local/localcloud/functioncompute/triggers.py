"""The triggers of a template's functions, by what they react to: a queue, the time, a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from localcloud.eventbridge.transform import WHOLE, Transform
from localcloud.functioncompute.properties import Properties
from localcloud.functioncompute.queues_and_rules import checked_pattern, queue_name, strategy_of
from localcloud.functioncompute.resources import Address, Rule, RuleTarget, Stream, Timer
from localcloud.functioncompute.roles import EVENTS, Roles
from localcloud.functioncompute.schedule import ScheduleError, parse

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
AUTHENTICATIONS = ("anonymous", "function")
KINDS = ("eventbridge", "timer", "http")
_Made = TypeVar("_Made")


class Triggers:
    """The triggers of a template; one of a type that is not served here is refused by name."""

    def __init__(self, triggers: Sequence[Properties], roles: Roles) -> None:
        self._triggers = triggers
        self._roles = roles
        for one in triggers:
            if one.text("TriggerType") not in KINDS:
                kind = one.text("TriggerType")
                sentence = f"the local cloud does not serve triggers of type {kind}"
                one.refuse("TriggerType", sentence)
            if one.text("Qualifier", "LATEST") != "LATEST":
                one.refuse("Qualifier", "only LATEST is deployed here")

    def streams(self) -> tuple[Stream, ...]:
        return tuple(_stream(one, self._roles) for one in self._events("MNS"))

    def rules(self) -> tuple[Rule, ...]:
        return tuple(_rule(one, self._roles) for one in self._events("Default"))

    def _events(self, source: str) -> list[Properties]:
        events = [one for one in self._triggers if one.text("TriggerType") == "eventbridge"]
        return [one for one in events if _source(one) == source]

    def timers(self) -> tuple[Timer, ...]:
        return self._of("timer", _timer)

    def addresses(self) -> tuple[Address, ...]:
        """HTTP triggers; a version or alias has at most one."""
        seen: set[str] = set()
        for one in self._triggers:
            if one.text("TriggerType") == "http":
                if one.text("FunctionName") in seen:
                    one.refuse("TriggerType", "a function has at most one HTTP trigger")
                seen.add(one.text("FunctionName"))
        return self._of("http", _address)

    def _of(self, kind: str, made: Callable[[Properties], _Made]) -> tuple[_Made, ...]:
        return tuple(made(one) for one in self._triggers if one.text("TriggerType") == kind)


def _source(raw: Properties) -> str:
    source = raw.below("TriggerConfig").below("eventSourceConfig")
    kind = source.text("eventSourceType")
    if kind not in {"MNS", "Default"}:
        source.refuse("eventSourceType", f"{kind} is not served locally; known: MNS, Default")
    return kind


def _pattern(config: Properties) -> Mapping[str, object]:
    name = "eventRuleFilterPattern"
    try:
        pattern = json.loads(config.text(name, "{}"))
    except ValueError:
        config.refuse(name, "this is no JSON")
    if not isinstance(pattern, dict):
        config.refuse(name, "this is no JSON object")
    return checked_pattern(config, name, pattern)


def _is_raw(config: Properties) -> bool:
    option = config.below("eventSinkConfig").below("deliveryOption")
    schema = option.text("eventSchema", "CloudEvents")
    if schema not in {"CloudEvents", "RawData"}:
        option.refuse("eventSchema", f"{schema} is neither CloudEvents nor RawData")
    return schema == "RawData"


def _stream(raw: Properties, roles: Roles) -> Stream:
    config = raw.below("TriggerConfig")
    options = config.below("runOptions")
    window = options.below("batchWindow")
    source = config.below("eventSourceConfig").below("eventSourceParameters")
    queue = source.below("sourceMNSParameters")
    dead_letters = options.below("deadLetterQueue")
    return Stream(
        name=raw.text("TriggerName"),
        function=raw.text("FunctionName"),
        queue=queue.text("QueueName"),
        decode=queue.flag("IsBase64Decode", default=True),
        enabled=config.flag("triggerEnable", default=True),
        asynchronous=config.flag("asyncInvocationType", default=False),
        batch=window.whole("CountBasedWindow", 1, (1, 10_000)),
        window_s=window.whole("TimeBasedWindow", 0, (0, 300)),
        strategy=strategy_of(options.below("retryStrategy"), "PushRetryStrategy"),
        tolerant=options.text("errorsTolerance", "NONE") == "ALL",
        dead_letters=queue_name(dead_letters, "Arn") if dead_letters.names else None,
        role=roles.of(raw, "InvocationRole", EVENTS),
        pattern=_pattern(config),
        raw=_is_raw(config),
    )


def _rule(raw: Properties, roles: Roles) -> Rule:
    """A trigger on the default bus is a rule of its own, with the function as its target."""
    config = raw.below("TriggerConfig")
    options = config.below("runOptions")
    dead_letters = options.below("deadLetterQueue")
    target = RuleTarget(
        function=raw.text("FunctionName"),
        body=Transform("JSONPATH", parts=(("", ("data",)),)) if _is_raw(config) else WHOLE,
        strategy=strategy_of(options.below("retryStrategy"), "PushRetryStrategy"),
        tolerant=options.text("errorsTolerance", "NONE") == "ALL",
        dead_letters=queue_name(dead_letters, "Arn") if dead_letters.names else None,
        asynchronous=config.flag("asyncInvocationType", default=False),
        role=roles.of(raw, "InvocationRole", EVENTS),
    )
    return Rule(
        name=f"{raw.text('FunctionName')}-{raw.text('TriggerName')}",
        bus="default",
        pattern=_pattern(config),
        enabled=config.flag("triggerEnable", default=True),
        targets=(target,),
    )


def _timer(raw: Properties) -> Timer:
    config = raw.below("TriggerConfig")
    expression = config.text("cronExpression")
    try:
        parse(expression)
    except ScheduleError as error:
        config.refuse("cronExpression", str(error))
    return Timer(
        name=raw.text("TriggerName"),
        function=raw.text("FunctionName"),
        schedule=expression,
        payload=config.text("payload", ""),
        enabled=config.flag("enable", default=True),
    )


def _address(raw: Properties) -> Address:
    config = raw.below("TriggerConfig")
    authentication = config.text("authType")
    if authentication not in AUTHENTICATIONS:
        known = ", ".join(AUTHENTICATIONS)
        config.refuse("authType", f"{authentication} is not served locally; known: {known}")
    methods = tuple(str(one) for one in config.list("methods"))
    unknown = [one for one in methods if one not in METHODS]
    if unknown or not methods:
        config.refuse("methods", f"name some of {', '.join(METHODS)}")
    return Address(
        name=raw.text("TriggerName"),
        function=raw.text("FunctionName"),
        signed=authentication == "function",
        methods=methods,
    )
