"""The sweep reads everything, or does nothing and says so: half a fleet looks full of gaps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from evermirror.aliyun.credentials import Credentials
from evermirror.coverage.telling import moment
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import EVERYTHING
from evermirror.reasons import REMEDIES
from tests.worlds import a_session, eni, tms

from .conftest import Serve, Sweeping
from .writers import World

LIST = "ListTrafficMirrorSessions"
LIST_SESSIONS = f"vpc:{LIST}"
DESCRIBE = "DescribeNetworkInterfaces"
CHANGES = ("Add", "Remove", "Create", "Update", "Delete")


def changes(world: World) -> list[dict[str, Any]]:
    return [entry for entry in world.cloud.journal() if entry["action"].startswith(CHANGES)]


FAULTS = [
    pytest.param({"action": LIST, "do": {"throttle": True}}, "Throttling.User", id="throttled"),
    pytest.param(
        {"action": LIST, "when": {"every": 2}, "do": {"truncate": 20}},
        "cut_short",
        id="a List cut in the middle of paging",
    ),
    pytest.param(
        {"action": DESCRIBE, "when": {"every": 2}, "do": {"error": "ServiceUnavailable"}},
        "server_error",
        id="a page of interfaces that fails",
    ),
    pytest.param(
        {"action": DESCRIBE, "do": {"body": '{"RequestId": "R"}', "status": 200}},
        "list_without_its_interfaces",
        id="an answer without its list",
    ),
    pytest.param(
        {
            "action": LIST,
            "do": {
                "body": '{"RequestId":"R","TotalCount":"0","TrafficMirrorSessions":[]}',
                "status": 200,
            },
        },
        "no_sessions_read",
        id="a List that answers empty",
    ),
]


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_a_read_that_is_not_whole_leads_to_nothing_but_saying_so(
    serve: Serve, sweeping: Sweeping, fault: dict[str, Any], reason: str
) -> None:
    world = serve([], [], fleet={"instances": 600, "sessions": 150})
    sweeper = sweeping(world)
    world.cloud.set_faults([fault])

    told = sweeper.tick()

    assert (told["status"], told["unknown"], told["share"]) == ("unknown", reason, None)
    assert told["asked"] == 0
    assert sweeper.asked == []
    assert changes(world) == []
    assert [line["unknown"] for line in sweeper.logged()] == [reason]
    assert [one["coverage"]["unknown"] for one in sweeper.told] == [reason]


def test_the_sweep_stops_at_the_first_throttle(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [1])
    sweeper = sweeping(world)
    world.cloud.set_faults([{"action": "*", "do": {"throttle": True}}])

    sweeper.tick()

    assert len(world.cloud.journal()) == 1


ACCEPTING = [
    {
        "TrafficMirrorFilterId": "tmf-j6c00000000000000001",
        "IngressRules": [{"Action": "accept"}],
        "EgressRules": [],
    }
]
KEY = {"access_key_id": "reader-access-key-id", "access_key_secret": "reader-secret"}


def reader(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {**KEY, "policies": [{"Version": "1", "Statement": [statement]}]}


def test_a_describe_without_permission_is_no_fleet_without_interfaces(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [a_session(1, 1)], keys=[reader("vpc:*")])
    sweeper = sweeping(world, credentials=Credentials(*KEY.values()))

    told = sweeper.tick()

    assert (told["status"], told["unknown"]) == ("unknown", "no_interfaces_read")
    assert told["gone"] == 0
    assert sweeper.asked == []


def test_a_list_without_permission_is_told_with_what_to_do(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [a_session(1, 1)], keys=[reader("ecs:*")])
    sweeper = sweeping(world, credentials=Credentials(*KEY.values()))

    told = sweeper.tick()

    assert (told["status"], told["unknown"]) == ("unknown", "Forbidden.RAM")
    assert told["remedies"]


def test_a_policy_that_suddenly_excludes_all_removes_nothing_and_is_told(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [a_session(1, 1, 2)])
    nothing = Policy(
        pools={"all": Pool("all", (tms(1),))}, rules=(Rule("typo", EVERYTHING, None),), default=None
    )

    told = sweeping(world, policy=nothing).tick()

    assert (told["status"], told["unknown"]) == ("unknown", "nothing_eligible")
    assert (told["excluded"], told["extra"]) == ({"typo": 2}, 2)
    assert changes(world) == []
    assert world.sources(1) == [[eni(1), eni(2)]]


def test_a_session_that_vanished_leaves_coverage_unknown_and_the_others_served(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [1])
    two = Policy(pools={"all": Pool("all", (tms(1), tms(2)))}, default="all")

    sweeper = sweeping(world, policy=two)
    told = sweeper.tick()

    assert (told["status"], told["unknown"]) == ("unknown", "sessions_not_listed")
    assert told["listed"]["sessions_not_listed"] == [tms(2)]
    assert told["asked"] == 1


def test_lists_that_count_what_they_never_show_stop_nothing_and_are_on_the_line(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [a_session(1, 1)])
    sweeper = sweeping(world)
    filters = {"RequestId": "R", "TotalCount": "3", "TrafficMirrorFilters": ACCEPTING}
    answer = {"status": 200, "body": json.dumps(filters)}
    world.cloud.set_faults([{"action": "ListTrafficMirrorFilters", "do": answer}])

    told = sweeper.tick()

    assert (told["status"], told["mirrored"], told["asked"]) == ("gaps", 1, 1)
    (line,) = sweeper.logged()
    assert line["shortfalls"] == [
        {"action": "ListTrafficMirrorFilters", "listed": 1, "total": 3},
    ]
    assert "shortfalls" not in sweeper.told[0]["coverage"]


TWO_WAYS = [
    {"id": "tmr-j6c00000000000000091", "direction": "ingress"},
    {"id": "tmr-j6c00000000000000092", "direction": "egress"},
]

# ---- filters: what a session lists is mirrored only where its filter accepts something ----

DROP = {"id": "tmr-j6c00000000000000001", "action": "drop"}
THEN_ACCEPT = {"id": "tmr-j6c00000000000000002", "action": "accept", "priority": 2}


@pytest.mark.parametrize(
    "rules",
    [0, [DROP], [THEN_ACCEPT, DROP]],
    ids=["no rule", "a rule that drops", "a rule that drops all before one that accepts"],
)
def test_a_filter_that_accepts_nothing_makes_what_its_sessions_list_ineffective(
    serve: Serve, sweeping: Sweeping, rules: Any
) -> None:
    other = "tmf-j6c00000000000000002"
    world = serve(
        [1, 2],
        [a_session(1, 1), a_session(2, 2, filter=other)],
        filters=[
            {"id": "tmf-j6c00000000000000001", "rules": rules},
            {"id": other, "rules": TWO_WAYS},
        ],
    )

    told = sweeping(world).tick()

    assert (told["status"], told["share"]) == ("gaps", 0.5)
    assert told["ineffective_because"] == {"filter_accepts_nothing": 1}
    assert told["listed"]["ineffective"] == [eni(1)]
    assert told["remedies"] == [REMEDIES["filter_accepts_nothing"]]


def test_filters_that_may_not_be_seen_cost_the_number_and_not_the_interfaces(
    serve: Serve, sweeping: Sweeping
) -> None:
    allowed = reader(LIST_SESSIONS, "ecs:*")
    world = serve([1, 2], [a_session(1, 1), 2], keys=[allowed])
    sweeper = sweeping(world, credentials=Credentials(*KEY.values()))

    told = sweeper.tick()

    assert (told["status"], told["unknown"]) == ("unknown", "filters_not_visible")
    assert (told["mirrored"], told["missing"], told["asked"]) == (1, 1, 1)
    assert "vpc:ListTrafficMirrorFilters" in told["remedies"][0]


def test_a_throttled_read_of_filters_is_no_whole_read(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1, 2], [a_session(1, 1), 2])
    world.cloud.set_faults([{"action": "ListTrafficMirrorFilters", "do": {"throttle": True}}])
    sweeper = sweeping(world)

    told = sweeper.tick()

    assert (told["unknown"], told["asked"]) == ("Throttling.User", 0)
    assert sweeper.asked == []


class Slow:
    """The way to the interfaces, on which time passes before they are read."""

    def __init__(self, interfaces: Any, world: World, seconds: float) -> None:
        self._interfaces = interfaces
        self._world = world
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._interfaces, name)

    def every_network_interface(self, *arguments: Any) -> Any:
        self._world.clock.sleep(self._seconds)
        return self._interfaces.every_network_interface(*arguments)


def test_what_came_while_a_long_read_went_on_is_no_gap(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [1])
    state = world.cloud.state()
    state["network_interfaces"][0]["created"] = moment(world.clock.now() + 60)
    world.cloud.load(state)
    sweeper = sweeping(world)
    reader = sweeper.sweep.reader

    told = sweeper.changed(
        reader=replace(reader, interfaces=Slow(reader.interfaces, world, 500.0))
    ).tick()

    assert (told["pending"], told["missing"], told["event_source_silent"]) == (1, 0, False)
