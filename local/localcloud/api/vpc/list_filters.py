"""ListTrafficMirrorFilters: filters with their rules, page by page (VPC API 2016-04-28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from localcloud.api import paging
from localcloud.api.context import Context
from localcloud.api.parameters import Identifier, Integer, Parameters, Tag, UpTo100
from localcloud.api.vpc import attributes
from localcloud.world.filter_objects import Filter, Rule
from localcloud.world.moments import to_the_minute
from localcloud.world.world import World


class ListFilters(Parameters):
    """Parameters of ListTrafficMirrorFilters."""

    max_results: Annotated[Integer, Field(ge=1, le=100)] = 10
    next_token: str | None = None
    traffic_mirror_filter_ids: UpTo100 = ()
    traffic_mirror_filter_name: attributes.Name | None = None
    resource_group_id: Identifier | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=10)] = ()


def list_filters(world: World, asked: ListFilters, context: Context) -> Mapping[str, Any]:
    """The filters that fit, in the order of their ids."""
    ids = sorted(set(asked.traffic_mirror_filter_ids)) or world.filters.ids

    def find(filter_id: str) -> Filter | None:
        found = world.filters.find(filter_id)
        return found if found is not None and _fits(asked, found) else None

    listing = paging.Listing(world.behaviour.list_paging, context.action, asked)
    page, token = listing.page(ids, find, asked.max_results, asked.next_token)
    total = sum(1 for one in ids if find(one) is not None)
    return {
        "NextToken": token,
        "TotalCount": str(total + world.behaviour.total_count_extra),
        "MaxResults": asked.max_results,
        "Count": len(page.items),
        "TrafficMirrorFilters": [_shown(one) for one in page.items],
    }


def _fits(asked: ListFilters, found: Filter) -> bool:
    return (
        asked.traffic_mirror_filter_name in {None, found.name}
        and asked.resource_group_id in {None, found.resource_group}
        and all(tag.fits(found.tags) for tag in asked.tags)
    )


def _shown(found: Filter) -> dict[str, Any]:
    shown = {
        direction: [_shown_rule(found, r) for r in found.listed_rules() if r.direction == direction]
        for direction in ("ingress", "egress")
    }
    return {
        "TrafficMirrorFilterId": found.id,
        "TrafficMirrorFilterName": found.name,
        "TrafficMirrorFilterDescription": found.description,
        "TrafficMirrorFilterStatus": found.status,
        "IngressRules": shown["ingress"],
        "EgressRules": shown["egress"],
        "ResourceGroupId": found.resource_group,
        "Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()],
        "CreationTime": to_the_minute(found.created),
    }


def _shown_rule(found: Filter, rule: Rule) -> dict[str, Any]:
    return {
        "TrafficMirrorFilterId": found.id,
        "TrafficMirrorFilterRuleId": rule.id,
        "TrafficMirrorFilterRuleStatus": rule.status,
        "TrafficDirection": rule.direction,
        "Priority": rule.priority,
        "Action": rule.action,
        "Protocol": rule.protocol,
        "SourceCidrBlock": rule.source_cidr,
        "DestinationCidrBlock": rule.destination_cidr,
        "SourcePortRange": rule.source_port_range,
        "DestinationPortRange": rule.destination_port_range,
        "IpVersion": rule.ip_version,
    }
