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
        )
    ),
)
AFTERWARDS_S = (0.5, 1.0, 3.0, 90_000.0)


def walk(desk: Any, step: tuple[Any, ...]) -> None:
    if step[0] == "advance":
        desk.advance(step[1])
        return
    action, session, interface, token = step
    parameters: dict[str, Any] = {"TrafficMirrorSessionId": session, "ClientToken": token}
    if "Sources" in action:
        parameters["TrafficMirrorSourceIds"] = [interface]
    if action.startswith("Update"):
        parameters["Enabled"] = False
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
    desk = desk_of(settle_s=3)
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
