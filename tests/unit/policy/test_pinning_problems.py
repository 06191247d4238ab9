"""Every mistake in saying what a pool's sessions must have, and what it was called before."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from evermirror.policy import compile_policy, loads

from .growing_policy import BALANCER, FILTER, MISSING, SENSOR, SOUND, changed, pool, problems_of

OTHER = "eni-j6c000000000000008"
OTHER_FILTER = "tmf-j6c00000000000000002"


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        (
            "targets",
            [],
            "targets",
            "is an empty list; give at least one of the pool's targets",
        ),
        (
            "targets",
            None,
            "targets",
            "is empty, but must be a target (a network interface id or a load balancer id)",
        ),
        (
            "targets",
            [BALANCER, SENSOR, BALANCER],
            "targets.2",
            f'"{BALANCER}" is given twice',
        ),
        (
            "targets",
            [BALANCER, {"id": SENSOR}],
            "targets.1",
            "is a mapping, but must be a target (a network interface id or a load balancer id)",
        ),
        (
            "targets",
            "i-j6c0000000000000001",
            "targets",
            (
                '"i-j6c0000000000000001" is not a target (a network interface id or a load '
                "balancer id) but an instance id"
            ),
        ),
        ("target", [SENSOR], "target", "unknown key; did you mean `targets`?"),
        (
            "filter",
            [FILTER],
            "filter",
            "is a list, but must be a traffic mirror filter id",
        ),
        (
            "directions",
            ["ingres"],
            "directions.0",
            '"ingres" is not a direction of traffic; did you mean `ingress`?',
        ),
        (
            "directions",
            "both",
            "directions",
            '"both" is not a direction of traffic; known here: ingress, egress',
        ),
        (
            "directions",
            ["egress", "egress"],
            "directions.1",
            '"egress" is given twice',
        ),
        (
            "directions",
            [],
            "directions",
            "is an empty list; give at least one of ingress and egress",
        ),
        ("direction", "ingress", "direction", "unknown key; did you mean `directions`?"),
        (
            "was",
            [],
            "was",
            "is an empty list; give at least one of the pool's former names",
        ),
        ("was", ["large", "large"], "was.1", '"large" is given twice'),
        (
            "was",
            " ",
            "was",
            '" " cannot be a former name of a pool: use 1 to 100 printable characters',
        ),
        (
            "was",
            False,
            "was",
            (
                "is read as the boolean false, but must be a former name of a pool as text: "
                'write the word in quotes, as in "on" or "off"'
            ),
        ),
        (
            "was",
            "acs:large",
            "was",
            (
                "begins with aliyun or acs:, which the cloud keeps for itself; no session can be "
                "tagged with this name"
            ),
        ),
        ("was", "big", "was", '"big" is what the pool is called now; leave it out'),
        (
            "targets",
            [BALANCER],
            "targets",
            (
                f"lack {SENSOR}, where `grow` mirrors to: what it makes would be ineffective; "
                "name every target of `grow` here too"
            ),
        ),
    ],
)
def test_a_mistake_in_pinning_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    assert problems_of(changed(path, value)) == [f"pools.big.{place}: {sentence}"]


def test_what_is_found_mirrors_to_a_pinned_target() -> None:
    document = changed("discover/target", OTHER)
    document["pools"]["big"]["targets"] = [BALANCER, SENSOR]
    assert problems_of(document) == [
        (
            "pools.big.discover.target: is not among the pool's `targets`: what is found would be "
            f"ineffective; name {OTHER} there too"
        )
    ]
    document["pools"]["big"]["targets"].append(OTHER)
    assert pool(document).target_ids == {BALANCER, SENSOR, OTHER}


def test_what_is_found_and_made_has_the_pinned_filter() -> None:
    assert problems_of(changed("filter", OTHER_FILTER)) == [
        (
            f"pools.big.filter: is not the filter of `grow`, {FILTER}: what it makes would be "
            "ineffective; write the same in both"
        ),
        (
            f"pools.big.discover.filter: is not the pool's `filter`, {OTHER_FILTER}: what is found "
            "would be ineffective; write the same in both"
        ),
    ]
    assert pool(changed("filter", FILTER)).filter_id == FILTER


def beside(**other: Any) -> dict[str, Any]:
    """The sound document with another pool, which is used."""
    document = copy.deepcopy(SOUND)
    document["pools"]["other"] = {"sessions": "tms-j6c00000000000000002", **other}
    document["rules"] = [{"match": {"type": "Secondary"}, "pool": "other"}]
    return document


def test_a_former_name_is_not_the_name_of_another_pool() -> None:
    assert problems_of(beside(was=["big"])) == [
        (
            'pools.other.was: "big" is the name of another pool, and nobody could say whose its '
            "sessions are"
        )
    ]


def test_a_former_name_is_the_former_name_of_one_pool_alone() -> None:
    document = beside(was=["huge", "large"])
    document["pools"]["big"]["was"] = ["large"]
    assert problems_of(document) == [
        (
            'pools.other.was: "large" is a former name of pool "big" too, and nobody could say '
            "whose its sessions are"
        )
    ]


def test_sensors_are_asked_for_where_a_pinned_target_is_a_load_balancer() -> None:
    (problem,) = problems_of(beside(targets=[SENSOR, BALANCER]))
    assert problem.startswith(
        f"pools.other: `sensors` is missing: the pool mirrors to the load balancer {BALANCER}, and"
    )
    assert compile_policy(beside(targets=[SENSOR]))


def test_a_pool_that_cannot_be_read_is_not_said_to_contradict_itself() -> None:
    document = changed("grow/max_sessions", 0)
    document["pools"]["big"] |= {"targets": [OTHER], "filter": OTHER_FILTER, "was": "big"}
    assert [problem.split(":")[0] for problem in problems_of(document)] == [
        "pools.big.grow.max_sessions"
    ]


def test_a_former_name_alone_is_no_way_to_sessions() -> None:
    document = changed("discover", MISSING)
    del document["pools"]["big"]["grow"]
    document["pools"]["big"]["was"] = "large"
    (problem,) = problems_of(document)
    assert problem.startswith("pools.big: `sessions` is missing")


def test_a_compiled_policy_is_read_without_another_review() -> None:
    policy = compile_policy(changed("was", "large"))
    assert loads(b'{"version":1,"pools":{}}', "policy.json").pools == {}
    assert policy.pools["big"].was == ("large",)
