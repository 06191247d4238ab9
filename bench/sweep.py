"""What the sweep costs beside merely fetching and decoding the same pages, at full size.

Both are processes of their own against one local cloud, in turn, over the same HTTP client and
signature; the comparator throws every page away after `json.loads`. The larger of the resident
sizes that the sweep reached is told with it. A second fleet mirrors to interfaces instead of load
balancers, so that the instances under them are read as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench.sweep_pages import sensor_instance
from commandline.standard_streams import written_out

INTERFACES, SESSIONS, SOURCES, TARGETS = 100_000, 10_000, 5, 5_000
ROUNDS = 3
Line = tuple[str, float, str]
EVERMIRROR = str(Path(sys.executable).with_name("evermirror"))


def sweep() -> list[Line]:
    """Seconds of both, their ratio in each round, and the sweep's memory."""
    lines = _compared("", _fleet(), 0)
    return lines + _compared("_with_interface_targets", _with_interface_targets(), TARGETS)


def _compared(kind: str, fleet: dict[str, Any], targets: int) -> list[Line]:
    with subprocess.Popen(
        [EVERMIRROR, "up", "--port", "0", "--no-functions", "--fleet", "/dev/stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as cloud:
        try:
            endpoint = _ready(cloud, fleet)
            rounds = [
                (
                    _run("bench.sweep_pages", endpoint, str(targets)),
                    _run("bench.sweep_run", endpoint),
                )
                for _ in range(ROUNDS)
            ]
        finally:
            cloud.terminate()
    pages, swept = ([one[side] for one in rounds] for side in (0, 1))
    seconds = median(one["seconds"] for one in swept)
    ratio = median(b["seconds"] / a["seconds"] for a, b in rounds)
    return [
        (f"sweep_pages_alone{kind}", median(one["seconds"] for one in pages), "s"),
        (f"sweep_100000_interfaces_10000_sessions{kind}", seconds, "s"),
        (f"sweep_to_pages_alone{kind}", ratio, "ratio"),
        (f"sweep_resident{kind}", max(one["mib"] for one in swept), "MiB"),
    ]


def _ready(cloud: subprocess.Popen[str], fleet: dict[str, Any]) -> str:
    if cloud.stdin is None or cloud.stdout is None:
        raise RuntimeError("no pipes")
    json.dump(fleet, cloud.stdin)
    cloud.stdin.close()
    endpoint: str = json.loads(cloud.stdout.readline())["endpoint"]
    return endpoint


def _fleet() -> dict[str, Any]:
    """Half of the interfaces are mirrored; those of every tenth instance are opted out."""
    interfaces = [
        {
            "id": f"eni-j6c{number:015}",
            "instance": f"i-j6c{number:016}",
            "vpc": f"vpc-j6c{number % 7:017}",
            "tags": {"env": "prod", "mirror": "off" if number % 10 == 0 else "on"},
            "security_groups": [f"sg-j6c{number % 50:016}"],
        }
        for number in range(INTERFACES)
    ]
    sessions = [
        {
            "id": f"tms-j6c{number:017}",
            "filter": "tmf-j6c00000000000000001",
            "target": f"lb-j6c{number // 50:017}",
            "target_type": "SLB",
            "priority": number + 1,
            "sources": [f"eni-j6c{number * SOURCES + k:015}" for k in range(SOURCES)],
            "tags": {"mirror": "all"},
        }
        for number in range(SESSIONS)
    ]
    return {
        "instances": [
            {"id": f"i-j6c{number:016}", "type": "ecs.g7.large"} for number in range(INTERFACES)
        ],
        "network_interfaces": interfaces,
        "filters": [{"id": "tmf-j6c00000000000000001", "rules": 1}],
        "sessions": sessions,
        "limits": {"requests_per_minute": None},
    }


def _with_interface_targets() -> dict[str, Any]:
    """Two sessions mirror to each of the sensors, which are on instances of their own."""
    fleet = _fleet()
    for number, session in enumerate(fleet["sessions"]):
        session.update(target=_sensor(number % TARGETS), target_type="NetworkInterface")
    fleet["network_interfaces"] += [
        {"id": _sensor(number), "instance": sensor_instance(number)} for number in range(TARGETS)
    ]
    fleet["instances"] += [
        {"id": sensor_instance(number), "type": "ecs.g7.large"} for number in range(TARGETS)
    ]
    return fleet


def _sensor(number: int) -> str:
    return f"eni-j6s{number:015}"


def _run(module: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


if __name__ == "__main__":
    with written_out():
        for name, value, unit in sweep():
            print(f"{name}: {value:.2f} {unit}")
