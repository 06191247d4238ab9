"""Do the rules of a filter let anything through? A session of a filter that drops all is no mirror.

Pure, and never sure without having seen it: what a rule does not say plainly lets an accept rule
take everything, and a drop rule nothing. Source: VPC API 2016-04-28, CreateTrafficMirrorFilter.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from evermirror.values import dataclass

DROP = "drop"
CREATED = "Created"
EVERY_PROTOCOL = "ALL"
PORTLESS = "ICMP"
WITH_PORTS = {"TCP", "UDP", EVERY_PROTOCOL, None}
EVERY_PORT = range(65_536)
EVERY_PORT_IN_WORDS = "-1/-1"


@dataclass(frozen=True, slots=True)
class FilterRule:
    """A rule as ListTrafficMirrorFilters shows it; the lowest `priority` is evaluated first."""

    action: str | None = None
    priority: int | None = None
    protocol: str | None = None
    source_cidr: str | None = None
    destination_cidr: str | None = None
    source_ports: str | None = None
    destination_ports: str | None = None
    status: str | None = None


def accept_anything(rules: Iterable[FilterRule]) -> bool:
    """Say whether the rules of one direction let any packet through.

    An accept rule counts unless one single drop rule before it takes all that it takes. A rule that
    does not say `drop` accepts, and a drop rule that is on its way in or out may not work.
    """
    accepting, dropping = [], []
    for rule in rules:
        if rule.action != DROP:
            accepting.append(rule)
        elif rule.status == CREATED:
            dropping.append(rule)
    return any(not any(_hides(drop, rule) for drop in dropping) for rule in accepting)


def _hides(drop: FilterRule, accept: FilterRule) -> bool:
    return (
        _is_before(drop.priority, accept.priority)
        and drop.protocol in {EVERY_PROTOCOL, accept.protocol or EVERY_PROTOCOL}
        and _holds_network(drop.source_cidr, accept.source_cidr)
        and _holds_network(drop.destination_cidr, accept.destination_cidr)
        and (drop.protocol == PORTLESS or _holds_ports_of(drop, accept))
    )


def _is_before(drop: int | None, accept: int | None) -> bool:
    return drop is not None and accept is not None and drop < accept


def _holds_network(outer: str | None, inner: str | None) -> bool:
    """What cannot be read is everything of both IP versions inside, and nothing outside."""
    around, within = _network(outer), _network(inner)
    if isinstance(around, IPv4Network) and isinstance(within, IPv4Network):
        return within.subnet_of(around)
    if isinstance(around, IPv6Network) and isinstance(within, IPv6Network):
        return within.subnet_of(around)
    return False


def _holds_ports_of(drop: FilterRule, accept: FilterRule) -> bool:
    """Ports matter for TCP and UDP only: whatever else a rule accepts, it accepts on every port."""
    source, destination = accept.source_ports, accept.destination_ports
    if accept.protocol not in WITH_PORTS:
        source = destination = EVERY_PORT_IN_WORDS
    return _holds_ports(drop.source_ports, source) and _holds_ports(
        drop.destination_ports, destination
    )


def _holds_ports(outer: str | None, inner: str | None) -> bool:
    around, within = _ports(outer), _ports(inner) or EVERY_PORT
    return around is not None and around.start <= within.start and within.stop <= around.stop


@lru_cache(1024)
def _network(cidr: str | None) -> IPv4Network | IPv6Network | None:
    """None where there is nothing to read, or no network."""
    try:
        return ip_network(cidr or "")
    except ValueError:
        return None


def _ports(text: str | None) -> range | None:
    """Both ends included, as in `80/90`; None where that cannot be read."""
    if not text or text == EVERY_PORT_IN_WORDS:
        return EVERY_PORT
    try:
        first, last = map(int, text.split("/"))
    except ValueError:
        return None
    return range(first, last + 1) if 0 <= first <= last < EVERY_PORT.stop else None
