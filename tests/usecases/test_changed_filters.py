"""Who changes the rules of a filter changes what every session with that filter mirrors."""

from __future__ import annotations

from typing import Any

import pytest

from evermirror.events import tampered
from evermirror.policy import Policy, Pool
from tests.worlds import a_session, tms

from .conftest import Serve
from .tampering import changed, record, record_of_filter, somebody_calls

FILTER, OTHER_FILTER = "tmf-j6c00000000000000001", "tmf-j6c00000000000000002"
TARGET = "lb-j6c00000000000000001"
RULES = ["tmr-j6c00000000000000001", "tmr-j6c00000000000000002"]
DELETE_RULES = "DeleteTrafficMirrorFilterRules"
UPDATE_RULE = "UpdateTrafficMirrorFilterRuleAttribute"


def rule(number: int, direction: str, **more: Any) -> dict[str, Any]:
    return {"id": f"tmr-j6c{number:017}", "direction": direction, **more}


BOTH = [
    {"id": FILTER, "rules": [rule(1, "ingress"), rule(2, "egress")]},
    {"id": OTHER_FILTER, "rules": [rule(3, "ingress")]},
]


def test_a_filter_that_loses_its_rules_is_told_for_each_pools_session_that_uses_it(
    serve: Serve,
) -> None:
    sessions: list[dict[str, Any] | int] = [
        a_session(1, 1),
        a_session(2, 2),
        a_session(3, filter=OTHER_FILTER),
        4,
    ]
    world = serve([1, 2], sessions, filters=BOTH)
    named: dict[str, Any] = {
        "TrafficMirrorFilterRuleIds.1": RULES[0],
        "TrafficMirrorFilterRuleIds.2": RULES[1],
    }
    at = somebody_calls(world, DELETE_RULES, TrafficMirrorFilterId=FILTER, **named)
    pools = Policy({"all": Pool("all", (tms(1), tms(2), tms(3)))}, (), "all")

    event = record_of_filter(DELETE_RULES, at, TrafficMirrorFilterId=FILTER, **named)
    told = changed(world.writer(pools).healing(), event)

    assert sorted(one["session_id"] for one in told) == [tms(1), tms(2)]
    assert {one["reason"] for one in told} == {"filter_accepts_nothing"}
    assert {one["tampering"]["action"] for one in told} == {DELETE_RULES}
    assert {one["target_id"] for one in told} == {TARGET}


def test_a_changed_rule_is_told_for_the_sessions_of_the_filter_that_has_it(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1), a_session(2, filter=OTHER_FILTER)], filters=BOTH)
    at = somebody_calls(
        world, UPDATE_RULE, TrafficMirrorFilterRuleId=rule(3, "")["id"], RuleAction="drop"
    )

    event = record_of_filter(UPDATE_RULE, at, TrafficMirrorFilterRuleId=rule(3, "")["id"])
    (told,) = changed(world.writer().healing(), event)

    assert (told["session_id"], told["reason"]) == (tms(2), "filter_accepts_nothing")


def test_a_filter_that_a_look_just_read_is_read_again(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    writer = world.writer().healing()
    writer.deliver(record(tampered.UPDATE, 1, PacketLength=64))
    named: dict[str, Any] = {
        "TrafficMirrorFilterRuleIds.1": RULES[0],
        "TrafficMirrorFilterRuleIds.2": RULES[1],
    }
    at = somebody_calls(world, DELETE_RULES, TrafficMirrorFilterId=FILTER, **named)

    (told,) = changed(
        writer, record_of_filter(DELETE_RULES, at, TrafficMirrorFilterId=FILTER, **named)
    )

    assert told["reason"] == "filter_accepts_nothing"


@pytest.mark.parametrize(
    "parameters",
    [{"TrafficMirrorFilterId": OTHER_FILTER}, {"TrafficMirrorFilterRuleId": rule(9, "")["id"]}],
    ids=["a filter that no session uses", "a rule that is gone"],
)
def test_a_filter_of_no_pools_session_is_none_of_our_business(
    serve: Serve, parameters: dict[str, Any]
) -> None:
    world = serve([1], [1], filters=BOTH)
    call = DELETE_RULES if "TrafficMirrorFilterId" in parameters else UPDATE_RULE

    outcomes = world.writer().healing().outcomes(record_of_filter(call, **parameters))

    assert [(one["outcome"], one["reason"]) for one in outcomes] == [
        ("ignored", "session_of_no_pool")
    ]


def test_whose_rule_it_is_cannot_be_told_where_filters_are_not_shown(serve: Serve) -> None:
    world = serve([1], [1])
    refused = {"error": "Forbidden.RAM", "status": 403}
    world.cloud.set_faults([{"action": "ListTrafficMirrorFilters", "do": refused}])
    writer = world.writer().healing()

    (told,) = writer.outcomes(record_of_filter(UPDATE_RULE, TrafficMirrorFilterRuleId=RULES[0]))

    assert (told["outcome"], told["reason"]) == ("deferred", "filters_not_visible")
    assert "filters cannot be read" in writer.lines.getvalue()
