"""That a filter accepts nothing is said only where no packet gets through, read it as one may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evermirror.aliyun.filter_rules import FilterRule, accept_anything

ADDRESSES = ("192.0.2.1", "10.9.9.9", "10.1.9.9", "10.1.2.3", "2001:db9::1", "2001:db8::1")
NETWORKS = ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "::/0", "2001:db8::/32")
UNREADABLE = (None, "", "10.1.2.3/8", "anywhere")
PORTS = (0, 80, 85, 443)
RANGES = (None, "", "-1/-1", "80/80", "80/90", "1/65535")
PROTOCOLS = ("ALL", "TCP", "UDP", "ICMP")
DROP_ALL = FilterRule("drop", 1, "ALL", "0.0.0.0/0", "0.0.0.0/0", "-1/-1", "-1/-1", "Created")
ACCEPT_ALL = replace(DROP_ALL, action="accept", priority=2)


@dataclass(frozen=True)
class Packet:
    source: str
    destination: str
    protocol: str
    source_port: int | None = None
    destination_port: int | None = None


def universe() -> tuple[Packet, ...]:
    """Packets that every difference between the networks, protocols and ranges above shows in."""
    ends = [
        (source, destination)
        for source, destination in product(ADDRESSES, repeat=2)
        if (":" in source) == (":" in destination)
    ]
    with_ports = product(("TCP", "UDP"), product(PORTS, repeat=2))
    kinds = [("ICMP", (None, None)), ("GRE", (None, None)), *with_ports]
    return tuple(Packet(*end, protocol, *ports) for end, (protocol, ports) in product(ends, kinds))


UNIVERSE = universe()


Four = tuple[str | None, str | None, str | None, str | None]


@cache
def within(cidr: str, address: str) -> bool:
    return ip_address(address) in ip_network(cidr)


@dataclass(frozen=True)
class Reading:
    """How a service may mean what no document settles."""

    unsettled_work: bool
    unreadable_is_everything: bool
    ports_bind_every_protocol: bool

    def takes(self, rule: FilterRule, packet: Packet) -> bool:
        return (
            rule.protocol in {"ALL", None, packet.protocol}
            and self.is_in(rule.source_cidr, packet.source)
            and self.is_in(rule.destination_cidr, packet.destination)
            and self.fits(rule, rule.source_ports, packet.source_port)
            and self.fits(rule, rule.destination_ports, packet.destination_port)
        )

    def is_in(self, cidr: str | None, address: str) -> bool:
        if cidr in UNREADABLE:
            return self.unreadable_is_everything
        return within(str(cidr), address)

    def fits(self, rule: FilterRule, ports: str | None, port: int | None) -> bool:
        if ports in {None, "", "-1/-1"} or rule.protocol not in {"TCP", "UDP", "ALL", None}:
            return True
        if port is None or rule.protocol not in {"TCP", "UDP"}:
            if not self.ports_bind_every_protocol:
                return True
            if port is None:
                return False
        first, last = map(int, str(ports).split("/"))
        return first <= port <= last

    def lets_through(self, rules: Iterable[FilterRule], packet: Packet) -> bool:
        ordered = sorted(rules, key=lambda rule: rule.priority or 0)
        for rule in ordered:
            works = rule.status == "Created" or self.unsettled_work or rule.action == "accept"
            if works and self.takes(rule, packet):
                return rule.action == "accept"
        return False


READINGS = tuple(Reading(*answers) for answers in product((True, False), repeat=3))

ranges = st.sampled_from(RANGES)
cidrs = st.sampled_from((*NETWORKS, *UNREADABLE))
changes: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        st.fixed_dictionaries({name: values})
        for name, values in {
            "protocol": st.sampled_from((*PROTOCOLS, "GRE")),
            "source_cidr": cidrs,
            "destination_cidr": cidrs,
            "source_ports": ranges,
            "destination_ports": ranges,
            "status": st.sampled_from(("Creating", "Deleting", None)),
        }.items()
    ]
).flatmap(lambda one: one)


@st.composite
def alike(draw: st.DrawFn) -> list[FilterRule]:
    """Rules that differ in little, for others hide nothing from one another."""
    rule = DROP_ALL
    for change in draw(st.lists(changes, max_size=3)):
        rule = replace(rule, **change)
    made: list[FilterRule] = []
    more = draw(st.lists(st.sampled_from(("drop", "accept")), max_size=2))
    for action in ("drop", "accept", *more):
        changed = replace(rule, **draw(st.just({}) | changes), action=action)
        made.append(replace(changed, priority=len(made)))
    order = draw(st.permutations(range(len(made))))
    return [replace(rule, priority=place) for rule, place in zip(made, order, strict=True)]


@settings(max_examples=400)
@given(alike())
def test_where_nothing_is_said_to_be_accepted_no_packet_gets_through(
    rules: list[FilterRule],
) -> None:
    if accept_anything(rules):
        return
    for reading in READINGS:
        assert [one for one in UNIVERSE if reading.lets_through(rules, one)] == []


one_version = st.sampled_from((NETWORKS[:4], NETWORKS[4:]))


@given(
    one_version.flatmap(lambda some: st.tuples(*[st.sampled_from(some)] * 4)),
    st.tuples(*[st.sampled_from(PROTOCOLS)] * 2),
    st.tuples(*[ranges] * 4),
)
def test_of_one_rule_that_drops_before_one_that_accepts_the_truth_is_said(
    networks: Four, protocols: tuple[str, str], ports: Four
) -> None:
    # A service may bind the ports of a rule for ALL to TCP and UDP, or to everything.
    from_, to = (None, None) if protocols[0] == "ALL" else ports[:2]
    rules = [
        FilterRule("drop", 1, protocols[0], networks[0], networks[1], from_, to, "Created"),
        FilterRule("accept", 2, protocols[1], networks[2], networks[3], *ports[2:], "Created"),
    ]

    through = [one for one in UNIVERSE if READINGS[0].lets_through(rules, one)]

    assert accept_anything(rules) == bool(through)


NOTHING_PASSES = [
    [],
    [DROP_ALL],
    [DROP_ALL, ACCEPT_ALL],
    [ACCEPT_ALL, DROP_ALL],
    [DROP_ALL, ACCEPT_ALL, replace(ACCEPT_ALL, priority=9, protocol="TCP")],
    [
        replace(DROP_ALL, source_cidr="10.0.0.0/8", protocol="TCP", source_ports="80/90"),
        replace(ACCEPT_ALL, source_cidr="10.1.0.0/16", protocol="TCP", source_ports="85/85"),
    ],
    [
        replace(DROP_ALL, source_cidr="::/0", destination_cidr="::/0"),
        replace(ACCEPT_ALL, source_cidr="2001:db8::/32", destination_cidr="::/0"),
    ],
    [replace(DROP_ALL, protocol="ICMP", source_ports="1/1"), replace(ACCEPT_ALL, protocol="ICMP")],
]
SOMETHING_PASSES = [
    [ACCEPT_ALL],
    [FilterRule()],
    [replace(DROP_ALL, priority=3), ACCEPT_ALL],
    [replace(DROP_ALL, priority=2), ACCEPT_ALL],
    [replace(DROP_ALL, priority=None), ACCEPT_ALL],
    [DROP_ALL, replace(ACCEPT_ALL, priority=None)],
    [replace(DROP_ALL, protocol=None), ACCEPT_ALL],
    [replace(DROP_ALL, protocol="TCP"), ACCEPT_ALL],
    [replace(DROP_ALL, source_cidr="10.0.0.0/8"), ACCEPT_ALL],
    [replace(DROP_ALL, source_cidr=None), ACCEPT_ALL],
    [DROP_ALL, replace(ACCEPT_ALL, destination_cidr=None)],
    [DROP_ALL, replace(ACCEPT_ALL, source_cidr="::/0", destination_cidr="::/0")],
    [replace(DROP_ALL, destination_ports="1/65535"), ACCEPT_ALL],
    [replace(DROP_ALL, destination_ports="eighty"), ACCEPT_ALL],
    [FilterRule("drop", 1), ACCEPT_ALL],
    [replace(DROP_ALL, status="Creating"), ACCEPT_ALL],
    [replace(DROP_ALL, status="Deleting"), ACCEPT_ALL],
    [
        replace(DROP_ALL, source_ports="80/80"),
        replace(ACCEPT_ALL, protocol="ICMP", source_ports="80/80"),
    ],
    [  # together they take all, but no one of them does
        replace(DROP_ALL, source_cidr="0.0.0.0/1"),
        replace(DROP_ALL, priority=2, source_cidr="128.0.0.0/1"),
        replace(ACCEPT_ALL, priority=3),
    ],
]


@pytest.mark.parametrize("rules", NOTHING_PASSES)
def test_one_drop_rule_first_that_takes_all_hides_what_comes_after(rules: list[FilterRule]) -> None:
    assert not accept_anything(rules)


@pytest.mark.parametrize("rules", SOMETHING_PASSES)
def test_what_is_not_seen_to_be_dropped_is_accepted(rules: list[FilterRule]) -> None:
    assert accept_anything(rules)


@pytest.mark.parametrize("ports", ["90/80", "80", "80/70000", "a/b", "80/90/95", "-1/80"])
def test_ports_that_cannot_be_read_take_nothing_in_a_drop_and_all_in_an_accept(ports: str) -> None:
    tcp = replace(DROP_ALL, protocol="TCP"), replace(ACCEPT_ALL, protocol="TCP")

    assert accept_anything([replace(tcp[0], source_ports=ports), tcp[1]])
    assert accept_anything(
        [replace(tcp[0], source_ports="80/90"), replace(tcp[1], source_ports=ports)]
    )
    assert not accept_anything([tcp[0], replace(tcp[1], source_ports=ports)])
