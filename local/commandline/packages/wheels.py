"""Unpacks wheels as an installer would, but for what no function needs: tests, commands, stubs,
and the installer's own records, which differ from one installation to the next.
"""

from __future__ import annotations

import zipfile
from email.message import Message
from email.parser import BytesParser
from pathlib import Path, PurePosixPath

from commandline.packages.archive import Files
from commandline.packages.errors import BuildError

_INSTALLED_SCHEMES = frozenset({"purelib", "platlib"})
_TESTS = frozenset({"test", "tests"})
_SOURCES_OF_NOTHING = frozenset({".pyi", ".pyc", ".c", ".h", ".pyx", ".pxd"})
_LEGAL = ("LICEN", "COPYING", "NOTICE", "AUTHORS")


def installed(wheel: Path) -> dict[str, bytes]:
    """What of a wheel belongs in `site-packages`, for running it and for the law."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = _place(wheel, entry)
            if path is not None and _is_needed(path):
                found[path.as_posix()] = archive.read(entry)
    return found


def metadata(files: Files) -> Message:
    """The package's own description (core metadata) among what was installed of it."""
    names = [name for name in files if name.endswith(".dist-info/METADATA")]
    if len(names) != 1:
        raise BuildError(f"a wheel has one METADATA, not {len(names)}")
    return BytesParser().parsebytes(files[names[0]], headersonly=True)


def _place(wheel: Path, entry: zipfile.ZipInfo) -> PurePosixPath | None:
    path = PurePosixPath(entry.filename)
    if entry.is_dir():
        return None
    if path.is_absolute() or ".." in path.parts:
        raise BuildError(f"{wheel.name}: {entry.filename} would leave its folder")
    if not path.parts[0].endswith(".data"):
        return path
    if path.parts[1] in _INSTALLED_SCHEMES:
        return PurePosixPath(*path.parts[2:])
    return None


def _is_needed(path: PurePosixPath) -> bool:
    if path.parts[0].endswith(".dist-info"):
        # Any depth: newer wheels keep licences in a folder of their own.
        return path.name == "METADATA" or path.name.upper().startswith(_LEGAL)
    in_tests = not _TESTS.isdisjoint(path.parts[:-1])
    return not in_tests and path.suffix not in _SOURCES_OF_NOTHING
