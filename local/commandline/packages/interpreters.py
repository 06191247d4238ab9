"""Finds the Pythons that bytecode is made with: a .pyc serves the minor version that wrote it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PROBE = (
    "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"  # any Python's
)


def find_interpreter(version: str) -> Path | None:
    """A CPython of this minor version ("3.12"): the running one, on PATH, or as pyenv keeps it."""
    for candidate in _candidates(version):
        if _is_cpython(candidate, version):
            return candidate
    return None


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield Path(on_path)
    pyenv = os.environ.get("PYENV_ROOT")  # noqa: TID251 - where the entry point looks for tools
    versions = (Path(pyenv) if pyenv else Path.home() / ".pyenv") / "versions"
    yield from sorted(versions.glob(f"{version}.*/bin/python"), reverse=True)


def _is_cpython(candidate: Path, version: str) -> bool:
    # A shim may be there for a Python that is not.
    try:
        asked = subprocess.run(  # noqa: S603 - our own words
            [str(candidate), "-I", "-S", "-c", _PROBE],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and asked.stdout.split() == ["cpython", version]
