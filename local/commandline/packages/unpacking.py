"""Lays the zips of a build out as Function Compute does: what runs here is what is deployed."""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commandline.packages.building import SUMS
from commandline.packages.errors import BuildError
from commandline.packages.interpreters import find_interpreter
from localcloud.platform import site_packages


@dataclass(frozen=True, slots=True)
class Built:
    """A folder that `evermirror build` filled, and the runtime to use it for."""

    folder: Path
    runtime: str


@dataclass(frozen=True, slots=True)
class Code:
    """What functions are made of: folders of the template below `root`, packages from elsewhere,
    and the Python that runs them. `policy` is the compiled policy that came with them.
    """

    root: Path
    packages: Sequence[Path] = field(default_factory=site_packages)
    interpreter: Path = Path(sys.executable)
    policy: bytes | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


def unpack(built: Built, folders: Iterable[str], place: Path) -> Code:
    """Unpack what the template's folders became. Nothing in `place` can be written to afterwards.

    Raises BuildError for a zip that is missing or differs from the sums, and where the runtime's
    Python is not here.
    """
    interpreter = find_interpreter(built.runtime.removeprefix("python"))
    if interpreter is None:
        raise BuildError(f"there is no C{built.runtime.capitalize()} here to run the zips with")
    zips = _Zips(built.folder)
    for folder in folders:
        if folder.startswith("functions/"):
            zips.extract(f"{Path(folder).name}.zip", place / folder)
        elif folder.startswith("layers/"):
            zips.extract("library.zip", place / folder)
    dependencies = place / "dependencies"
    zips.extract(f"dependencies-{built.runtime}.zip", dependencies)
    zips.extract("policy.zip", place / "policy")
    return Code(
        root=place,
        packages=(dependencies / "python",),
        interpreter=interpreter,
        policy=(place / "policy" / "policy.json").read_bytes(),
        parameters={"Runtime": built.runtime},
    )


class _Zips:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise BuildError(f"{folder / SUMS}: {error.strerror}; run `make build`") from error
        self._sums = {name: digest for digest, _, name in (one.partition("  ") for one in lines)}

    def extract(self, name: str, place: Path) -> None:
        path = self._folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BuildError(f"{path}: {error.strerror}; run `make build`") from error
        if hashlib.sha256(content).hexdigest() != self._sums.get(name):
            raise BuildError(f"{path} is not what {SUMS} says; run `make build` again")
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            for extracted in map(Path, (opened.extract(one, place) for one in opened.infolist())):
                extracted.chmod(0o444)
