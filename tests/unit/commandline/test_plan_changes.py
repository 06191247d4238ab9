"""`evermirror plan` names each interface for which a policy changes something, and no other."""

from __future__ import annotations

from localcloud.testing import serving
from tests.worlds import a_fleet, a_session, an_interface, eni, instance, tms

from .plans import EVERYTHING, SENSORS, Planned, changed, with_sensor


def test_interfaces_that_change_pool_become_wanted_or_stop_being_wanted_are_named(
    planned: Planned,
) -> None:
    fleet = with_sensor()
    fleet["network_interfaces"][1]["tags"] = {"mirror": "off"}
    fleet["network_interfaces"].append(an_interface(4, tags={"mirror": "off"}, status="Available"))
    off = {"match": {"tags": {"mirror": "off"}}}
    current = changed(rules=[{**off, "name": "opted out", "never": True}])
    new = changed(
        pools={"ids": {"sessions": [tms(1)]}, "two": {"sessions": [tms(2)], "sensors": SENSORS}},
        rules=[
            {**off, "name": "second", "pool": "two"},
            {"match": {"network_interface": eni(1)}, "name": "not you", "never": True},
        ],
    )

    with serving(fleet) as cloud:
        status, told = planned(cloud, new, current=current)
        journal = cloud.journal()

    assert status == 0
    assert told["changes"] == {
        "become_wanted": [
            {
                "network_interface_id": eni(2),
                "instance_id": instance(2),
                "from": None,
                "to": "two",
                "because": "second",
                "sessions": [],
            }
        ],
        "change_pool": [],
        "stop_being_wanted": [
            {
                "network_interface_id": eni(1),
                "instance_id": instance(1),
                "from": "ids",
                "to": None,
                "because": "not you",
                "sessions": [tms(1)],
            }
        ],
    }
    assert told["excluded"] == {"not you": 1, "sensor": 1}
    assert {call["action"] for call in journal} == {
        "ListTrafficMirrorSessions",
        "ListTrafficMirrorFilters",
        "DescribeNetworkInterfaces",
        "DescribeInstances",
    }


def test_an_interface_that_goes_to_another_pool_is_told_with_where_it_is_now(
    planned: Planned,
) -> None:
    new = changed(
        pools={"ids": {"sessions": [tms(1)], "sensors": SENSORS}, "two": {"sessions": [tms(2)]}},
        rules=[{"match": {"network_interface": eni(1)}, "pool": "two"}],
    )
    with serving(with_sensor()) as cloud:
        _, told = planned(cloud, new)

    assert (told["changes"]["become_wanted"], told["changes"]["stop_being_wanted"]) == ([], [])
    (move,) = told["changes"]["change_pool"]
    assert (move["network_interface_id"], move["from"], move["to"]) == (eni(1), "ids", "two")
    assert move["sessions"] == [tms(1)]


def test_the_policy_in_use_can_be_looked_at_alone(planned: Planned) -> None:
    with serving(with_sensor()) as cloud:
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["status"]) == (0, "fits")
    assert told["changes"] == {"become_wanted": [], "change_pool": [], "stop_being_wanted": []}
    assert told["read"] == {
        "network_interfaces": 3,
        "attached": 3,
        "instances": 3,
        "sessions": 2,
    }
    (pool,) = told["pools"]
    assert (pool["wanted"], pool["mirrored"], pool["to_add"]) == (2, 1, [eni(2)])
    assert (pool["free_seats"], pool["missing_seats"], pool["cny_a_month"]) == (9, 0, 146.0)
    assert told["price"]["cny_a_month_now"] == 73.0
    assert told["price"]["cny_a_month_after"] == 146.0


def test_every_interface_on_a_target_is_left_out(planned: Planned) -> None:
    target = {"target": eni(3), "target_type": "NetworkInterface"}
    with serving(a_fleet([1, 3], [a_session(1, **target)])) as cloud:
        _, told = planned(cloud, changed(pools={"ids": {"sessions": [tms(1)]}}))

    assert told["excluded"] == {"target_instance": 1}
    assert told["pools"][0]["to_add"] == [eni(1)]
