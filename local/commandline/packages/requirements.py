"""Reads the pinned runtime set as the target would: pip judges markers by the Python it runs on,
and the functions' Python need not be here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from commandline.packages.errors import BuildError

RUNTIMES = ("python3.12", "python3.10")
"""Those of template.yml, the preferred one first."""

_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Target:
    """A runtime of Function Compute, which is x86_64 Linux; `python3.12` is Debian 11, `python3.10`
    Debian 10 (Function Compute 3.0, "Python runtimes").
    """

    runtime: str

    @property
    def version(self) -> str:
        return self.runtime.removeprefix("python")

    def markers(self) -> dict[str, str]:
        """What environment markers (PEP 508) mean there."""
        return {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{self.version}.0",
            "python_version": self.version,
            "sys_platform": "linux",
        }


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version, with the hashes that its files may have."""

    requirement: Requirement
    hashes: tuple[str, ...]

    def applies_to(self, target: Target) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(target.markers()))

    def line(self) -> str:
        """The pin without its marker, as pip reads it."""
        hashes = " ".join(f"--hash={one}" for one in self.hashes)
        return f"{self.requirement.name}{self.requirement.specifier} {hashes}"


def read_pins(path: Path) -> tuple[Pin, ...]:
    """Every pin of a requirements file; BuildError for one without a version or a hash."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}") from error
    lines = text.replace("\\\n", " ").splitlines()
    return tuple(_pin(path, line) for line in lines if line.strip() and line[0] != "#")


def _pin(path: Path, line: str) -> Pin:
    words, hashes = line.partition("--hash")[0].strip(), tuple(_HASH.findall(line))
    try:
        requirement = Requirement(words)
    except InvalidRequirement as error:
        raise BuildError(f"{path}: `{words}` is no requirement: {error}") from error
    if not str(requirement.specifier).startswith("=="):
        raise BuildError(f"{path}: `{words}` is not pinned; give its version with ==")
    if not hashes:
        raise BuildError(f"{path}: {requirement.name} has no sha256 hash; every package needs one")
    return Pin(requirement, hashes)
