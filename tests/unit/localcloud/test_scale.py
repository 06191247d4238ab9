"""A hundred thousand interfaces are there at once, and a page of them costs what a page costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest

from localcloud.calls import signed_call
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.world.fleet import read_fleet

START = 1_800_000_000.0
CALLS: Mapping[str, Mapping[str, Any]] = {
    "DescribeNetworkInterfaces": {"MaxResults": 100},
    "ListTrafficMirrorSessions": {"MaxResults": 100},
    "DescribeInstances": {"MaxResults": 100},
}
LARGE = """
import resource, sys, time
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.world.fleet import read_fleet
clock = SteppedClock(1.8e9)
fleet = {"fleet": {"instances": 100_000, "sessions": 10_000}}
cloud = LocalCloud(read_fleet(fleet), clock, clock.now)
# Its own time, interpreter and imports included: tests that run beside it would spoil real time.
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def cloud_of(instances: int) -> LocalCloud:
    clock = SteppedClock(START)
    fleet = {"fleet": {"instances": instances, "sessions": instances // 10}}
    return LocalCloud(read_fleet(fleet), clock, clock.now)


def work_of(call: Callable[[], object]) -> int:
    """How many Python functions and lines a call runs: work that no slow machine changes."""
    count = 0

    def count_one(_frame: FrameType, _event: str, _argument: object) -> Any:
        nonlocal count
        count += 1
        return count_one

    before = sys.gettrace()
    sys.settrace(count_one)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def page_work(cloud: LocalCloud, action: str) -> int:
    def ask(nonce: str) -> None:
        request = signed_call(action, CALLS[action], START, f"{action}-{nonce}")
        response = cloud.gateway.handle(request, START).response
        assert response is not None
        assert response.status == 200

    ask("first")
    return work_of(lambda: ask("second"))


@pytest.fixture(scope="module")
def clouds() -> tuple[LocalCloud, LocalCloud]:
    return cloud_of(2_000), cloud_of(20_000)


@pytest.mark.parametrize("action", CALLS)
def test_a_page_costs_the_same_work_however_large_the_world(
    clouds: tuple[LocalCloud, LocalCloud], action: str
) -> None:
    small, large = (page_work(cloud, action) for cloud in clouds)

    assert small > 1000
    assert large <= 1.05 * small


def test_a_hundred_thousand_interfaces_are_up_in_five_seconds_and_600_mib() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LARGE], capture_output=True, text=True, timeout=50, check=True
    )
    seconds, mib = map(float, run.stdout.split())

    assert seconds < 5
    assert mib < 600
