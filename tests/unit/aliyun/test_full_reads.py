"""A full read gives every page or an error: half a fleet would look like a fleet with gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.vpc import Vpc
from evermirror.results import ReadError

RpcTo = Callable[..., Rpc]
Page = dict[str, object]
Read = Callable[[Rpc, Callable[[int], None]], tuple[Any, ...]]


def interfaces(*ids: str, token: str = "") -> Page:
    listed = [{"NetworkInterfaceId": one} for one in ids]
    return {
        "RequestId": "R",
        "NextToken": token,
        "NetworkInterfaceSets": {"NetworkInterfaceSet": listed},
    }


def instances(*ids: str, token: str = "") -> Page:
    listed = [{"InstanceId": one} for one in ids]
    return {"RequestId": "R", "NextToken": token, "Instances": {"Instance": listed}}


def sessions(*ids: str, token: str = "") -> Page:
    listed = [{"TrafficMirrorSessionId": one} for one in ids]
    return {"RequestId": "R", "NextToken": token, "TrafficMirrorSessions": listed}


def filters(*ids: str, token: str = "") -> Page:
    listed = [{"TrafficMirrorFilterId": one} for one in ids]
    return {"RequestId": "R", "NextToken": token, "TrafficMirrorFilters": listed}


READS: list[tuple[Read, Callable[..., Page], str]] = [
    (lambda rpc, told: Ecs(rpc).every_network_interface(told), interfaces, "500"),
    (lambda rpc, told: Ecs(rpc).every_instance(told), instances, "100"),
    (lambda rpc, told: Vpc(rpc).every_session(told), sessions, "100"),
    (lambda rpc, told: Filters(rpc).every_filter(told), filters, "100"),
]
each_read = pytest.mark.parametrize(
    ("read", "page", "a_page"), READS, ids=["interfaces", "instances", "sessions", "filters"]
)


@each_read
def test_every_page_is_read_and_what_is_on_two_pages_counts_once(
    rpc_to: RpcTo, loopbacks: Any, read: Read, page: Callable[..., Page], a_page: str
) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, page("a-1", "a-2", token="more")),
        loopbacks.answer(200, page("a-2", "a-3")),
    )
    told: list[int] = []

    seen = read(rpc_to(server.url), told.append)

    assert [one.id for one in seen] == ["a-1", "a-2", "a-3"]
    assert told == [2, 3]
    assert [request.query.get("NextToken") for request in server.seen] == [None, "more"]
    assert {request.query["MaxResults"] for request in server.seen} == {a_page}


@each_read
@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"RequestId": "R", "Code": "Throttling.User"}, "Throttling.User"),
        (503, {}, "server_error"),
        (200, {"RequestId": "R"}, "list_without_its"),
        (200, {"RequestId": "R", "NextToken": "more"}, "list_without_its"),
        (200, {"no": "answer"}, "unreadable_answer"),
    ],
    ids=["throttled", "down", "no list", "no list, but more", "no answer"],
)
def test_a_page_that_fails_leaves_nothing_of_those_before_it(  # noqa: PLR0917
    rpc_to: RpcTo,
    loopbacks: Any,
    read: Read,
    page: Callable[..., Page],
    a_page: str,
    status: int,
    body: Page,
    reason: str,
) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, page("a-1", token="more")), loopbacks.answer(status, body)
    )

    with pytest.raises(ReadError, match=reason):
        read(rpc_to(server.url), lambda _: None)

    assert len(server.seen) == 2


def test_one_interface_of_a_wrong_shape_fails_the_read_instead_of_being_left_out(
    rpc_to: RpcTo, loopbacks: Any
) -> None:
    bad = interfaces("eni-1")
    bad["NetworkInterfaceSets"]["NetworkInterfaceSet"].append(["eni-2"])  # type: ignore[index]
    server = loopbacks.start().will(loopbacks.answer(200, bad))

    with pytest.raises(ReadError, match="unreadable_answer"):
        Ecs(rpc_to(server.url)).every_network_interface()


def dropping(**more: object) -> Page:
    every = {"Action": "drop", "Priority": 1, "Protocol": "ALL"}
    anywhere = {"SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0"}
    state = {"TrafficMirrorFilterRuleStatus": "Created"}
    return {**every, **anywhere, "SourcePortRange": "-1/-1", **state, **more}


FIRST, THEN = dropping(), dropping(Action="accept", Priority=2)
RULES: list[tuple[Page, tuple[bool, bool]]] = [
    ({}, (False, False)),
    ({"IngressRules": [], "EgressRules": None}, (False, False)),
    ({"IngressRules": [{"Action": "drop"}], "EgressRules": [{"Action": "drop"}]}, (False, False)),
    ({"IngressRules": [{"Action": "drop"}, {"Action": "accept"}]}, (True, False)),
    ({"EgressRules": [{"Action": "accept"}]}, (False, True)),
    ({"EgressRules": [{}]}, (False, True)),
    ({"IngressRules": [FIRST, THEN], "EgressRules": [THEN]}, (False, True)),
    ({"IngressRules": [FIRST], "EgressRules": [THEN, dropping(Priority=3)]}, (False, True)),
    ({"IngressRules": [dropping(Protocol="UDP"), THEN], "EgressRules": []}, (True, False)),
    ({"IngressRules": [dropping(DestinationPortRange="80/90"), THEN]}, (True, False)),
    ({"IngressRules": [dropping(SourceCidrBlock="10.0.0.0/8"), THEN]}, (True, False)),
    ({"IngressRules": [dropping(DestinationCidrBlock="::/0"), THEN]}, (True, False)),
    (
        {"EgressRules": [dropping(TrafficMirrorFilterRuleStatus="Creating"), THEN]},
        (False, True),
    ),
]


@pytest.mark.parametrize(("rules", "directions"), RULES)
def test_a_filter_accepts_traffic_in_a_direction_where_no_rule_before_drops_it_all(
    rpc_to: RpcTo, loopbacks: Any, rules: Page, directions: tuple[bool, bool]
) -> None:
    listed = [{"TrafficMirrorFilterId": "tmf-1", **rules}]
    server = loopbacks.start().will(
        loopbacks.answer(200, {"RequestId": "R", "TrafficMirrorFilters": listed})
    )

    (found,) = Filters(rpc_to(server.url)).every_filter(lambda _: None)

    assert (found.id, found.ingress, found.egress) == ("tmf-1", *directions)
    assert found.accepts == any(directions)
