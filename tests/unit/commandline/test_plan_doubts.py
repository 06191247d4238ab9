"""`evermirror plan` promises nothing about a fleet that it could not judge whole."""

from __future__ import annotations

from typing import Any

import pytest

from evermirror.reasons import REMEDIES
from localcloud.testing import serving
from tests.worlds import a_fleet, a_session, an_interface, eni, tms

from .plans import EVERYTHING, GROW, GROWING, SENSORS, Planned, Told, changed, kinds, ruled

ONE_BY_ID = {"name": "one", "match": {"network_interface": eni(1)}, "pool": "ids"}
BY_INSTANCE = {"name": "prod", "match": {"instance_tags": {"env": "prod"}}, "pool": "ids"}
BY_SENSOR = {"tags": {"role": "sensor"}}


def pool(**more: Any) -> dict[str, Any]:
    return {"ids": {"sensors": BY_SENSOR, **more}}


def blind(fleet: dict[str, Any]) -> dict[str, Any]:
    """As a role without ecs:DescribeInstances sees it: an empty list and no error."""
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "ecs:DescribeInstances", "Resource": "*"}
    key = {
        "access_key_id": "local-access-key-id",
        "access_key_secret": "local-access-key-secret",
        "policies": [{"Version": "1", "Statement": [allowed, denied]}],
    }
    return {**fleet, "keys": [key]}


def test_a_part_that_is_undecided_is_counted_under_its_own_name_and_makes_it_unknown(
    planned: Planned,
) -> None:
    policy = changed(pools=pool(sessions=[tms(1)]), rules=[ONE_BY_ID, BY_INSTANCE], default="never")
    with serving(blind(a_fleet([1, 2, 3], [1]))) as cloud:
        status, told = planned(cloud, policy)

    assert (status, told["unknown"]) == (4, "instances_not_visible")
    assert told["remedy"] == REMEDIES["instances_not_visible"]
    assert (told["undecided"], told["excluded"]) == (2, {})
    assert (told["pools"][0]["wanted"], told["changes"]["stop_being_wanted"]) == (1, [])
    assert "rule_matches_nothing" not in kinds(told)


def test_what_is_in_use_on_no_instance_is_left_out_and_leaves_no_doubt(planned: Planned) -> None:
    policy = changed(pools=pool(sessions=[tms(1)]), rules=[BY_INSTANCE], default="never")
    fleet = a_fleet([1, an_interface(2, instance=None)], [1])
    fleet["instances"][0]["tags"] = {"env": "prod"}
    with serving(fleet) as cloud:
        status, told = planned(cloud, policy)

    assert (status, told["undecided"], told["excluded"]) == (0, 0, {"no_instance": 1})


@pytest.mark.parametrize(
    ("fleet", "policy", "reason"),
    [
        (
            a_fleet([1], [1]),
            {**ruled({"type": "Secondary"}), "default": "never"},
            "nothing_eligible",
        ),
        (a_fleet([], [1]), EVERYTHING, "no_interfaces_read"),
        (a_fleet([an_interface(1, status="Available")], [1]), EVERYTHING, "nothing_eligible"),
        (a_fleet([1], [1]), {"version": 1, "pools": {}}, "nothing_eligible"),
        (
            a_fleet([1], [1]),
            changed(pools=pool(sessions=[tms(1), tms(2)])),
            "sessions_not_listed",
        ),
        (a_fleet([1], []), changed(pools=pool(sessions=[tms(1)])), "no_sessions_read"),
        (a_fleet([1], []), changed(pools=pool(discover={"name_prefix": "a"})), "no_sessions_read"),
    ],
    ids=[
        "all excluded",
        "nothing read",
        "nothing attached",
        "no pool",
        "a session vanished",
        "no session that is named",
        "no session to be found",
    ],
)
def test_what_coverage_calls_unknown_the_plan_does_too(
    planned: Planned, fleet: Told, policy: Told, reason: str
) -> None:
    with serving(fleet) as cloud:
        status, told = planned(cloud, policy)

    assert (status, told["status"], told["unknown"]) == (4, "unknown", reason)
    assert told["remedy"] == REMEDIES[reason]
    assert told["read"]["sessions"] == len(fleet["sessions"])


def test_filters_that_may_not_be_seen_leave_it_unknown(planned: Planned) -> None:
    refused = {"error": "Forbidden.RAM", "status": 403}
    with serving(a_fleet([1], [a_session(1, 1)])) as cloud:
        cloud.set_faults([{"action": "ListTrafficMirrorFilters", "do": refused}])
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["unknown"]) == (4, "filters_not_visible")


def test_a_pool_that_only_grows_fits_before_its_first_session(planned: Planned) -> None:
    with serving(a_fleet([1], [])) as cloud:
        policy = changed(pools={"ids": {"sensors": SENSORS, "grow": GROW}})
        status, told = planned(cloud, policy, **GROWING)

    assert (status, told["status"], told["unknown"]) == (0, "fits", None)
