"""The fleet file: a whole world as JSON, and the form in which a world is handed back.

Every key is optional and every unknown one is refused by name, because a typing mistake would
otherwise quietly test something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from localcloud.credentials import Key
from localcloud.ram import Policy
from localcloud.sentences import sentence_of
from localcloud.waiting import Waiting
from localcloud.world.filter_objects import Filter
from localcloud.world.ledger import Remembered
from localcloud.world.moments import Moment
from localcloud.world.objects import (
    Id,
    Instance,
    NetworkInterface,
    SecurityGroup,
    Session,
    Slb,
    VSwitch,
)
from localcloud.world.outbox import Raised
from localcloud.world.settings import Behaviour, Duration, Limits, Service

_MOST = 1_000_000
_Count = Annotated[int, Field(ge=0, le=_MOST)]


class FleetError(ValueError):
    """A fleet file cannot be used; the message names the key and says why."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Generated(_Strict):
    """How many things to make up besides those listed, with ids counted up from 1."""

    instances: _Count = 0
    interfaces_per_instance: _Count = 1
    sessions: _Count = 0

    @model_validator(mode="after")
    def _bearable(self) -> Generated:
        if self.instances * self.interfaces_per_instance > _MOST:
            raise ValueError(f"instances times interfaces_per_instance is at most {_MOST}")
        return self


def _policy_document(document: dict[str, Any]) -> dict[str, Any]:
    Policy.read(document)
    return document


PolicyDocument = Annotated[dict[str, Any], AfterValidator(_policy_document)]


class ListedKey(_Strict):
    """An access key accepted besides the fixed one, or, under its id, in its place.

    `policies` are documents of RAM: what its holder may do. Without the key everything, with an
    empty list nothing. A key with a `security_token` is that of somebody who assumed a role;
    `principal` names the holder.
    """

    access_key_id: Id
    access_key_secret: Annotated[str, Field(repr=False, min_length=1)]
    security_token: str | None = Field(default=None, repr=False)
    principal: str = ""
    policies: tuple[PolicyDocument, ...] | None = None

    def key(self) -> Key:
        return Key(
            self.access_key_id,
            self.access_key_secret,
            self.security_token,
            token_required=self.security_token is not None,
            policy=None if self.policies is None else Policy.read(*self.policies),
            principal=self.principal,
        )


class Fleet(_Strict):
    """A world. `settle_s` is how long a session stays Modifying: a number, or a range to draw from.

    `seed` fixes what is drawn. `vswitches` and `security_groups` need only be listed where no
    interface names them. `time`, `tokens`, `events` (raised, and not on the bus yet) and
    `waiting` (in queues and asynchronous invocations; taken up at the start only) are written by a
    running local cloud and need not be given.
    """

    region: Id = "cn-hongkong"
    account_id: Id = "1234567890123456"
    seed: int = 1
    settle_s: Duration = (1.0, 3.0)
    limits: Limits = Limits()
    behaviour: Behaviour = Behaviour()
    service: Service = Service()
    keys: tuple[ListedKey, ...] = ()
    instances: tuple[Instance, ...] = ()
    network_interfaces: tuple[NetworkInterface, ...] = ()
    vswitches: tuple[VSwitch, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    slbs: tuple[Slb, ...] = ()
    filters: tuple[Filter, ...] = ()
    sessions: tuple[Session, ...] = ()
    fleet: Generated = Generated()
    time: Moment | None = None
    tokens: tuple[Remembered, ...] = ()
    events: tuple[Raised, ...] = ()
    waiting: Waiting = Waiting()

    @model_validator(mode="after")
    def _consistent(self) -> Fleet:
        for kind in _KINDS:
            _refuse_repeats(f"{kind}: the id", (one.id for one in getattr(self, kind)))
        given = (session.priority for session in self.sessions if session.priority)
        _refuse_repeats("sessions: the priority", given)
        return self


_KINDS = (
    "instances",
    "network_interfaces",
    "vswitches",
    "security_groups",
    "slbs",
    "filters",
    "sessions",
)


def _refuse_repeats(what: str, values: Iterable[object]) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} {value} is given twice")
        seen.add(value)


def read_fleet(document: object) -> Fleet:
    """A fleet of plain data (as JSON gives it); `FleetError` names the key that does not fit."""
    try:
        return Fleet.model_validate(document)
    except ValidationError as error:
        raise FleetError(sentence_of(error, "fleet")) from None


def parse_fleet(text: bytes | str) -> Fleet:
    """A fleet file's content; `FleetError` also where it is not JSON."""
    try:
        return Fleet.model_validate_json(text)
    except ValidationError as error:
        raise FleetError(sentence_of(error, "fleet")) from None
