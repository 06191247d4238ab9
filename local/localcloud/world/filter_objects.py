"""Traffic mirror filters and their rules as the fleet file has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, with_config

from localcloud.world.moments import Moment, Seconds
from localcloud.world.objects import LONG_AGO, STRICT, Id, SessionStatus

Direction = Literal["ingress", "egress"]
RuleAction = Literal["accept", "drop"]
Protocol = Literal["ALL", "ICMP", "TCP", "UDP"]
IpVersion = Literal["IPv4", "IPv6"]
RulePriority = Annotated[int, Field(ge=1)]
ANY_PORT = "-1/-1"
ANYWHERE = "0.0.0.0/0"


@with_config(STRICT)
@dataclass(slots=True)
class RuleUpdate:
    """What an update of a rule sets; None leaves an attribute as it is."""

    priority: RulePriority | None = None
    action: RuleAction | None = None
    protocol: Protocol | None = None
    source_cidr: str | None = None
    destination_cidr: str | None = None
    source_ports: str | None = None
    destination_ports: str | None = None


@with_config(STRICT)
@dataclass(slots=True)
class Rule:
    """A rule of a filter. Its `update`, if any, is taken when the filter's change is done."""

    id: Id
    direction: Direction = "ingress"
    priority: RulePriority = 1
    action: RuleAction = "accept"
    protocol: Protocol = "ALL"
    source_cidr: str = ANYWHERE
    destination_cidr: str = ANYWHERE
    source_ports: str = ANY_PORT
    destination_ports: str = ANY_PORT
    ip_version: IpVersion = "IPv4"
    status: SessionStatus = "Created"
    update: RuleUpdate | None = None


@with_config(STRICT)
@dataclass(slots=True)
class FilterChange:
    """A change that a filter is busy with, and the rules it is about."""

    remaining_s: Seconds
    rules: tuple[Id, ...] = ()
    fails: bool = False


@with_config(STRICT)
@dataclass(slots=True)
class Filter:
    """A traffic mirror filter; one without a rule mirrors nothing.

    `rules` is a list of rules, or how many accept-all rules to make up. A status other than
    Created needs no `change`: without one it stays as it is for ever.
    """

    id: Id
    name: str = ""
    description: str = ""
    rules: Annotated[int, Field(ge=0)] | tuple[Rule, ...] = 1
    resource_group: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    created: Moment = LONG_AGO
    status: SessionStatus = "Created"
    change: FilterChange | None = None

    def listed_rules(self) -> tuple[Rule, ...]:
        """The rules; those only counted are made up, with ids that follow from the filter's."""
        if isinstance(self.rules, tuple):
            return self.rules
        stem = self.id.removeprefix("tmf-")
        return tuple(
            Rule(f"tmr-{stem}{number:02d}", priority=number) for number in range(1, self.rules + 1)
        )
