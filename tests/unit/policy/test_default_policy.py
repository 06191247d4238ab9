"""Without a policy file, one pool of all sessions takes everything that is not a sensor."""

from __future__ import annotations

import json
from dataclasses import replace

from commandline.default_policy import default_policy
from evermirror.model import NetworkInterface
from evermirror.policy import compile_policy, dump

SESSIONS = ["tms-j6c00000000000000002", "tms-j6c00000000000000001"]
SENSOR = "i-j6c0000000000000009"
INTERFACE = NetworkInterface(
    id="eni-j6c000000000000001", status="InUse", instance_id="i-j6c0000000000000001"
)


def test_every_interface_goes_to_the_one_pool_of_all_sessions() -> None:
    policy = default_policy(SESSIONS)
    decision = policy.decide(INTERFACE, None)
    assert (decision.pool, decision.reason) == ("all", "placed_by_default")
    assert policy.pools["all"].session_ids == tuple(sorted(SESSIONS))
    assert not policy.needs_instances


def test_interfaces_of_the_sensors_instances_are_excluded() -> None:
    policy = default_policy(SESSIONS, [SENSOR])
    assert policy.decide(replace(INTERFACE, instance_id=SENSOR), None).reason == "sensor"
    assert policy.decide(INTERFACE, None).pool == "all"


def test_a_fleet_without_sessions_mirrors_nothing() -> None:
    policy = default_policy([])
    assert policy.decide(INTERFACE, None).reason == "excluded_by_default"


def test_it_survives_compiling_like_any_policy() -> None:
    for policy in (
        default_policy([]),
        default_policy(SESSIONS),
        default_policy(SESSIONS, [SENSOR]),
    ):
        assert compile_policy(json.loads(dump(policy))) == policy
