"""Fleets as they were read, in as few words as a test of coverage needs."""

from __future__ import annotations

from typing import Any

from evermirror.coverage import (
    Coverage,
    coverage,
)
from evermirror.fleet import Fleet
from evermirror.model import NetworkInterface, Place, Session
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, Pool
from evermirror.policy.decision import Rule
from evermirror.policy.matchers import OneOf
from tests.worlds import ACCOUNT, REGION, eni, instance, tms

NOW = 1_800_000_000.0


PLACE = Place(ACCOUNT, REGION)


POLICY = Policy(
    pools={"all": Pool("all", (tms(1), tms(2)))},
    rules=(Rule("not there", OneOf("vpc", frozenset({"vpc-j6c00000000000000009"})), None),),
    default="all",
)


LIMITS = Limits(grace_s=300.0, period_s=900.0)


EMPTY = "tmf-j6c00000000000000009"


def interface(number: int, **changes: Any) -> NetworkInterface:
    values = {"status": "InUse", "instance_id": instance(number), **changes}
    return NetworkInterface(eni(number), **values)


def session(number: int, *sources: int, **changes: Any) -> Session:
    values = {"status": "Created", "priority": number, **changes}
    return Session(tms(number), source_ids=tuple(eni(n) for n in sources), **values)


def count(
    interfaces: list[NetworkInterface],
    *sessions: Session,
    policy: Policy = POLICY,
    limits: Limits = LIMITS,
) -> Coverage:
    fleet = Fleet(tuple(interfaces), {one.id: one for one in sessions}, at=NOW)
    return coverage(policy, fleet, limits)
