"""The bugs that can be planted are ones of today's code: their words are where they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import planted


@pytest.mark.parametrize("name", sorted(planted.BUGS))
def test_a_bug_is_planted_into_a_copy_that_can_still_be_read(name: str, tmp_path: Path) -> None:
    planted.plant(name, tmp_path)

    changed = tmp_path / "evermirror" / planted.BUGS[name].file
    compile(changed.read_text(), changed.name, "exec")
    assert changed.read_text() != (planted.LIBRARY / planted.BUGS[name].file).read_text()
