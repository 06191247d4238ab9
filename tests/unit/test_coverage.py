"""Coverage counts what is there, and never calls nothing full."""

from __future__ import annotations

from evermirror.coverage import Coverage, coverage
from evermirror.model import NetworkInterface, Session
from evermirror.policy import Policy, Pool
from evermirror.policy.decision import Rule
from evermirror.policy.matchers import OneOf
from tests.worlds import eni, instance, tms

POLICY = Policy(
    pools={"all": Pool("all", (tms(1), tms(2)))},
    rules=(Rule("not there", OneOf("vpc", frozenset({"vpc-j6c00000000000000009"})), None),),
    default="all",
)


def interface(number: int, **changes: str) -> NetworkInterface:
    values = {"status": "InUse", "instance_id": instance(number), **changes}
    return NetworkInterface(eni(number), **values)  # type: ignore[arg-type]


def count(interfaces: list[NetworkInterface], *sessions: Session) -> Coverage:
    return coverage(POLICY, interfaces, {}, {session.id: session for session in sessions})


def test_every_interface_is_counted_where_it_stands() -> None:
    counted = count(
        [
            *(interface(n) for n in range(1, 5)),
            interface(5, status="Available"),
            interface(6, vpc_id="vpc-j6c00000000000000009"),
            interface(7),
        ],
        Session(tms(1), "Created", (eni(1), eni(3)), target_id=eni(7)),
        Session(tms(2), "Created", (eni(2), eni(3)), enabled=False),
        Session(tms(3), "Created", (eni(4),)),
    )

    assert counted.mirrored == (eni(1), eni(3))
    assert counted.ineffective == (eni(2),)
    assert counted.missing == (eni(4),)
    assert counted.twice == (eni(3),)
    assert counted.excluded == {"not there": 1, "target_instance": 1}
    assert counted.eligible == 4
    assert counted.share == 0.5


def test_with_nothing_eligible_coverage_is_unknown() -> None:
    assert count([]).share is None
    assert count([interface(1, status="Available")]).share is None
