"""The triggers of a template's functions, by what they react to: a queue, the time, a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from localcloud.functioncompute.properties import Properties
from localcloud.functioncompute.queues_and_rules import queue_name
from localcloud.functioncompute.resources import Address, Stream, Timer
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
        return self._of("eventbridge", lambda one: _stream(one, self._roles))

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


def _stream(raw: Properties, roles: Roles) -> Stream:
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
        dead_letters=queue_name(dead_letters, "Arn") if dead_letters.names else None,
        role=roles.of(raw, "InvocationRole", EVENTS),
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
