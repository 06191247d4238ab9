"""Pools that say what their sessions must have, and what the pools were called before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evermirror.model import Session
from evermirror.policy import Pool, compile_policy, dump, loads
from evermirror.policy.sessions import POOL_TAG

from .growing_policy import BALANCER, FILTER, MISSING, SENSOR, SENSORS, SOUND, changed, pool
from .sound_policy import SESSION

OTHER = "eni-j6c000000000000008"
STRANGE = "lb-j6c00000000000000009"


def named(**pins: Any) -> dict[str, Any]:
    """A policy with one pool, whose session it names, and these keys besides."""
    return {
        "version": 1,
        "pools": {"big": {"sessions": [SESSION], "sensors": SENSORS, **pins}},
        "default": {"pool": "big"},
    }


def test_a_pool_says_what_its_sessions_must_have() -> None:
    pins = {"targets": [SENSOR, BALANCER], "filter": FILTER, "directions": ["egress", "ingress"]}
    found = pool(named(**pins, was=["large", "huge"]))
    assert found.target_ids == {SENSOR, BALANCER}
    assert found.filter_id == FILTER
    assert found.directions == {"ingress", "egress"}
    assert found.was == ("huge", "large")
    assert found.names == ("big", "huge", "large")


def test_one_value_need_not_stand_in_a_list() -> None:
    one = pool(named(targets=SENSOR, directions="ingress", was="large"))
    assert one == pool(named(targets=[SENSOR], directions=["ingress"], was=["large"]))


def test_what_a_pool_does_not_say_it_does_not_pin() -> None:
    found = pool(named())
    assert (found.target_ids, found.filter_id, found.directions, found.was) == (
        frozenset(),
        None,
        frozenset(),
        (),
    )
    assert dump(compile_policy(named())) == (
        b'{"default":{"pool":"big"},"members":"skip","pools":{"big":{"sensors":{"instance_tags":'
        b'{"role":["sensor"]}},"sessions":["tms-j6c00000000000000001"]}},"rules":[],"version":1}'
    )


def test_the_digest_of_a_policy_that_pins_nothing_is_what_it_always_was() -> None:
    assert compile_policy(SOUND).digest == "2fc1a0ddff6525ecb895e281867a526c"
    assert compile_policy(named()).digest == "372c296f55dc1eb08b73630c767f09ae"


@pytest.mark.parametrize(
    "pins",
    [
        {"targets": [SENSOR, BALANCER]},
        {"filter": FILTER},
        {"directions": ["ingress"]},
        {"was": ["large", "a name with spaces"]},
    ],
    ids=lambda pins: next(iter(pins)),
)
def test_what_is_pinned_survives_compiling_and_is_another_policy(pins: dict[str, Any]) -> None:
    policy = compile_policy(named(**pins))
    loaded = loads(dump(policy), "policy.json")
    assert loaded == policy
    assert dump(loaded) == dump(policy)
    assert policy.digest != compile_policy(named()).digest


def test_the_order_in_which_targets_directions_and_names_are_given_makes_no_difference() -> None:
    one = named(targets=[SENSOR, BALANCER], directions=["egress", "ingress"], was=["a", "b"])
    other = named(targets=[BALANCER, SENSOR], directions=["ingress", "egress"], was=["b", "a"])
    assert json.dumps(one) != json.dumps(other)
    assert compile_policy(one).digest == compile_policy(other).digest


def made_session(**changes: Any) -> Session:
    made: dict[str, Any] = {"name": "big-4", "priority": 1004, "tags": {POOL_TAG: "big"}}
    return Session("tms-j6c00000000000000008", "Created", **{**made, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "renamed by somebody"},
        {"priority": 7},
        {"name": "big-900", "priority": 1900},
        {"target_id": STRANGE, "filter_id": "tmf-j6c00000000000000009"},
        {"tags": {POOL_TAG: "big", "more": "x"}},
    ],
    ids=str,
)
def test_the_tag_alone_says_that_a_pool_made_a_session(changes: dict[str, Any]) -> None:
    session = made_session(**changes)
    assert pool().made(session)
    assert pool().holds(session)
    owner = compile_policy(SOUND).tag_owner(session)
    assert owner is not None
    assert owner.name == "big"


@pytest.mark.parametrize(
    "tags", [{}, {POOL_TAG: ""}, {POOL_TAG: "large"}, {"pool": "big"}], ids=str
)
def test_a_session_without_the_tag_of_the_pool_was_not_made_by_it(tags: dict[str, str]) -> None:
    session = made_session(tags=tags)
    assert not pool().made(session)
    assert not pool().holds(session)
    assert compile_policy(SOUND).tag_owner(session) is None


def test_a_session_with_a_former_name_in_its_tag_is_still_the_pools() -> None:
    document = changed("was", ["large"])
    session = made_session(name="large-4", tags={POOL_TAG: "large"})
    assert pool(document).holds(session)
    assert compile_policy(document).tag_owner(session) == pool(document)


def test_a_pool_that_grows_no_more_keeps_what_it_made_under_its_former_name() -> None:
    document = named(was="large")
    for name in ("large", "big"):
        assert pool(document).holds(made_session(tags={POOL_TAG: name}))
    assert not pool(named()).holds(made_session())
    assert compile_policy(named()).tag_owner(made_session()) is None


@pytest.mark.parametrize(
    ("document", "more"),
    [(named(), False), (named(was="large"), True), (SOUND, True)],
    ids=["by id", "and by a former name", "found and made"],
)
def test_a_pool_knows_whether_its_ids_are_all_that_it_has(
    document: dict[str, Any], more: bool
) -> None:
    assert pool(document).has_unnamed_sessions is more


@pytest.mark.parametrize(
    ("number", "name", "priority"),
    [(0, "big-0", 1000), (49, "big-49", 1049), (50, "big-50", 1050), (1000, "big-1000", 2000)],
)
def test_a_number_is_known_by_its_priority_and_its_name_beyond_max_sessions_too(
    number: int, name: str, priority: int
) -> None:
    growth = pool().growth
    assert growth is not None
    assert growth.number_at(priority) == number
    assert growth.number_named(name) == number
    assert pool().untagged(made_session(name=name, priority=priority, tags={}))


@pytest.mark.parametrize("priority", [1, 999, 2001, 32766])
def test_a_priority_out_of_the_range_is_no_number(priority: int) -> None:
    growth = pool().growth
    assert growth is not None
    assert growth.number_at(priority) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "big",
        "big-",
        "big-01",
        "big-1001",
        "big--1",
        "big-+1",
        "big-1 ",
        "big-\u0661",
        "big-1_0",
        "ids-1",
        "big-x",
    ],
)
def test_a_name_that_the_pool_would_not_give_is_no_number(name: str) -> None:
    growth = pool().growth
    assert growth is not None
    assert growth.number_named(name) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": {POOL_TAG: "big"}},
        {"tags": {POOL_TAG: "large"}},
        {"tags": {POOL_TAG: ""}},
        {"name": "big-5"},
        {"priority": 1005},
        {"name": "big-1001", "priority": 2001},
        {"name": "ids-4"},
    ],
    ids=str,
)
def test_what_has_a_tag_or_does_not_fit_in_name_and_priority_is_not_untagged(
    changes: dict[str, Any],
) -> None:
    assert not pool().untagged(made_session(**{"tags": {"team": "x"}, **changes}))


def test_a_pool_that_does_not_grow_has_no_untagged_sessions() -> None:
    assert not pool(named(was="large")).untagged(made_session(tags={}))


GROWN = frozenset({BALANCER, SENSOR})


@pytest.mark.parametrize(
    ("document", "of_made", "of_others"),
    [
        (named(), None, None),
        (named(targets=[STRANGE]), {STRANGE}, {STRANGE}),
        (SOUND, GROWN, None),
        (changed("targets", [BALANCER, SENSOR, OTHER]), GROWN | {OTHER}, GROWN | {OTHER}),
    ],
    ids=["not pinned", "pinned", "known by growth", "pinned beside growth"],
)
def test_a_session_may_mirror_to_what_the_policy_says(
    document: dict[str, Any], of_made: set[str] | None, of_others: set[str] | None
) -> None:
    found = pool(document)
    assert found.allowed_targets(made_session()) == of_made
    assert found.allowed_targets(made_session(tags={})) == of_others


@pytest.mark.parametrize(
    ("document", "of_made", "of_others"),
    [
        (named(), None, None),
        (named(filter=FILTER), FILTER, FILTER),
        (SOUND, FILTER, None),
        (changed("filter", FILTER), FILTER, FILTER),
    ],
    ids=["not pinned", "pinned", "known by growth", "pinned beside growth"],
)
def test_a_session_may_have_the_filter_that_the_policy_says(
    document: dict[str, Any], of_made: str | None, of_others: str | None
) -> None:
    found = pool(document)
    assert found.allowed_filter(made_session()) == of_made
    assert found.allowed_filter(made_session(tags={})) == of_others


def test_a_policy_names_the_interfaces_that_receive_traffic() -> None:
    document = changed("targets", [BALANCER, SENSOR, OTHER])
    document["pools"]["found"] = {"discover": {"target": "eni-j6c000000000000007"}}
    document["rules"] = [{"match": {"type": "Secondary"}, "pool": "found"}]
    assert compile_policy(document).named_targets == {SENSOR, OTHER, "eni-j6c000000000000007"}
    assert compile_policy(named(targets=[STRANGE])).named_targets == frozenset()


def test_a_pool_made_by_hand_pins_nothing() -> None:
    assert Pool("ids", (SESSION,)).plain() == {"sessions": [SESSION]}
    assert pool(changed("discover", MISSING)).was == ()
