"""Create, update and delete rules of a traffic mirror filter (VPC API 2016-04-28).

A filter has one change at a time. That creating rules can be refused because of a session that
uses the filter is published; that sessions are busy themselves meanwhile is inferred from it,
and can be switched off (`behaviour.rule_changes_modify_sessions`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from localcloud.api.context import Context
from localcloud.api.parameters import IdempotentParameters, Identifier
from localcloud.api.vpc import attributes, rules
from localcloud.refusals import refused
from localcloud.world import filter_objects
from localcloud.world.filter_objects import Filter, FilterChange, Rule, RuleUpdate
from localcloud.world.objects import Change
from localcloud.world.world import World


class CreateRules(IdempotentParameters):
    """Parameters of CreateTrafficMirrorFilterRules."""

    traffic_mirror_filter_id: Identifier
    ingress_rules: rules.LooseRules = ()
    egress_rules: rules.FullRules = ()


class UpdateRule(IdempotentParameters):
    """Parameters of UpdateTrafficMirrorFilterRuleAttribute."""

    traffic_mirror_filter_rule_id: Identifier
    priority: rules.RulePriority | None = None
    protocol: filter_objects.Protocol | None = None
    rule_action: filter_objects.RuleAction | None = None
    source_cidr_block: str | None = None
    destination_cidr_block: str | None = None
    source_port_range: filter_objects.PortRange | None = None
    destination_port_range: filter_objects.PortRange | None = None


class DeleteRules(IdempotentParameters):
    """Parameters of DeleteTrafficMirrorFilterRules."""

    traffic_mirror_filter_id: Identifier
    traffic_mirror_filter_rule_ids: Annotated[
        tuple[Identifier, ...], Field(min_length=1, max_length=100)
    ]


def create_rules(world: World, asked: CreateRules, context: Context) -> Mapping[str, Any]:
    """Accept more rules; they are Creating, and the filter Modifying, from now on."""
    attributes.check_region(world)
    found = attributes.stable_filter(world, asked.traffic_mirror_filter_id)
    _check_sessions(world, found)
    both = (*asked.ingress_rules, *asked.egress_rules)
    rules.check_rules(world, both, "IllegalParam.CidrBlock", "IllegalParam.CidrBlock")
    present = found.listed_rules()
    if len(present) + len(both) > world.limits.rules_per_filter:
        raise refused("QuotaExceeded.TrafficMirrorRulesPerFilter")
    ingress = rules.records(world, found, "ingress", asked.ingress_rules)
    egress = rules.records(world, found, "egress", asked.egress_rules)
    if asked.dry_run:
        raise refused("DryRunOperation")
    found.rules = (*present, *ingress, *egress)
    _begin(world, found, (*ingress, *egress), context)
    return {"IngressRules": _ids(ingress), "EgressRules": _ids(egress)}


def update_rule(world: World, asked: UpdateRule, context: Context) -> Mapping[str, Any]:
    """Accept the update; a busy filter is told as a busy rule, the only such error published."""
    known = world.filters.find_rule(asked.traffic_mirror_filter_rule_id)
    if known is None:
        raise refused("ResourceNotFound.TrafficMirrorRule", asked.traffic_mirror_filter_rule_id)
    owner, rule = known
    if {rule.status, owner.status} != {"Created"}:
        raise refused("IncorrectStatus.TrafficMirrorRule", rule.id)
    rules.check_cidr(asked.source_cidr_block, "IllegalParam.CidrBlock")
    rules.check_cidr(asked.destination_cidr_block, "IllegalParam.CidrBlock")
    for other in owner.listed_rules():
        same = (other.direction, other.priority) == (rule.direction, asked.priority)
        if same and other.id != rule.id:
            raise refused("DuplicatedParam.Priority", str(asked.priority))
    if asked.dry_run:
        raise refused("DryRunOperation")
    rule.status, rule.update = "Modifying", _update_of(asked)
    _begin(world, owner, (rule,), context)
    return {}


def delete_rules(world: World, asked: DeleteRules, context: Context) -> Mapping[str, Any]:
    """Accept the deletion of all named rules, or of none."""
    found = attributes.stable_filter(world, asked.traffic_mirror_filter_id)
    by_id = {rule.id: rule for rule in found.listed_rules()}
    unwanted = []
    for rule_id in dict.fromkeys(asked.traffic_mirror_filter_rule_ids):
        if rule_id not in by_id:
            raise refused("ResourceNotFound.TrafficMirrorRule", rule_id)
        if by_id[rule_id].status != "Created":
            raise refused("IncorrectStatus.TrafficMirrorRule", rule_id)
        unwanted.append(by_id[rule_id])
    if asked.dry_run:
        raise refused("DryRunOperation")
    for rule in unwanted:
        rule.status = "Deleting"
    _begin(world, found, unwanted, context)
    return {}


def _check_sessions(world: World, used: Filter) -> None:
    for session_id in world.sessions.held.by_filter.get(used.id, ()):
        session = world.sessions.find(session_id)
        if session is not None and session.status != "Created":
            raise refused(world.behaviour.busy_code)


def _begin(world: World, changed: Filter, about: Sequence[Rule], context: Context) -> None:
    settle_s, fails = world.draw_settle_s(), context.fails_in_background
    ids = tuple(rule.id for rule in about)
    world.filters.begin(changed, FilterChange(settle_s, ids, fails), context.now)
    if not world.behaviour.rule_changes_modify_sessions:
        return
    for session_id in sorted(world.sessions.held.by_filter.get(changed.id, ())):
        session = world.sessions.find(session_id)
        if session is not None and session.status == "Created":
            world.sessions.begin(session, Change(settle_s), context.now)


def _update_of(asked: UpdateRule) -> RuleUpdate:
    return RuleUpdate(
        priority=asked.priority,
        action=asked.rule_action,
        protocol=asked.protocol,
        source_cidr=asked.source_cidr_block,
        destination_cidr=asked.destination_cidr_block,
        source_port_range=asked.source_port_range,
        destination_port_range=asked.destination_port_range,
    )


def _ids(made: Sequence[Rule]) -> list[dict[str, str]]:
    return [{"InstanceId": rule.id} for rule in made]
