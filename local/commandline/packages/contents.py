"""What goes into each zip, in the shape that Function Compute unpacks: a function's files at the
root of its code, a layer's Python below `python/`, the policy beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commandline.packages.archive import Files
from commandline.packages.bytecode import compiled
from commandline.packages.errors import BuildError

KIB, MIB = 1024, 1024 * 1024
CODE, LAYERS = "/code", "/opt"
"""Where the platform unpacks a function and its layers."""


@dataclass(frozen=True, slots=True)
class Package:
    """A zip to be: its name, what is in it, and the size that it must not pass, in bytes."""

    name: str
    files: Files
    limit: int
    bytecode: Sequence[str] = field(default=())


def source_package(
    folder: Path, name: str, place: str, interpreters: Mapping[str, Path]
) -> Package:
    """A folder of this repository, with bytecode for every Python that it may run on.

    The bytecode of several versions lies side by side; each takes its own.
    """
    files = _read(folder)
    limit = 64 * KIB if place == CODE else 2 * MIB
    made = dict(files)
    for interpreter in interpreters.values():
        made.update(compiled(files, place, interpreter))
    return Package(name, made, limit, tuple(interpreters))


def _read(folder: Path) -> dict[str, bytes]:
    """The folder's files, without what editors, Python and version control leave there."""
    if not folder.is_dir():
        raise BuildError(f"{folder} is not there; template.yml names it")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _belongs(path.relative_to(folder))
    }


def _belongs(path: Path) -> bool:
    hidden = any(part.startswith(".") or part.endswith("~") for part in path.parts)
    return not hidden and "__pycache__" not in path.parts


def folders_of(template: object) -> list[str]:
    """The folders that a template says its code is made of (Metadata.Evermirror.Folders)."""
    node = template
    for key in ("Metadata", "Evermirror", "Folders"):
        node = node.get(key) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        raise BuildError("the template does not say what its code is: Metadata.Evermirror.Folders")
    return [str(folder) for folder in node.values()]
