"""Benchmarks: each prints what it measured as a ratio to something run beside it.

Reading an event, beside merely decoding its JSON; bursts, beside the ideal and beside what others
do; the local cloud, beside a bare handler of the same server; a page of a large world, beside one
of a small world; the sweep, beside fetching and decoding its pages, and with twenty dry runs beside
one without; a cold start of mirror, beside the same job on the vendor's clients.
"""

from __future__ import annotations

import json
import timeit
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.bursts import bursts
from bench.cold_start import cold_start
from bench.local_cloud import local_cloud
from bench.page_cost import page_cost
from bench.sweep import sweep
from bench.sweep_questions import sweep_questions
from commandline.standard_streams import written_out
from evermirror.events import parse
from evermirror.model import Place

ROOT = Path(__file__).resolve().parents[1]
PLACE = Place("1234567890123456", "cn-hongkong")
REPEATS = 9
CALLS = 200


def main() -> None:
    event = (ROOT / "events/mirror/attach-by-api.json").read_bytes()
    results = dict(_event(event))
    for measure in (bursts, local_cloud, page_cost, sweep, sweep_questions, cold_start):
        results.update((name, (value, unit)) for name, value, unit in measure())
    shown = {name: {"value": value, "unit": unit} for name, (value, unit) in results.items()}
    (ROOT / "bench/results.json").write_text(json.dumps(shown, indent=2) + "\n", encoding="utf-8")
    for name, (value, unit) in results.items():
        print(f"{name}: {value:.2f} {unit}")


def _event(event: bytes) -> list[tuple[str, tuple[float, str]]]:
    """In turn, so that a machine that slows down slows both."""
    pairs = [
        (_seconds(lambda: parse(event, PLACE, 0.0, "r")), _seconds(lambda: json.loads(event)))
        for _ in range(REPEATS)
    ]
    ours = median(pair[0] for pair in pairs)
    return [
        ("parse_event", (ours * 1e6, "us")),
        ("parse_event_to_json_loads", (median(a / b for a, b in pairs), "ratio")),
    ]


def _seconds(call: Callable[[], object]) -> float:
    return timeit.timeit(call, number=CALLS) / CALLS


if __name__ == "__main__":
    with written_out():
        main()
