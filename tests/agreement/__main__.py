"""Runs worlds by their seeds, says what disagrees, and how to run one of them again.

.venv/bin/python -m tests.agreement --first-seed 17          # one world, and all that is wrong
.venv/bin/python -m tests.agreement --seeds 300 --topics     # each kind of mistake once
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from .agreeing import disagreements
from .answers import asking
from .worlds import draw_world


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--topics", action="store_true", help="each kind of mistake once")
    parser.add_argument("--world", action="store_true", help="print each world that is wrong")
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    began = time.process_time()
    topics: Counter[str] = Counter()
    seen: dict[str, int] = {}
    failing = 0
    with tempfile.TemporaryDirectory() as folder, asking(Path(folder)) as who:
        for seed in seeds:
            found = disagreements(seed, who)
            failing += bool(found)
            topics.update({one.topic for one in found})
            for one in found:
                seen.setdefault(one.topic, seed)
                if not asked.topics:
                    print(f"seed {seed}: {one}", flush=True)
            if found and asked.world:
                print(draw_world(seed))
    for topic, number in topics.most_common() if asked.topics else ():
        print(f"{number:5} worlds, first {seen[topic]:5}: {topic}")
    took = time.process_time() - began
    print(f"{len(seeds)} worlds, {failing} with a disagreement; {took:.1f} s of CPU")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
