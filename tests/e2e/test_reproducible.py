"""`make build` from two folders: what was reviewed is what is deployed, and a hash proves it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = """
import sys
sys.path[:0] = ["local", "layers/evermirror/python"]
from commandline.main import main
main()
"""


def copied(root: Path) -> Path:
    """The files of this checkout, as a clone would have them."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and not name.startswith("tests/"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    return root


def built(root: Path) -> str:
    """The sums of a build in this folder, checked against what lies there."""
    subprocess.run(
        [sys.executable, "-c", BUILD, "build", "--downloads", str(ROOT / ".build/downloads")],
        cwd=root,
        check=True,
        timeout=500,
    )
    sums = (root / ".build/SHA256SUMS").read_text()
    for line in sums.splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((root / ".build" / name).read_bytes()).hexdigest() == digest
    return sums


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_two_folders_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = (built(copied(tmp_path / name)) for name in ("one", "deeper/two"))

    assert first == second
    assert {line.partition("  ")[2] for line in first.splitlines()} >= {
        "mirror.zip",
        "notify.zip",
        "reconcile.zip",
        "webhook.zip",
        "library.zip",
        "policy.zip",
        "dependencies-python3.12.zip",
        "dependencies-python3.10.zip",
    }
