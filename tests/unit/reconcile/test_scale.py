"""A sweep of the largest fleet that an account can have fits into a small function."""

from __future__ import annotations

import pytest

from bench.sweep import sweep


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_a_hundred_thousand_interfaces_are_swept_in_256_mib() -> None:
    figures = {name: value for name, value, _ in sweep()}

    assert figures["sweep_resident"] < 256
