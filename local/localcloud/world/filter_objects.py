"""Traffic mirror filters and their rules as the fleet file has them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field, with_config

from localcloud.world.moments import Moment, Seconds
from localcloud.world.objects import LONG_AGO, STRICT, Id, SessionStatus

Direction = Literal["ingress", "egress"]
RuleAction = Literal["accept", "drop"]
Protocol = Literal["ALL", "ICMP", "TCP", "UDP"]
IpVersion = Literal["IPv4", "IPv6"]
RulePriority = Annotated[int, Field(ge=1)]
ANY_PORT = "-1/-1"
ANYWHERE = "0.0.0.0/0"
_PORTS = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")
_HIGHEST_PORT = 65535


def port_range(text: str) -> str:
    """Ports as the API writes them."""
    found = _PORTS.fullmatch(text)
    fits = found is not None and 1 <= int(found[1]) <= int(found[2]) <= _HIGHEST_PORT
    if not fits and text != ANY_PORT:
        raise ValueError("is a range of ports like 80/90, or -1/-1 for any")
    return text


def cidr_block(text: str) -> str:
    """A CIDR block of either IP version, host bits zero."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError("is a CIDR block like 10.0.0.0/8") from None
    return text


PortRange = Annotated[str, AfterValidator(port_range)]
# States that were written earlier have shorter names.
_SOURCE = Field(validation_alias=AliasChoices("source_port_range", "source_ports"))
_DESTINATION = Field(validation_alias=AliasChoices("destination_port_range", "destination_ports"))
CidrBlock = Annotated[str, AfterValidator(cidr_block)]


@with_config(STRICT)
@dataclass(slots=True)
class RuleUpdate:
    """What an update of a rule sets; None leaves an attribute as it is."""

    priority: RulePriority | None = None
    action: RuleAction | None = None
    protocol: Protocol | None = None
    source_cidr: CidrBlock | None = None
    destination_cidr: CidrBlock | None = None
    source_port_range: Annotated[PortRange | None, _SOURCE] = None
    destination_port_range: Annotated[PortRange | None, _DESTINATION] = None


@with_config(STRICT)
@dataclass(slots=True)
class Rule:
    """A rule of a filter. Without a `priority` it gets the lowest free one of its direction.

    The lower the number, the earlier it is evaluated. Its `update`, if any, is taken when the
    filter's change is done.
    """

    id: Annotated[str, Field(max_length=128)] = ""
    direction: Direction = "ingress"
    priority: Annotated[int, Field(ge=0)] = 0
    action: RuleAction = "accept"
    protocol: Protocol = "ALL"
    source_cidr: CidrBlock = ANYWHERE
    destination_cidr: CidrBlock = ANYWHERE
    source_port_range: Annotated[PortRange, _SOURCE] = ANY_PORT
    destination_port_range: Annotated[PortRange, _DESTINATION] = ANY_PORT
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


def _distinct(rules: int | tuple[Rule, ...]) -> int | tuple[Rule, ...]:
    seen: set[str] = set()
    for rule in rules if isinstance(rules, tuple) else ():
        place = f"the {rule.direction} priority {rule.priority}" if rule.priority else ""
        for given in filter(None, (rule.id, place)):
            if given in seen:
                raise ValueError(f"{given} is given twice")
            seen.add(given)
    return rules


@with_config(STRICT)
@dataclass(slots=True)
class Filter:
    """A traffic mirror filter; one without a rule mirrors nothing.

    `rules` is a list of rules, or how many rules to make up that accept all that comes in; a rule
    without an id is given one. A status other than Created needs no `change`: without one it
    stays as it is for ever.
    """

    id: Id
    name: str = ""
    description: str = ""
    rules: Annotated[Annotated[int, Field(ge=0)] | tuple[Rule, ...], AfterValidator(_distinct)] = 1
    resource_group: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    created: Moment = LONG_AGO
    status: SessionStatus = "Created"
    change: FilterChange | None = None

    def listed_rules(self) -> tuple[Rule, ...]:
        """The rules, each with an id and a priority; what is made up follows from the filter's."""
        rules = self.rules if isinstance(self.rules, tuple) else (Rule(),) * self.rules
        if all(rule.id and rule.priority for rule in rules):
            return rules
        ids = self._free_ids({rule.id for rule in rules})
        taken = {(rule.direction, rule.priority) for rule in rules}
        listed = []
        for rule in rules:
            numbers = (one for one in count(1) if (rule.direction, one) not in taken)
            priority = rule.priority or next(numbers)
            taken.add((rule.direction, priority))
            listed.append(replace(rule, id=rule.id or next(ids), priority=priority))
        return tuple(listed)

    def _free_ids(self, taken: set[str]) -> Iterator[str]:
        stem = self.id.removeprefix("tmf-")
        made = (f"tmr-{stem}{number:02d}" for number in count(1))
        return (one for one in made if one not in taken)
