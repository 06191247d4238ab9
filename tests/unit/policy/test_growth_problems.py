"""Every mistake in saying where, how many and at which priorities sessions are made."""

from __future__ import annotations

import pytest

from .growing_policy import BALANCER, MISSING, changed, problems_of


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        (
            "grow",
            True,
            "grow",
            (
                "is the boolean true, but must be a mapping with the keys filter, targets, "
                "priorities, max_sessions, name, packet_length, resource_group, tags"
            ),
        ),
        ("grow/target", [], "grow.target", "unknown key; did you mean `targets`?"),
        (
            "grow/filter",
            MISSING,
            "grow",
            "`filter` is missing; name one, such as tmf-j6c00000000000000001",
        ),
        (
            "grow/targets",
            MISSING,
            "grow",
            (
                "`targets` is missing; list where the traffic goes, such as "
                "{id: lb-j6c00000000000000001, type: SLB}"
            ),
        ),
        ("grow/targets", [], "grow.targets", "is an empty list; give at least one target"),
        (
            "grow/targets",
            {"id": BALANCER, "type": "SLB"},
            "grow.targets",
            "is a mapping, but must be a list of targets",
        ),
        (
            "grow/targets/0",
            BALANCER,
            "grow.targets.0",
            "is text, but must be a mapping with the keys id, type",
        ),
        (
            "grow/targets/0/id",
            MISSING,
            "grow.targets.0",
            "`id` is missing; name a network interface or a load balancer",
        ),
        (
            "grow/targets/0/type",
            MISSING,
            "grow.targets.0",
            "`type` is missing; write one of NetworkInterface, SLB",
        ),
        (
            "grow/targets/0/type",
            "slb",
            "grow.targets.0.type",
            '"slb" is not a type of target; did you mean `SLB`?',
        ),
        (
            "grow/targets/0/type",
            "NetworkInterface",
            "grow.targets.0.id",
            ('"lb-j6c00000000000000001" is not a network interface id but a load balancer id'),
        ),
        (
            "grow/targets/1",
            {"id": BALANCER, "type": "SLB"},
            "grow.targets.1",
            "lb-j6c00000000000000001 is given twice",
        ),
        (
            "grow/priorities",
            MISSING,
            "grow",
            (
                "`priorities` is missing; give the first and the last that the pool may use, "
                "such as [1000, 2000]"
            ),
        ),
        (
            "grow/priorities",
            1000,
            "grow.priorities",
            "is a number, but must be a list of two priorities, the first and the last",
        ),
        (
            "grow/priorities",
            [1000],
            "grow.priorities",
            (
                "must be two priorities; give the first and the last that the pool may use, "
                "such as [1000, 2000]"
            ),
        ),
        (
            "grow/priorities",
            [2000, 1000],
            "grow.priorities",
            "begins with 2000 and ends with 1000; write the lower one first",
        ),
        (
            "grow/priorities/0",
            0,
            "grow.priorities.0",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/priorities/1",
            32767,
            "grow.priorities.1",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/priorities/1",
            "2000",
            "grow.priorities.1",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/priorities/1",
            True,
            "grow.priorities.1",
            "must be a priority: a whole number from 1 to 32766",
        ),
        (
            "grow/max_sessions",
            MISSING,
            "grow",
            "`max_sessions` is missing; say how many sessions the pool may make",
        ),
        (
            "grow/max_sessions",
            0,
            "grow.max_sessions",
            "must be a number of sessions: a whole number from 1 to 20000",
        ),
    ],
)
def test_a_mistake_in_making_sessions_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    assert problems_of(changed(path, value)) == [f"pools.big.{place}: {sentence}"]


def test_everything_that_is_wrong_with_growth_is_told_at_once() -> None:
    document = changed(
        "grow",
        {
            "filter": "x",
            "targets": [{"id": "y", "type": "SLB"}],
            "priorities": [0, "a"],
            "max_sessions": -1,
            "packet_length": 1,
            "tagz": {},
        },
    )
    assert sorted(problem.split(":")[0] for problem in problems_of(document)) == [
        "pools.big.grow.filter",
        "pools.big.grow.max_sessions",
        "pools.big.grow.packet_length",
        "pools.big.grow.priorities.0",
        "pools.big.grow.priorities.1",
        "pools.big.grow.tagz",
        "pools.big.grow.targets.0.id",
    ]
