"""Reads traffic mirror filters: a session whose filter accepts nothing mirrors nothing.

Source: VPC API 2016-04-28, ListTrafficMirrorFilters; filters without a rule mirror nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import with_config
from typing_extensions import Required, TypedDict

from evermirror.aliyun.filter_rules import FilterRule, accept_anything
from evermirror.aliyun.paging import every_page
from evermirror.aliyun.rpc import WIRE, Rpc
from evermirror.aliyun.totals import CountedPage, Reading, Told, reading_of, unheard, whole
from evermirror.aliyun.vpc import VPC
from evermirror.model import Filter
from evermirror.results import ReadError

LIST = "ListTrafficMirrorFilters"
FILTERS_A_PAGE = "100"
"""As many as an account may have in a region (VPC quotas, not adjustable)."""


@with_config(WIRE)
class WireRule(TypedDict, total=False):
    Action: str | None
    Priority: int | None
    Protocol: str | None
    SourceCidrBlock: str | None
    DestinationCidrBlock: str | None
    SourcePortRange: str | None
    DestinationPortRange: str | None
    TrafficMirrorFilterRuleId: str | None
    TrafficMirrorFilterRuleStatus: str | None


@with_config(WIRE)
class WireFilter(TypedDict, total=False):
    TrafficMirrorFilterId: Required[str]
    IngressRules: list[WireRule] | None
    EgressRules: list[WireRule] | None


class FiltersPage(CountedPage):
    traffic_mirror_filters: list[WireFilter] | None = None

    def filters(self) -> list[Filter]:
        """The filters of this page; raises ReadError where it leaves out to show any."""
        if self.traffic_mirror_filters is None:
            raise ReadError("list_without_its_filters")
        return [_filter(wire) for wire in self.traffic_mirror_filters]


class Filters:
    """Traffic mirror filters of one region; `told` as for `Vpc`."""

    def __init__(self, rpc: Rpc, told: Told = unheard) -> None:
        self._rpc = rpc
        self._told = told

    def every_filter(self, progress: Callable[[int], None]) -> tuple[Filter, ...]:
        """All filters of the region, each once: every page of them, or an error.

        `progress` is told how many were read so far. Raises ReadError or StopError.
        """
        parameters = {"MaxResults": FILTERS_A_PAGE}

        def read() -> Reading[Filter]:
            pages = every_page(self._rpc, VPC, LIST, parameters, FiltersPage)
            return reading_of(pages, FiltersPage.filters, progress)

        return tuple(whole(LIST, read, self._told).values())


def _filter(wire: WireFilter) -> Filter:
    ingress, egress = wire.get("IngressRules") or [], wire.get("EgressRules") or []
    rule_ids = (rule.get("TrafficMirrorFilterRuleId") for rule in (*ingress, *egress))
    return Filter(
        wire["TrafficMirrorFilterId"],
        ingress=_accept_anything(ingress),
        egress=_accept_anything(egress),
        rule_ids=tuple(filter(None, rule_ids)),
    )


def _accept_anything(rules: Iterable[WireRule]) -> bool:
    return accept_anything(
        FilterRule(
            action=wire.get("Action"),
            priority=wire.get("Priority"),
            protocol=wire.get("Protocol"),
            source_cidr=wire.get("SourceCidrBlock"),
            destination_cidr=wire.get("DestinationCidrBlock"),
            source_ports=wire.get("SourcePortRange"),
            destination_ports=wire.get("DestinationPortRange"),
            status=wire.get("TrafficMirrorFilterRuleStatus"),
        )
        for wire in rules
    )
