"""In which directions a filter's rules accept anything: the judge's own reading of the promise.

An accept rule counts unless one rule before it drops all that it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from localcloud.world.filter_objects import ANY_PORT, Rule


def directions(rules: Iterable[Rule]) -> frozenset[str]:
    ordered = sorted(rules, key=lambda rule: rule.priority)
    return frozenset(
        rule.direction
        for rule in ordered
        if rule.action == "accept" and not any(_hides(other, rule) for other in ordered)
    )


def _hides(drop: Rule, rule: Rule) -> bool:
    return (
        drop.action == "drop"
        and drop.direction == rule.direction
        and drop.priority < rule.priority
        and drop.protocol in {"ALL", rule.protocol}
        and _within(rule.source_cidr, drop.source_cidr)
        and _within(rule.destination_cidr, drop.destination_cidr)
        and _ports_within(rule.source_port_range, drop.source_port_range)
        and _ports_within(rule.destination_port_range, drop.destination_port_range)
    )


def _within(inner: str, outer: str) -> bool:
    small, large = ip_network(inner), ip_network(outer)
    return small.version == large.version and small.subnet_of(large)  # type: ignore[arg-type]


def _ports_within(inner: str, outer: str) -> bool:
    if outer == ANY_PORT:
        return True
    if inner == ANY_PORT:
        return False
    low, high = map(int, inner.split("/"))
    least, most = map(int, outer.split("/"))
    return least <= low and high <= most
