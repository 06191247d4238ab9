"""`make simulate`: runs storms by their seeds and says how to run a failing one again."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from multiprocessing import Pool

from commandline.standard_streams import written_out

from .judgement import Aftermath
from .storm import Storm


def aftermath(seed: int) -> tuple[int, Aftermath]:
    return seed, Storm(seed).run()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=1)
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    started = time.monotonic()
    verdicts: Counter[str] = Counter()
    failed = 0
    with Pool() as pool:
        for seed, left in pool.imap_unordered(aftermath, seeds, chunksize=10):
            verdicts += left.verdicts
            if not left.is_clean:
                failed += 1
                print(f"seed {seed}; again: make simulate SEEDS=1 FIRST_SEED={seed}", flush=True)
                for sentence in left.broken:
                    print(f"  {sentence}", flush=True)
    took = time.monotonic() - started
    print(f"{len(seeds)} seeds in {took:.0f} s, {failed} failing; outcomes: {dict(verdicts)}")
    return 1 if failed else 0


if __name__ == "__main__":
    with written_out():
        sys.exit(main())
