"""What holds of every policy: first match, De Morgan, no placing by doubt, no loss in compiling."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from evermirror.model import Instance, NetworkInterface
from evermirror.policy import (
    InvalidPolicyError,
    Matcher,
    Policy,
    Pool,
    Problem,
    Rule,
    compile_policy,
    dump,
    load,
    loads,
)
from evermirror.policy.matchers import AllOf, AnyOf, Not, OneOf, Tagged, all_of, any_of, none_of
from evermirror.policy.reachability import implies
from evermirror.policy.sessions import Discovery, Growth, Target

SENSOR = "eni-j6c000000000000009"
BALANCER = "lb-j6c00000000000000001"
FILTER = "tmf-j6c00000000000000001"
VPCS = [f"vpc-j6c0000000000000000{n}" for n in range(3)]
FAMILIES = ["ecs.g6", "ecs.g7", "ecs.c7"]
TYPES = ["Primary", "Secondary", "Trunk", "Member"]
KEYS = ["env", "role"]
VALUES = ["prod", "test", ""]
POOLS = {
    name: Pool(name, (f"tms-j6c0000000000000000{n}",)) for n, name in enumerate(("ids", "dlp"))
}


def some_of(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), min_size=1)


tags = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))
leaves = st.one_of(
    st.builds(OneOf, st.just("vpc"), some_of(VPCS)),
    st.builds(OneOf, st.just("type"), some_of(TYPES)),
    st.builds(OneOf, st.just("instance_family"), some_of(FAMILIES)),
    st.builds(Tagged, st.booleans(), st.sampled_from(KEYS), some_of(VALUES)),
)


def combined(parts: st.SearchStrategy[Matcher]) -> st.SearchStrategy[Matcher]:
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(several.map(all_of), several.map(any_of), parts.map(none_of))


matchers: st.SearchStrategy[Matcher] = st.recursive(leaves, combined, max_leaves=8)
interfaces = st.builds(
    NetworkInterface,
    id=st.just("eni-j6c000000000000001"),
    status=st.just("InUse"),
    type=st.sampled_from(TYPES),
    instance_id=st.sampled_from([None, "i-j6c0000000000000001"]),
    vpc_id=st.sampled_from([None, *VPCS]),
    tags=tags,
    service_managed=st.booleans(),
)
instances = st.builds(
    Instance, id=st.just("i-j6c0000000000000001"), family=st.sampled_from(FAMILIES), tags=tags
)
maybe_instances = st.none() | instances
goals = st.sampled_from([None, *POOLS])


session_tags = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES[:2]))
discoveries = st.builds(
    Discovery,
    filter_id=st.just(FILTER) | st.none(),
    target_id=st.sampled_from([None, BALANCER, "eni-j6c000000000000009"]),
    tags=session_tags,
    name_prefix=st.just("ids-"),
)


def growths(number: int) -> st.SearchStrategy[Growth]:
    """What pool `number` may make, in its own hundred of priorities."""
    targets = [Target(BALANCER, "SLB"), Target(SENSOR, "NetworkInterface")]
    return st.builds(
        Growth,
        filter_id=st.just(FILTER),
        targets=st.permutations(targets).map(tuple),
        first_priority=st.integers(number * 100 + 1, number * 100 + 50),
        last_priority=st.integers(number * 100 + 50, number * 100 + 100),
        max_sessions=st.integers(1, 200),
        name=st.sampled_from(["ids", "grown by us"]),
        packet_length=st.none() | st.integers(64, 8500),
        resource_group_id=st.sampled_from([None, "rg-j6c000000000001"]),
        tags=session_tags,
    )


@st.composite
def pools(draw: st.DrawFn, name: str, number: int) -> Pool:
    return Pool(
        name,
        POOLS[name].session_ids,
        # What stands behind a load balancer is always named.
        sensors=draw(matchers),
        discovery=draw(st.none() | discoveries),
        growth=draw(st.none() | growths(number)),
        target_ids=draw(st.sampled_from([frozenset(), frozenset({SENSOR, BALANCER})])),
        filter_id=draw(st.sampled_from([None, FILTER])),
        directions=draw(st.frozensets(st.sampled_from(["ingress", "egress"]))),
        was=tuple(sorted(draw(st.sets(st.sampled_from([f"{name} 1", f"{name} 2"]))))),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    matches = draw(st.lists(matchers, max_size=4))
    return Policy(
        pools={
            name: draw(pools(name, number)) if draw(st.booleans()) else pool
            for number, (name, pool) in enumerate(POOLS.items())
        },
        rules=tuple(Rule(f"rule {n}", match, draw(goals)) for n, match in enumerate(matches)),
        default=draw(goals),
        members=draw(st.sampled_from(["skip", "try"])),
    )


@given(st.lists(matchers, min_size=1, max_size=4), interfaces, maybe_instances)
def test_all_any_and_not_obey_de_morgan(
    several: list[Matcher], interface: NetworkInterface, instance: Instance | None
) -> None:
    negated = tuple(Not(matcher) for matcher in several)
    not_all = Not(AllOf(tuple(several))).matches(interface, instance)
    not_any = Not(AnyOf(tuple(several))).matches(interface, instance)
    assert not_all is AnyOf(negated).matches(interface, instance)
    assert not_any is AllOf(negated).matches(interface, instance)


@given(st.lists(matchers, min_size=1, max_size=4), interfaces, maybe_instances)
def test_the_shared_form_of_equal_matches_means_the_same(
    several: list[Matcher], interface: NetworkInterface, instance: Instance | None
) -> None:
    for shared, plain in ((all_of(several), AllOf), (any_of(several), AnyOf)):
        expected = plain(tuple(several)).matches(interface, instance)
        assert shared.matches(interface, instance) is expected


@given(
    st.lists(matchers, min_size=1, max_size=4).flatmap(
        lambda m: st.tuples(st.just(m), st.permutations(m))
    )
)
def test_the_order_of_operands_makes_no_difference(
    pair: tuple[list[Matcher], list[Matcher]],
) -> None:
    one, other = pair
    assert all_of(one) == all_of(other)
    assert any_of(one) == any_of(other)


@given(matchers, interfaces, instances)
def test_an_answer_given_without_the_instance_stands_once_it_is_known(
    matcher: Matcher, interface: NetworkInterface, instance: Instance
) -> None:
    answer = matcher.matches(interface, None)
    if answer is not None:
        assert matcher.matches(interface, instance) is answer
    elif interface.instance_id is not None:
        assert matcher.needs_instance


@given(policies(), interfaces, instances)
def test_a_decision_made_without_the_instance_stands_once_it_is_known(
    policy: Policy, interface: NetworkInterface, instance: Instance
) -> None:
    early = policy.decide(interface, None)
    late = policy.decide(interface, instance)
    assert not late.undecided
    assert early.undecided or early == late
    assert early.pool is None or early.pool == late.pool


@given(policies(), interfaces, maybe_instances)
def test_every_interface_gets_a_decision_that_names_what_exists(
    policy: Policy, interface: NetworkInterface, instance: Instance | None
) -> None:
    decision = policy.decide(interface, instance)
    assert decision.pool is None or decision.pool in policy.pools
    assert decision.rule is None or decision.rule in {rule.name for rule in policy.rules}
    assert not (decision.undecided and decision.pool)
    assert decision.sentence


@given(policies(), interfaces, instances)
def test_the_first_match_wins(
    policy: Policy, interface: NetworkInterface, instance: Instance
) -> None:
    decision = policy.decide(interface, instance)
    matching = [rule for rule in policy.rules if rule.match.matches(interface, instance)]
    if decision.rule is not None:
        assert (decision.rule, decision.pool) == (matching[0].name, matching[0].pool)
    elif decision.reason in {"placed_by_default", "excluded_by_default"}:
        assert not matching
        assert decision.pool == policy.default


@given(policies(), interfaces, maybe_instances)
def test_a_compiled_policy_decides_as_the_one_it_was_made_from(
    policy: Policy, interface: NetworkInterface, instance: Instance | None
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.json"
        path.write_bytes(dump(policy))
        loaded = load(path)
    assert loaded == policy
    assert loaded.digest == policy.digest
    assert loaded.decide(interface, instance) == policy.decide(interface, instance)


@given(matchers, matchers, interfaces, maybe_instances)
def test_what_implies_another_match_never_matches_without_it(
    narrow: Matcher, wide: Matcher, interface: NetworkInterface, instance: Instance | None
) -> None:
    if implies(narrow, wide) and narrow.matches(interface, instance) is True:
        assert wide.matches(interface, instance) is True


@given(matchers, matchers)
def test_all_of_two_implies_either_and_either_implies_any(one: Matcher, other: Matcher) -> None:
    assert implies(AllOf((one, other)), one)
    assert implies(one, AnyOf((one, other)))
    assert implies(one, AllOf(()))


SOUND = {
    "version": 1,
    "pools": {
        "ids": {
            "sessions": ["tms-j6c00000000000000001"],
            "sensors": {"tags": {"a": "b"}},
            "discover": {"filter": FILTER, "tags": {"a": "b"}},
            "targets": [BALANCER, SENSOR],
            "filter": FILTER,
            "directions": ["ingress", "egress"],
            "was": ["large", "huge"],
            "grow": {
                "filter": FILTER,
                "targets": [{"id": BALANCER, "type": "SLB"}],
                "priorities": [1000, 2000],
                "max_sessions": 50,
                "tags": {"a": "b"},
            },
        }
    },
    "members": "skip",
    "rules": [
        {"name": "out", "match": {"tags": {"mirror": "off"}, "vpc": [VPCS[0]]}, "never": True},
        {
            "match": {"all": [{"type": "Primary"}, {"not": {"any": [{"zone": "cn-a-b"}]}}]},
            "pool": "ids",
        },
    ],
    "default": {"pool": "ids"},
    "expect": [{"interface": {"vpc": VPCS[0], "tags": {"mirror": "off"}}, "never": True}],
}
odd_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@st.composite
def damaged(draw: st.DrawFn, value: object = SOUND) -> object:
    """A sound document with one part of it replaced by anything."""
    if not isinstance(value, (dict, list)) or not value or draw(st.integers(0, 3)) == 0:
        return draw(odd_values)
    copy = value.copy()
    step = draw(st.sampled_from(sorted(copy) if isinstance(copy, dict) else range(len(copy))))
    copy[step] = draw(damaged(copy[step]))
    return copy


def problems_of(document: object) -> tuple[Problem, ...]:
    try:
        policy = compile_policy(document)
    except InvalidPolicyError as error:
        return error.problems
    assert compile_policy(json.loads(dump(policy))) == policy
    loaded = loads(dump(policy), "policy.json")
    assert loaded == policy
    assert dump(loaded) == dump(policy)
    return ()


def test_the_document_that_is_damaged_below_is_sound() -> None:
    assert problems_of(SOUND) == ()


@given(damaged())
def test_any_plain_data_is_a_policy_or_a_list_of_problems(document: object) -> None:
    for problem in problems_of(document):
        str(problem).encode()  # what is told can be shown
        assert problem.sentence
