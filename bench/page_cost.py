"""What a page of a large world costs beside a page of a small one, and what being up costs.

Pages are asked for in turn, small and large, so that a machine that slows down slows both; they
are spread over the whole list, because a page far behind must cost no more than the first.
Without sockets: their share would hide the difference.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from localcloud.calls import Value, signed_call
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.world.fleet import read_fleet

NOW = 1_800_000_000.0
SMALL, LARGE = 1_000, 100_000
PLACES, ROUNDS = 5, 15
PAGES: Mapping[str, Mapping[str, Value]] = {
    "ListTrafficMirrorSessions": {"MaxResults": 100},
    "DescribeNetworkInterfaces": {"MaxResults": 100},
    "DescribeInstances": {"MaxResults": 100},
}
Line = tuple[str, float, str]


def page_cost() -> list[Line]:
    """For each list the cost of a page, as a ratio; seconds and MiB until the large world is up."""
    clouds = [_cloud(SMALL), _cloud(LARGE)]
    nonces = (f"page-{number}" for number in itertools.count())
    lines: list[Line] = []
    for action in PAGES:
        tokens = [_places(cloud, action, nonces) for cloud in clouds]
        ratios, costs = [], []
        for _ in range(ROUNDS):
            small, large = (
                sum(_seconds(cloud, action, token, nonces) for token in places) / len(places)
                for cloud, places in zip(clouds, tokens, strict=True)
            )
            ratios.append(large / small)
            costs.append(large)
        lines.append((f"page_{action}_at_{LARGE}", median(costs) * 1e3, "ms"))
        lines.append((f"page_{action}_at_{LARGE}_to_{SMALL}", median(ratios), "ratio"))
    return [*lines, *_being_up()]


def _fleet(instances: int) -> dict[str, object]:
    return {
        "fleet": {"instances": instances, "sessions": instances // 10},
        "limits": {"requests_per_minute": None},
    }


def _cloud(instances: int) -> LocalCloud:
    clock = SteppedClock(NOW)
    return LocalCloud(read_fleet(_fleet(instances)), clock, clock.now)


def _places(cloud: LocalCloud, action: str, nonces: Iterator[str]) -> list[str]:
    """Tokens of pages spread evenly over the list, the first and the last page among them."""
    tokens, token = [], ""
    while True:
        tokens.append(token)
        token = str(_page(cloud, action, token, nonces)["NextToken"])
        if not token:
            break
    last = len(tokens) - 1
    return [tokens[last * place // (PLACES - 1)] for place in range(PLACES)]


def _page(
    cloud: LocalCloud, action: str, token: str, nonces: Iterator[str]
) -> Mapping[str, object]:
    request = signed_call(action, {**PAGES[action], "NextToken": token}, NOW, next(nonces))
    response = cloud.gateway.handle(request, NOW).response
    if response is None or response.status != 200:
        raise RuntimeError(f"{action} was not answered")
    found: Mapping[str, object] = json.loads(response.body)
    return found


def _seconds(cloud: LocalCloud, action: str, token: str, nonces: Iterator[str]) -> float:
    request = signed_call(action, {**PAGES[action], "NextToken": token}, NOW, next(nonces))
    began = time.perf_counter()
    handled = cloud.gateway.handle(request, NOW)
    took = time.perf_counter() - began
    if handled.response is None or handled.response.status != 200:
        raise RuntimeError(f"{action} was not answered")
    return took


def _being_up() -> list[Line]:
    """`evermirror up` with the large world: seconds until it is ready, and its memory then."""
    with tempfile.TemporaryDirectory() as folder:
        fleet = Path(folder, "fleet.json")
        fleet.write_text(json.dumps(_fleet(LARGE)), encoding="utf-8")
        command = Path(sys.executable).with_name("evermirror")
        began = time.perf_counter()
        serving = subprocess.Popen(
            [command, "up", "--no-functions", "--port", "0", "--fleet", fleet],
            stdout=subprocess.PIPE,
        )
        try:
            if serving.stdout is None or not serving.stdout.readline():
                raise RuntimeError("the local cloud did not come up")
            took = time.perf_counter() - began
            own, mib = _own_seconds(serving.pid), _peak_mib(serving.pid)
        finally:
            serving.terminate()
            serving.communicate(timeout=10)
    return [
        (f"up_at_{LARGE}", took, "s"),
        (f"up_at_{LARGE}_processor", own, "s"),
        (f"up_at_{LARGE}_memory", mib, "MiB"),
    ]


def _own_seconds(process_id: int) -> float:
    """Processor time: what is left of real time on a machine that does nothing else."""
    status = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    user, system = status.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak_mib(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak) / 1024
