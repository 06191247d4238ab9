"""Bytecode beside its source, because a function's disk is read-only: what is not compiled here
is compiled again by every cold start.

The files are of the kind "unchecked hash": Python uses them without comparing times, which
unpacking may change. They name the place where the code is on the platform, not where it was
compiled.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from commandline.packages.archive import Files
from commandline.packages.errors import BuildError

_TIME_LIMIT_S = 300
# String hashes of random seeds would order the sets in the bytecode by chance.
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}


def compiled(files: Files, place: str, interpreter: Path) -> dict[str, bytes]:
    """The .pyc files of the sources among `files`, which will be found below `place`.

    One process compiles in the order of names: what marshal writes depends on what was written
    before. Raises BuildError when a source cannot be compiled.
    """
    with tempfile.TemporaryDirectory(prefix="evermirror-bytecode-") as name:
        folder = Path(name)
        for path, content in files.items():
            if path.endswith(".py"):
                source = folder / path
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_bytes(content)
        _compile(folder, place, interpreter)
        return {
            found.relative_to(folder).as_posix(): found.read_bytes()
            for found in sorted(folder.rglob("*.pyc"))
        }


def _compile(folder: Path, place: str, interpreter: Path) -> None:
    modes = ("--invalidation-mode", "unchecked-hash")
    paths = ("-s", str(folder), "-p", place)
    ran = subprocess.run(  # noqa: S603 - our own words
        [str(interpreter), "-S", "-s", "-m", "compileall", "-q", "-f", *modes, *paths, str(folder)],
        cwd=folder,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIME_LIMIT_S,
    )
    if ran.returncode != 0:
        told = (ran.stdout + ran.stderr).strip().replace(str(folder), place)
        raise BuildError(f"{interpreter} could not compile what is for {place}:\n{told}")
