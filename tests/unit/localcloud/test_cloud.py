"""One port for everything: who answers what, who is killed, how little a page costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from localcloud.api.paging import page_after
from localcloud.calls import signed_call
from localcloud.cloud import LocalCloud
from localcloud.credentials import Caller
from localcloud.messages import Request, Reset, Response
from localcloud.testing import serving
from localcloud.waiting import Waiting, WaitingQueue

DeskOf = Callable[..., Any]


class RecordingPlatform:
    """Answers what is its own and remembers what it was told."""

    def __init__(self) -> None:
        self.killed: list[str] = []
        self.closed = False

    @property
    def waiting(self) -> Waiting:
        return Waiting(queues=(WaitingQueue(name="events", sent=1),))

    def resume(self, waiting: Waiting) -> None:
        raise AssertionError(f"nothing is served here: {waiting}")

    async def handle(self, request: Request) -> Response:
        return Response(200, {}, f"platform {request.path}".encode())

    async def control(self, request: Request) -> Response | None:
        return Response(200, {}, b'"mine"') if request.path == "/_local/outcomes" else None

    def publish(self, event: Mapping[str, Any]) -> None:
        raise AssertionError(f"nothing is served here: {event}")

    def expect_events(self, more: bool) -> None:
        assert not more

    async def kill_instance(self, instance_id: str) -> None:
        self.killed.append(instance_id)

    async def close(self) -> None:
        self.closed = True


def test_a_platform_answers_what_is_not_the_clouds_own(desk: Any) -> None:
    cloud: LocalCloud = desk.cloud
    platform = RecordingPlatform()
    cloud.platform = platform

    def answer(path: str) -> bytes:
        return asyncio.run(cloud.handle(Request("GET", path, target=path))).body

    assert answer("/http/webhook/mirror") == b"platform /http/webhook/mirror"
    assert answer("/_local/outcomes") == b'"mine"'
    assert b"ready" in answer("/_local/health")
    asyncio.run(cloud.close())
    assert platform.closed


@pytest.mark.parametrize(("moment", "status"), [("before", "Created"), ("after", "Modifying")])
def test_a_fault_kills_the_instance_that_calls(desk: Any, moment: str, status: str) -> None:
    cloud: LocalCloud = desk.cloud
    platform = RecordingPlatform()
    cloud.platform = platform
    key = cloud.keyring.issue(Caller("mirror", "instance-7"))
    cloud.faults.replace([{"action": "Add*", "when": {"next": 1}, "do": {"kill": moment}}])
    call = signed_call(
        "AddSourcesToTrafficMirrorSession",
        {
            "TrafficMirrorSessionId": "tms-j6c00000000000000001",
            "TrafficMirrorSourceIds": ["eni-j6c000000000000001"],
        },
        desk.clock.now(),
        "n1",
        key,
    )

    with pytest.raises(Reset):
        asyncio.run(cloud.handle(call))
    assert platform.killed == ["instance-7"]
    assert desk.session()[0] == status


def test_an_answer_is_late_by_the_clock_of_the_local_cloud(desk: Any) -> None:
    desk.cloud.faults.replace([{"action": "*", "when": {"next": 1}, "do": {"delay_s": 5}}])

    async def run() -> Response:
        call = signed_call("ListTrafficMirrorSessions", {}, desk.clock.now(), "n1")
        waiting = asyncio.create_task(desk.cloud.handle(call))
        await desk.clock.advance_through(4.9)
        assert not waiting.done()
        await desk.clock.advance_through(0.1)
        return await asyncio.wait_for(waiting, 1)

    assert asyncio.run(run()).status == 200


def test_a_page_looks_no_further_than_its_end() -> None:
    ids = [f"eni-j6c{number:015d}" for number in range(100_000)]
    looked_at: list[str] = []

    def find(interface_id: str) -> str:
        looked_at.append(interface_id)
        return interface_id

    page = page_after(ids, find, 500, ids[70_000])
    assert page.items == ids[70_001:70_501]
    assert len(looked_at) == 501


def test_a_large_fleet_is_served_within_seconds() -> None:
    with serving({"fleet": {"instances": 20_000, "sessions": 2_000}}) as cloud:
        assert cloud.control("GET", "health")["status"] == "ready"


def test_the_same_fleet_and_calls_give_the_same_journal(desk_of: DeskOf) -> None:
    def journal() -> Any:
        desk = desk_of(settle_s=[1, 3])
        for number in (1, 2, 3):
            desk.add(f"eni-j6c{number:015d}", ClientToken=f"t{number}")
            desk.advance(1.5)
        return desk.cloud.journal.to_wire(), desk.state()

    assert journal() == journal()
