"""What is put on the bus for calls: records of ActionTrail, their callers, their moments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from localcloud.calls import signed_call
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.credentials import Caller, Key
from localcloud.testing import ServedCloud, serving
from localcloud.world.fleet import read_fleet
from localcloud.world.outbox import Outbox

from .compute_calls import FLEET, FREE, GOOD, LAUNCH, RUNNING
from .conftest import INTERFACE, OTHER_SESSION, SESSION, START

DeskOf = Callable[..., Any]
TRAIL = "ecs:ActionTrail:ApiCall"
ENVELOPE = {
    "id", "source", "specversion", "subject", "time", "type", "datacontenttype",
    "aliyunaccountid", "aliyunpublishtime", "aliyunoriginalaccountid", "aliyuneventbusname",
    "aliyunregionid", "aliyunpublishaddr", "data",
}  # fmt: skip
RECORD = {
    "acsRegion", "additionalEventData", "apiVersion", "eventCategory", "eventId", "eventName",
    "eventRW", "eventSource", "eventTime", "eventType", "eventVersion", "isGlobal",
    "recipientAccountId", "referencedResources", "requestId", "requestParameterJson",
    "requestParameters", "resourceName", "resourceType", "serviceName", "sourceIpAddress",
    "userAgent", "userIdentity",
}  # fmt: skip


def calling(cloud: LocalCloud, clock: SteppedClock, key: Key) -> dict[str, Any]:
    """The identity that is recorded for a call signed with a key."""
    parameters = {"TrafficMirrorSessionId": SESSION, "TrafficMirrorSourceIds": [INTERFACE]}
    now = clock.now()
    call = signed_call("AddSourcesToTrafficMirrorSession", parameters, now, "once", key)
    cloud.gateway.handle(call, now)
    (event,) = cloud.world.events_due(now)
    identity: dict[str, Any] = event["data"]["userIdentity"]
    return identity


def test_a_call_is_recorded_in_the_published_shape(desk_of: DeskOf) -> None:
    desk = desk_of(**FLEET)
    request_id = desk.call("AttachNetworkInterface", **GOOD["AttachNetworkInterface"]).body[
        "RequestId"
    ]

    (event,) = desk.raised()
    record = event["data"]
    assert set(event) == ENVELOPE
    assert set(record) == RECORD | {"responseElements"}
    assert (event["source"], event["type"], event["specversion"]) == ("acs.ecs", TRAIL, "1.0")
    assert record["eventId"] == event["id"].upper()
    assert (record["eventName"], record["requestId"]) == ("AttachNetworkInterface", request_id)
    assert record["requestParameters"] == {
        "RegionId": "cn-hongkong",
        "NetworkInterfaceId": FREE,
        "InstanceId": RUNNING,
        "AcsProduct": "Ecs",
        "HostId": "127.0.0.1",
        "RequestId": request_id,
    }
    assert json.loads(record["requestParameterJson"]) == record["requestParameters"]
    assert record["referencedResources"] == {
        "ACS::ECS::NetworkInterface": [FREE],
        "ACS::ECS::Instance": [RUNNING],
    }
    assert record["resourceName"] == f"{FREE};{RUNNING}"
    assert record["resourceType"] == "ACS::ECS::NetworkInterface;ACS::ECS::Instance"


def test_a_launch_names_the_instances_that_it_made(desk_of: DeskOf) -> None:
    desk = desk_of(**FLEET)
    said = desk.call("RunInstances", **LAUNCH, Amount=2)

    (event,) = desk.raised(TRAIL)
    assert event["data"]["referencedResources"] == {
        "ACS::ECS::Image": ["m-j6cimage"],
        "ACS::ECS::Instance": said.body["InstanceIdSets"]["InstanceIdSet"],
    }


def test_changes_of_sessions_are_recorded_and_reads_are_not(desk: Any) -> None:
    desk.add()
    desk.list_sessions()

    (event,) = desk.raised()
    assert (event["source"], event["type"]) == ("acs.vpc", "vpc:ActionTrail:ApiCall")
    assert event["data"]["referencedResources"] == {
        "ACS::VPC::TrafficMirrorSession": [SESSION],
        "ACS::ECS::NetworkInterface": [INTERFACE],
    }


@pytest.mark.parametrize(("recorded", "codes"), [
    (True, ["IncorrectStatus.TrafficMirrorSession", "DryRunOperation", "Throttling.User"]),
    (False, []),
])  # fmt: skip
def test_a_refused_call_is_recorded_with_its_error_unless_the_fleet_says_otherwise(
    desk_of: DeskOf, recorded: bool, codes: list[str]
) -> None:
    limits = {"requests_per_minute": 3}
    desk = desk_of(behaviour={"refused_calls_recorded": recorded}, limits=limits)
    said = [desk.add(), desk.add(), desk.add(session=OTHER_SESSION, DryRun=True), desk.add()]
    desk.call("AddSourcesToTrafficMirrorSession", RegionId="")

    records = [one["data"] for one in desk.raised() if "errorCode" in one["data"]]
    assert [one.status for one in said] == [200, 400, 400, 400]
    assert [one["errorCode"] for one in records][: len(codes)] == codes
    assert all(one["errorMessage"] for one in records)
    assert not any("responseElements" in one for one in records)


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        (None, {"type": "root-account", "userName": "root"}),
        ({"principal": "alice"}, {"type": "ram-user", "userName": "alice"}),
        (
            {"principal": "deploy", "security_token": "t"},
            {"type": "assumed-role", "userName": "deploy:session"},
        ),
    ],
)
def test_the_record_says_who_called(
    key: Mapping[str, str] | None, identity: dict[str, str]
) -> None:
    listed = {"access_key_id": "id", "access_key_secret": "secret", **(key or {})}
    clock = SteppedClock(START)
    fleet = {"fleet": {"instances": 1, "sessions": 1}, "keys": [listed]}
    cloud = LocalCloud(read_fleet(fleet), clock, clock.now)
    said = calling(cloud, clock, Key("id", "secret", listed.get("security_token")))

    assert {name: said[name] for name in identity} == identity
    assert (said["accessKeyId"], said["accountId"]) == ("id", "1234567890123456")
    principal = said["principalId"].partition(":")[0]
    assert len(principal) == (16 if identity["type"] == "root-account" else 18)


def test_a_function_calls_in_its_role(desk: Any) -> None:
    key = desk.cloud.keyring.issue(Caller("mirror", "instance-7"))

    said = calling(desk.cloud, desk.clock, key)
    assert (said["type"], said["userName"]) == ("assumed-role", "mirror:instance-7")


def test_a_record_is_on_the_bus_when_its_delay_is_over_and_keeps_its_own_time(
    desk_of: DeskOf,
) -> None:
    desk = desk_of(behaviour={"actiontrail_delay_s": 90})
    desk.add()
    desk.advance(89)
    assert desk.raised() == []
    desk.advance(1)

    (event,) = desk.raised()
    assert (event["time"], event["aliyunpublishtime"]) == (
        "2027-01-15T08:00:00Z",
        "2027-01-15T08:01:30.000Z",
    )
    assert desk.raised() == []


def test_an_event_may_come_twice_under_one_id(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"duplicate_events": 1, "actiontrail_delay_s": [0, 60]})
    desk.add()
    desk.advance(60)

    first, second = desk.raised()
    assert (first["id"], first["data"]) == (second["id"], second["data"])
    assert first["aliyunpublishtime"] < second["aliyunpublishtime"]


def test_the_same_seed_raises_the_same_events_and_another_seed_others(desk_of: DeskOf) -> None:
    def ids(seed: int) -> list[str]:
        desk = desk_of(**FLEET, seed=seed)
        for action, parameters in GOOD.items():
            desk.call(action, **parameters)
        desk.advance(60)
        return [one["id"] for one in desk.raised()]

    assert ids(1) == ids(1)
    assert len(set(ids(1))) == len(ids(1)) > len(GOOD)
    assert not set(ids(1)) & set(ids(2))


def test_only_the_earliest_events_go_where_nobody_ever_takes_them() -> None:
    box = Outbox((), 0.0, most_kept=10)
    for number in range(13):
        box.put({"number": number}, float(number))

    assert box.dropped == 3
    assert box.take(3.0) == [{"number": 3}]


def names(cloud: ServedCloud) -> list[str]:
    raised: list[dict[str, Any]] = cloud.control("GET", "raised")
    return [one["data"].get("state") or one["data"]["eventName"] for one in raised]


BECOMING = {
    "instances": [
        {
            "id": "i-j6cbooting",
            "status": "Starting",
            "becomes": [{"status": "Running", "after_s": 5}, {"status": "Stopping", "after_s": 9}],
        }
    ]
}


def test_a_stepped_cloud_raises_what_is_due_though_nobody_calls() -> None:
    with serving(BECOMING) as cloud:
        assert names(cloud) == []
        cloud.advance(7)
        assert names(cloud) == ["Running"]
        cloud.advance(7)
        assert names(cloud) == ["Running", "Stopping"]


@pytest.mark.parametrize("speed", [1.0, 50.0])
def test_a_running_cloud_raises_what_is_due_though_nobody_calls(speed: float) -> None:
    turns = [{"status": "Running", "after_s": 0.05 * speed}]
    with serving({"instances": [{"id": "i-j6cbooting", "becomes": turns}]}, speed=speed) as cloud:
        for _ in range(2000):
            if names(cloud):
                break
            cloud.control("GET", "health")
        assert names(cloud) == ["Running"]


def test_a_world_taken_up_again_raises_what_was_still_to_come() -> None:
    with serving(BECOMING) as cloud:
        cloud.advance(7)
        state = cloud.state()
    with serving(state) as again:
        again.advance(7)
        assert names(again) == ["Stopping"]
        again.reset()
        assert names(again) == []
