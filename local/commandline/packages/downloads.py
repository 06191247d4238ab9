"""Fetches the pinned files for a target through pip, without that target's Python or machine.

pip checks every hash. What was fetched is kept, so that the next build needs no network.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from commandline.packages.errors import BuildError
from commandline.packages.requirements import Pin, Target

PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64")
SOURCE_ONLY = frozenset({"aliyun-fc2"})
"""Packages whose author publishes no wheel. Theirs are pure Python."""

_TIME_LIMIT_S = 550
_MISMATCH = "DO NOT MATCH THE HASHES"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A wheel, and the published file that it is or was built from."""

    wheel: Path
    published: Path


class Downloads:
    """A folder of published files, filled when something is missing from it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wheels(self, pins: Sequence[Pin], target: Target, workshop: Path) -> list[Fetched]:
        """A wheel for each pin that applies to the target, by file name.

        `workshop` is an empty folder. Raises BuildError with what pip had to say.
        """
        pinned = workshop / "pinned.txt"
        wanted = [pin.line() for pin in pins if pin.applies_to(target)]
        pinned.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        published = workshop / "published"
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = ("--find-links", str(self._folder.resolve()))
        said = _fetch(pinned, target, published, "--no-index", *kept)
        if said is not None and _MISMATCH not in said:
            said = _fetch(pinned, target, published, *kept)
        if said is not None:
            raise BuildError(self._reason(said, target))
        self._keep(published)
        return [_fetched(file, workshop / "built") for file in sorted(published.iterdir())]

    def _keep(self, published: Path) -> None:
        for file in published.iterdir():
            kept = self._folder / file.name
            if not kept.exists():
                unfinished = kept.with_name(f".{file.name}.unfinished")
                shutil.copyfile(file, unfinished)
                unfinished.replace(kept)

    def _reason(self, said: str, target: Target) -> str:
        errors = "\n".join(line for line in said.splitlines() if line.startswith("ERROR")) or said
        if _MISMATCH in said:
            sentence = (
                "a file does not have the hash that it is pinned to, and is not used; if it is "
                f"one of {self._folder}, delete it there"
            )
        else:
            sentence = "the packages could not be fetched; is a package index within reach?"
        return f"dependencies of {target.runtime}: {sentence}\n{errors}"


def _fetch(pinned: Path, target: Target, into: Path, *where: str) -> str | None:
    """None when all is in `into`, else what pip said."""
    for_target = ["--implementation", "cp", "--python-version", target.version]
    for platform in PLATFORMS:
        for_target += ["--platform", platform]
    return _pip(
        *("download", "--require-hashes", "--no-deps", "--no-build-isolation"),
        *("--only-binary", ":all:", "--no-binary", ",".join(sorted(SOURCE_ONLY))),
        *for_target,
        *("--requirement", str(pinned), "--dest", str(into)),
        *where,
    )


def _fetched(published: Path, built: Path) -> Fetched:
    if published.suffix == ".whl":
        return Fetched(published, published)
    folder = built / published.name
    # Not from pip's cache: there may be a wheel that other tools built.
    said = _pip(
        *("--no-cache-dir", "wheel", "--no-index", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", str(folder), str(published)),
    )
    wheels = list(folder.glob("*-none-any.whl"))
    if said is not None or len(wheels) != 1:
        raise BuildError(f"{published.name} makes no wheel for every platform:\n{said or ''}")
    return Fetched(wheels[0], published)


def _pip(*arguments: str) -> str | None:
    try:
        ran = subprocess.run(  # noqa: S603 - our own words
            [*_PIP, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIME_LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return f"ERROR: no end after {_TIME_LIMIT_S} s"
    return None if ran.returncode == 0 else ran.stdout + ran.stderr
