"""A hundred seeds in every test run; `make simulate` runs as many as you like."""

from __future__ import annotations

import pytest

from .storm import Storm


@pytest.mark.parametrize("first", range(1, 101, 10))
def test_after_the_storm_every_interface_is_mirrored_once_or_says_why_not(first: int) -> None:
    aftermaths = {seed: Storm(seed).run() for seed in range(first, first + 10)}

    assert {seed: left for seed, left in aftermaths.items() if not left.is_clean} == {}


def test_the_same_seed_gives_the_same_journal() -> None:
    for seed in (7, 8, 9):
        assert Storm(seed).run().journal == Storm(seed).run().journal
