"""A sweep of the largest fleet that an account can have fits into a small function."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_a_hundred_thousand_interfaces_are_swept_in_256_mib() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.sweep"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    figures = {line.split(": ")[0]: line.split()[1] for line in done.stdout.splitlines()}

    assert float(figures["sweep_resident"]) < 256
