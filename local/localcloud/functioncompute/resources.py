"""What a template deploys, as values that the rest of the local cloud can rely on.

Defaults are those of the cloud's own calls: Function Compute 2023-03-30 and Simple Message Queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.eventbridge.transform import WHOLE, Transform
from localcloud.functioncompute.template import Deployment
from localcloud.ram import Policy


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the record of an asynchronous invocation goes: exactly one of the two is set."""

    queue: str | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Asynchronous:
    """How a function is invoked asynchronously."""

    stateful: bool = False
    retries: int = 3
    age_s: float = 86_400
    on_success: Destination | None = None
    on_failure: Destination | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A role. `policy` None: not of this template, so it may do everything; `trusted` likewise."""

    arn: str
    policy: Policy | None = None
    trusted: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer and what it is made of: a folder, `site-packages` or `policy`."""

    logical_id: str
    folder: str


@dataclass(frozen=True, slots=True)
class Hook:
    """A lifecycle hook: `handler(context)`, within so many seconds."""

    handler: str
    timeout_s: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function and what it is made of. `concurrency` None means: as the account allows.

    Without a role it has no credentials.
    """

    name: str
    folder: Path
    handler: str
    runtime: str
    timeout_s: int
    memory_mb: int
    environment: Mapping[str, str]
    role: Role | None = None
    layers: tuple[Layer, ...] = ()
    concurrency: int | None = None
    asynchronous: Asynchronous = field(default_factory=Asynchronous)
    initializer: Hook | None = None
    pre_stop: Hook | None = None
    log_project: str = ""
    log_store: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of Simple Message Queue."""

    name: str
    visibility_s: float = 30
    retention_s: float = 345_600
    message_limit: int = 65_536
    dead_letters: str | None = None
    receives: int | None = None


@dataclass(frozen=True, slots=True)
class RuleTarget:
    """What a rule sends matching events to: exactly one of queue and function is set.

    `encode`: in Base64. `tolerant`: when the retries are spent, go on with the next event.
    `asynchronous` is what a trigger says of its invocations; None: not a trigger.
    """

    queue: str | None = None
    encode: bool = False
    function: str | None = None
    body: Transform = WHOLE
    strategy: str = "BACKOFF_RETRY"
    tolerant: bool = True
    dead_letters: str | None = None
    asynchronous: bool | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of an event bus and where it sends matching events."""

    name: str
    bus: str
    pattern: Mapping[str, object]
    enabled: bool
    targets: tuple[RuleTarget, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """An event stream: an `eventbridge` trigger that empties a queue into a function.

    Messages that do not fit the pattern are dropped; `raw`: without the envelope of an event.
    """

    name: str
    function: str
    queue: str
    decode: bool
    enabled: bool
    asynchronous: bool
    batch: int
    window_s: float
    strategy: str
    tolerant: bool
    dead_letters: str | None
    role: Role | None = None
    pattern: Mapping[str, object] = field(default_factory=dict)
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer trigger."""

    name: str
    function: str
    schedule: str
    payload: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Address:
    """An HTTP trigger: a function's own URL. `signed`: callers sign, and the service checks it."""

    name: str
    function: str
    signed: bool
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything of a template that the local cloud brings to life."""

    deployment: Deployment
    functions: Mapping[str, Function]
    queues: Mapping[str, Queue]
    rules: tuple[Rule, ...] = ()
    streams: tuple[Stream, ...] = ()
    timers: tuple[Timer, ...] = ()
    addresses: tuple[Address, ...] = ()
    outputs: Mapping[str, object] = field(default_factory=dict)
