"""A hundred seeds in every test run, ten thousand in `make prove`; `make simulate` runs any."""

from __future__ import annotations

import pytest

from .storm import Storm


# Ten storms are seconds of work, and minutes on a machine that others use as well.
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "first",
    [
        *range(1, 101, 10),
        *(pytest.param(first, marks=pytest.mark.prove) for first in range(101, 601, 10)),
        *(
            pytest.param(first, marks=[pytest.mark.prove, pytest.mark.long])
            for first in range(601, 10_001, 10)
        ),
    ],
)
def test_after_the_storm_every_interface_is_mirrored_once_or_says_why_not(first: int) -> None:
    broken = {seed: Storm(seed).run().broken for seed in range(first, first + 10)}

    assert {seed: found for seed, found in broken.items() if found} == {}


def test_the_same_seed_gives_the_same_journal() -> None:
    for seed in (7, 8, 9):
        assert Storm(seed).run().journal == Storm(seed).run().journal
