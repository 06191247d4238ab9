"""A state given back is the same world: at once, and in everything that it does from then on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.calls import body_of, signed_call
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.world.fleet import parse_fleet

INTERFACES = [f"eni-j6c{number:015d}" for number in range(1, 7)]
SESSIONS = [f"tms-j6c{number:017d}" for number in range(1, 5)]
one_interface, one_session = st.sampled_from(INTERFACES), st.sampled_from(SESSIONS)
INSTANCES = [f"i-j6c{number:016d}" for number in range(1, 4)]
one_instance = st.sampled_from(INSTANCES)
TOKENS = st.sampled_from(["", "t1", "t2"])
STEPS = st.one_of(
    st.tuples(st.just("advance"), st.floats(0, 4)),
    *(
        st.tuples(st.just(name), one_session, one_interface, TOKENS)
        for name in (
            "AddSourcesToTrafficMirrorSession",
            "RemoveSourcesFromTrafficMirrorSession",
            "DeleteTrafficMirrorSession",
            "UpdateTrafficMirrorSessionAttribute",
            "TagResources",
            "UnTagResources",
        )
    ),
    *(
        st.tuples(st.just(name), one_instance, one_interface)
        for name in (
            "RunInstances",
            "StartInstance",
            "StopInstance",
            "DeleteInstance",
            "AttachNetworkInterface",
            "DetachNetworkInterface",
            "DeleteNetworkInterface",
        )
    ),
)
LAUNCH = {
    "ImageId": "m-j6cimage",
    "InstanceType": "ecs.g7.large",
    "VSwitchId": "vsw-j6c00000000000000001",
    "SecurityGroupId": "sg-j6c0000000000000001",
    "Amount": 2,
}
FREE = [
    {"id": interface, "status": "Available"} if number % 2 else {"id": interface, "instance": one}
    for number, (interface, one) in enumerate(
        zip(INTERFACES, [*INSTANCES, *INSTANCES], strict=True)
    )
]
AFTERWARDS_S = (0.5, 1.0, 3.0, 90_000.0)


def walk(desk: Any, step: tuple[Any, ...]) -> None:
    if step[0] == "advance":
        desk.advance(step[1])
        return
    if len(step) == 3:
        desk.call(step[0], InstanceId=step[1], NetworkInterfaceId=step[2], Force=True, **LAUNCH)
        return
    action, session, interface, token = step
    parameters: dict[str, Any] = {"TrafficMirrorSessionId": session, "ClientToken": token}
    if "Sources" in action:
        parameters["TrafficMirrorSourceIds"] = [interface]
    if action.startswith("Update"):
        parameters["Enabled"] = False
    if "Tag" in action:
        parameters |= {"ResourceType": "TRAFFICMIRRORSESSION", "ResourceId": [session]}
        parameters |= {"Tag.1.Key": token, "Tag.1.Value": interface, "TagKey": ["t1"]}
    desk.call(action, **parameters)


def sessions_of(cloud: LocalCloud, now: float, nonce: str) -> Any:
    request = signed_call("ListTrafficMirrorSessions", {"MaxResults": 100}, now, nonce)
    response = cloud.gateway.handle(request, now).response
    assert response is not None
    return body_of(response.body)["TrafficMirrorSessions"]


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50
)
@given(steps=st.lists(STEPS, max_size=25))
def test_a_state_given_back_is_the_same_world(
    desk_of: Callable[..., Any], steps: list[tuple[Any, ...]]
) -> None:
    fleet = {"instances": 3, "interfaces_per_instance": 0, "sessions": 4}
    behaviour = {"boot_s": [1, 9], "gone_interfaces": "drop", "actiontrail_delay_s": [0, 5]}
    turns = [{"after_s": after_s, "tags": {"t1": str(after_s)}} for after_s in (1, 6)]
    listed = {"id": SESSIONS[0], "filter": "tmf-j6cone", "tags_become": turns}
    world = {"settle_s": 3, "network_interfaces": FREE, "sessions": [listed]}
    desk = desk_of(**world, fleet=fleet, behaviour=behaviour)
    for step in steps:
        walk(desk, step)
    now = desk.clock.now()
    text = desk.cloud.world.state(now).model_dump_json()
    clock = SteppedClock(now)
    again = LocalCloud(parse_fleet(text), clock, clock.now)

    assert json.loads(again.world.state(now).model_dump_json()) == json.loads(text)
    for number, later_s in enumerate(AFTERWARDS_S):
        later, nonce = now + later_s, f"afterwards-{number}"
        assert sessions_of(again, later, nonce) == sessions_of(desk.cloud, later, nonce)
        assert again.world.state(later) == desk.cloud.world.state(later)
