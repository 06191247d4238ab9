"""Create, update and delete traffic mirror filters (VPC API 2016-04-28).

The errors are those of each operation; their order among each other is not documented and is
the order in which the checks stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import IdempotentParameters, Identifier
from localcloud.api.vpc import attributes, rules, sources
from localcloud.refusals import refused
from localcloud.world.filter_objects import Filter, FilterChange
from localcloud.world.world import World


class CreateFilter(IdempotentParameters):
    """Parameters of CreateTrafficMirrorFilter."""

    traffic_mirror_filter_name: attributes.Name | None = None
    traffic_mirror_filter_description: attributes.Description | None = None
    ingress_rules: rules.FullRules = ()
    egress_rules: rules.FullRules = ()
    resource_group_id: Identifier | None = None
    tag: attributes.NewTags = ()


class UpdateFilter(IdempotentParameters):
    """Parameters of UpdateTrafficMirrorFilterAttribute."""

    traffic_mirror_filter_id: Identifier
    traffic_mirror_filter_name: attributes.Name | None = None
    traffic_mirror_filter_description: attributes.Description | None = None


class DeleteFilter(IdempotentParameters):
    """Parameters of DeleteTrafficMirrorFilter."""

    traffic_mirror_filter_id: Identifier


def create_filter(world: World, asked: CreateFilter, context: Context) -> Mapping[str, Any]:
    """Accept a filter with its first rules; it is Creating from now on."""
    attributes.check_region(world)
    sources.check_service(world)
    both = (*asked.ingress_rules, *asked.egress_rules)
    rules.check_rules(
        world, both, "IllegalParamFormat.SrcCidrBlock", "IllegalParamFormat.DstCidrBlock"
    )
    if len(world.filters.ids) >= world.limits.filters:
        raise refused("QuotaExceeded.TrafficMirrorFilter")
    created = _drafted(asked, context.now)
    ingress = rules.records(world, created, "ingress", asked.ingress_rules)
    egress = rules.records(world, created, "egress", asked.egress_rules)
    if asked.dry_run:
        raise refused("DryRunOperation")
    created.id = world.draw_id("tmf-", world.filters.find)
    created.rules = (*ingress, *egress)
    new = tuple(rule.id for rule in created.rules)
    change = FilterChange(world.draw_settle_s(), new, fails=context.fails_in_background)
    world.filters.create(created, change, context.now)
    return {"TrafficMirrorFilterId": created.id, "ResourceGroupId": created.resource_group}


def update_filter(world: World, asked: UpdateFilter, _context: Context) -> Mapping[str, Any]:
    """Change name and description, at once: the one change of the family that is synchronous."""
    found = attributes.stable_filter(world, asked.traffic_mirror_filter_id)
    if asked.dry_run:
        raise refused("DryRunOperation")
    found.name = asked.traffic_mirror_filter_name or found.name
    found.description = asked.traffic_mirror_filter_description or found.description
    return {}


def delete_filter(world: World, asked: DeleteFilter, context: Context) -> Mapping[str, Any]:
    """Accept the deletion of a filter that no session uses; its rules go with it."""
    found = attributes.stable_filter(world, asked.traffic_mirror_filter_id)
    for rule in found.listed_rules():
        if rule.status != "Created":
            raise refused("IncorrectStatus.TrafficMirrorRule", rule.id)
    if world.sessions.held.by_filter.get(found.id):
        raise refused("DependencyViolation.TrafficMirrorSession", found.id)
    if asked.dry_run:
        raise refused("DryRunOperation")
    change = FilterChange(world.draw_settle_s(), fails=context.fails_in_background)
    world.filters.begin(found, change, context.now, "Deleting")
    return {}


def _drafted(asked: CreateFilter, now: float) -> Filter:
    return Filter(
        id="",
        name=asked.traffic_mirror_filter_name or "",
        description=asked.traffic_mirror_filter_description or "",
        rules=(),
        resource_group=asked.resource_group_id or "",
        tags=attributes.tags_of(asked.tag),
        created=now,
    )
