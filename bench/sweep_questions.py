"""What it costs a sweep that mirror is asked about twenty gaps: time and calls, beside one without.

The whole product on a local cloud, warm: reconcile asks mirror in a synchronous invocation, mirror
makes twenty dry runs. Each round has instances of its own that cannot be mirrored; the sweep after
it has nothing left to ask.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from commandline.asking import function_at
from commandline.standard_streams import written_out

GAPS, MIRRORED = 20, 1_000
EVERY_CALL = "_local/journal?limit=100000"
ROUNDS = 5
SOURCES = 10
EVERMIRROR = str(Path(sys.executable).with_name("evermirror"))
Line = tuple[str, float, str]


def sweep_questions() -> list[Line]:
    """Seconds and calls of a sweep that asks, and of the one after it that need not."""
    with subprocess.Popen(
        [EVERMIRROR, "up", "--port", "0", "--fleet", "/dev/stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as cloud:
        try:
            endpoint = _ready(cloud)
            _round(endpoint, 0)  # starts the instances
            rounds = [_round(endpoint, number) for number in range(1, ROUNDS + 1)]
        finally:
            cloud.terminate()
    asking, alone = ([one[side] for one in rounds] for side in (0, 1))
    return [
        ("sweep_with_20_dry_runs", median(seconds for seconds, _ in asking), "s"),
        ("sweep_without_dry_runs", median(seconds for seconds, _ in alone), "s"),
        ("sweep_calls_with_20_dry_runs", median(calls for _, calls in asking), "calls"),
        ("sweep_calls_without_dry_runs", median(calls for _, calls in alone), "calls"),
    ]


def _round(endpoint: str, number: int) -> tuple[tuple[float, int], tuple[float, int]]:
    _call(endpoint, "PUT", "_local/fleet", _fleet(number))
    first, second = _swept(endpoint), _swept(endpoint)
    if [told["missing"] for _, _, told in (first, second)] != [0, 0]:
        raise RuntimeError(f"the sweep found out wrongly: {first} {second}")
    return first[:2], second[:2]


def _swept(endpoint: str) -> tuple[float, int, dict[str, Any]]:
    """Seconds, calls of the cloud's APIs, and what was found."""
    before = len(_call(endpoint, "GET", EVERY_CALL))
    began = time.perf_counter()
    told = function_at(endpoint, "reconcile").invoke({"triggerName": "by the benchmark"})
    seconds = time.perf_counter() - began
    return seconds, len(_call(endpoint, "GET", EVERY_CALL)) - before, told


def _ready(cloud: subprocess.Popen[str]) -> str:
    if cloud.stdin is None or cloud.stdout is None:
        raise RuntimeError("no pipes")
    json.dump(_fleet(0), cloud.stdin)
    cloud.stdin.close()
    endpoint: str = json.loads(cloud.stdout.readline())["endpoint"]
    return endpoint


def _call(endpoint: str, method: str, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    answer = httpx.request(method, f"{endpoint}/{path}", content=data, timeout=60, trust_env=False)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def _fleet(number: int) -> dict[str, Any]:
    """A thousand that are mirrored, and twenty, other ones each time, that cannot be."""
    odd = range(10_000 * (number + 1), 10_000 * (number + 1) + GAPS)
    return {
        "instances": [
            {"id": _instance(n), "type": "ecs.t1.small", "supports_mirror": n < min(odd)}
            for n in (*range(MIRRORED), *odd)
        ],
        "network_interfaces": [
            {"id": _interface(n), "instance": _instance(n)} for n in (*range(MIRRORED), *odd)
        ],
        "filters": [{"id": "tmf-j6c00000000000000001", "rules": 1}],
        "sessions": [
            {
                "id": f"tms-j6c{n:017}",
                "filter": "tmf-j6c00000000000000001",
                "target": f"lb-j6c{n // 10:017}",
                "target_type": "SLB",
                "priority": n + 1,
                "sources": [_interface(n * SOURCES + k) for k in range(SOURCES)],
            }
            for n in range(MIRRORED // SOURCES)
        ]
        + [
            {
                "id": f"tms-j6c{MIRRORED + n:017}",
                "filter": "tmf-j6c00000000000000001",
                "target": f"lb-j6c{MIRRORED:017}",
                "target_type": "SLB",
                "priority": MIRRORED + n,
            }
            for n in range(2)
        ],
        "limits": {"requests_per_minute": None},
    }


def _interface(number: int) -> str:
    return f"eni-j6c{number:015}"


def _instance(number: int) -> str:
    return f"i-j6c{number:016}"


if __name__ == "__main__":
    with written_out():
        for name, value, unit in sweep_questions():
            print(f"{name}: {value:.2f} {unit}")
