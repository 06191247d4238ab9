"""Rules of traffic mirror filters as parameters, checked and turned into records.

VPC API 2016-04-28, CreateTrafficMirrorFilter and CreateTrafficMirrorFilterRules. What is left
out means anything: every address, every port.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from localcloud.api.parameters import Integer
from localcloud.refusals import refused
from localcloud.world import filter_objects
from localcloud.world.filter_objects import ANY_PORT, ANYWHERE, Direction, Filter, Rule
from localcloud.world.world import World

_ANYWHERE = {"IPv4": ANYWHERE, "IPv6": "::/0"}


RulePriority = Annotated[Integer, Field(ge=1)]


class LooseRule(BaseModel):
    """A rule that may leave out action and protocol (CreateTrafficMirrorFilterRules, ingress)."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    action: filter_objects.RuleAction = "accept"
    protocol: filter_objects.Protocol = "ALL"
    source_cidr_block: str | None = None
    destination_cidr_block: str | None = None
    source_port_range: filter_objects.PortRange = ANY_PORT
    destination_port_range: filter_objects.PortRange = ANY_PORT
    priority: RulePriority | None = None
    ip_version: filter_objects.IpVersion = "IPv4"


class FullRule(LooseRule):
    """A rule that says what to do with which protocol."""

    action: filter_objects.RuleAction
    protocol: filter_objects.Protocol


LooseRules = Annotated[tuple[LooseRule, ...], Field(max_length=10)]
FullRules = Annotated[tuple[FullRule, ...], Field(max_length=10)]


def check_cidr(block: str | None, code: str) -> None:
    """A CIDR block, where one is given."""
    if block is None:
        return
    try:
        filter_objects.cidr_block(block)
    except ValueError:
        raise refused(code, block) from None


def check_rules(
    world: World, asked: Sequence[LooseRule], source_code: str, destination_code: str
) -> None:
    """IP version and addresses of each rule; the operations name bad addresses differently."""
    for rule in asked:
        if rule.ip_version == "IPv6" and not world.service.ipv6_supported:
            raise refused("UnsupportedFeature.IpVersion", rule.ip_version)
        check_cidr(rule.source_cidr_block, source_code)
        check_cidr(rule.destination_cidr_block, destination_code)


def records(
    world: World, holder: Filter, direction: Direction, asked: Sequence[LooseRule]
) -> list[Rule]:
    """New rules beside those of `holder`; one without a priority gets the lowest free one."""
    taken = {rule.priority for rule in holder.listed_rules() if rule.direction == direction}
    for rule in asked:
        if rule.priority in taken:
            raise refused("DuplicatedParam.Priority", str(rule.priority))
        if rule.priority is not None:
            taken.add(rule.priority)
    made = []
    for rule in asked:
        priority = rule.priority or next(one for one in range(1, 1000) if one not in taken)
        taken.add(priority)
        made.append(_record(world, direction, rule, priority))
    return made


def _record(world: World, direction: Direction, rule: LooseRule, priority: int) -> Rule:
    anywhere = _ANYWHERE[rule.ip_version]
    return Rule(
        id=world.draw_id("tmr-", world.filters.find_rule),
        direction=direction,
        priority=priority,
        action=rule.action,
        protocol=rule.protocol,
        source_cidr=rule.source_cidr_block or anywhere,
        destination_cidr=rule.destination_cidr_block or anywhere,
        source_port_range=rule.source_port_range,
        destination_port_range=rule.destination_port_range,
        ip_version=rule.ip_version,
        status="Creating",
    )
