"""Writes policy files for a test, and reads what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline.policy_file import PolicyFileError, read_policy
from evermirror.errors import PolicyError

HEAD = """\
version: 1
pools:
  ids: {sessions: [tms-j6c00000000000000001]}
default: {pool: ids}
"""  # four lines: what follows begins at line 5


def problems_of(path: Path) -> list[str]:
    with pytest.raises(PolicyFileError) as caught:
        read_policy(path)
    assert isinstance(caught.value, PolicyError)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


def written(folder: Path, text: str | bytes, name: str = "policy.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
