"""`make simulate`: runs storms by their seeds and says how to run a failing one again.

With `--plant NAME` the same seeds run against a copy of the library that has this bug, until one
of them finds it.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from multiprocessing import Pool

from commandline.standard_streams import written_out

from . import planted
from .findings import Finding
from .judgement import Aftermath
from .storm import Storm


def aftermath(seed: int) -> tuple[int, Aftermath]:
    try:
        return seed, Storm(seed).run()
    except Exception:  # noqa: BLE001 - one storm that breaks off must not hide the others
        return seed, Aftermath([Finding("crash", traceback.format_exc(limit=-3))])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--until-found", action="store_true")
    parser.add_argument("--plant", choices=sorted(planted.BUGS))
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    if asked.plant is not None:
        return planted.run(asked.plant, seeds)
    return _simulate(seeds, asked.processes, until_found=asked.until_found)


def _simulate(seeds: range, processes: int | None, *, until_found: bool) -> int:
    started = time.monotonic()
    verdicts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    failed = 0
    with Pool(processes) as pool:
        for seed, left in pool.imap(aftermath, seeds, chunksize=1 if until_found else 10):
            verdicts += left.verdicts
            kinds.update({one.kind for one in left.broken})
            if not left.is_clean:
                failed += 1
                _show(seed, left)
                if until_found:
                    break
    took = time.monotonic() - started
    print(f"{len(seeds)} seeds in {took:.0f} s, {failed} failing; outcomes: {dict(verdicts)}")
    if kinds:
        print(f"seeds by kind: {dict(kinds.most_common())}")
    return 1 if failed else 0


def _show(seed: int, left: Aftermath) -> None:
    print(f"seed {seed}; again: make simulate SEEDS=1 FIRST_SEED={seed}", flush=True)
    for finding in left.broken:
        print(f"  {finding}", flush=True)


if __name__ == "__main__":
    with written_out():
        sys.exit(main())
