"""Makes all packages of the template, and puts them where they belong only when all are made."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from commandline.packages import bill_of_materials as bill
from commandline.packages.archive import archive
from commandline.packages.bytecode import compiled
from commandline.packages.contents import CODE, LAYERS, MIB, Package, source_package
from commandline.packages.downloads import Downloads
from commandline.packages.errors import BuildError
from commandline.packages.requirements import Target, read_pins
from commandline.packages.wheels import installed, metadata

SITE_PACKAGES, POLICY = "site-packages", "policy"
SUMS = "SHA256SUMS"
POLICY_LIMIT, DEPENDENCIES_LIMIT = 1 * MIB, 12 * MIB


@dataclass(frozen=True, slots=True)
class Order:
    """What to build. `interpreters` compile, by their minor version; `folders` are the template's,
    relative to `root`; `version` is Evermirror's own.
    """

    root: Path
    folders: Sequence[str]
    policy: bytes
    targets: Sequence[Target]
    interpreters: Mapping[str, Path]
    downloads: Path
    version: str


@dataclass(frozen=True, slots=True)
class Made:
    """A file of the build: bytes of the zip and of what is in it, and the Pythons whose bytecode
    it carries.
    """

    name: str
    content: bytes
    unpacked: int = 0
    files: int = 0
    bytecode: Sequence[str] = ()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def build_all(order: Order) -> list[Made]:
    """Every package, bill of materials and the sums; raises BuildError, having written nothing."""
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(job) for job in _jobs(order)]
        made = [one for job in jobs for one in job.result()]
    made.sort(key=lambda one: one.name)
    sums = "".join(f"{one.sha256}  {one.name}\n" for one in made)
    return [*made, Made(SUMS, sums.encode())]


def put(made: Sequence[Made], into: Path) -> None:
    """Write the files, each whole or not at all; the sums come last."""
    for one in made:
        target = into / one.name
        unfinished = target.with_name(f".{one.name}.unfinished")
        unfinished.write_bytes(one.content)
        unfinished.replace(target)


def _jobs(order: Order) -> Iterator[partial[list[Made]]]:
    for folder in order.folders:
        if folder == SITE_PACKAGES:
            yield from (partial(_dependencies, order, target) for target in order.targets)
        elif folder == POLICY:
            policy = Package("policy.zip", {"policy.json": order.policy}, POLICY_LIMIT)
            yield partial(_zipped_all, policy)
        else:
            yield partial(_source, order, Path(folder))


def _source(order: Order, folder: Path) -> list[Made]:
    """A function is named after its folder; the one layer of our own code is the library."""
    layer = folder.parts[0] == "layers"
    name = "library.zip" if layer else f"{folder.name}.zip"
    place = LAYERS if layer else CODE
    return _zipped_all(source_package(order.root / folder, name, place, order.interpreters))


def _dependencies(order: Order, target: Target) -> list[Made]:
    pins = read_pins(order.root / "requirements" / "runtime.txt")
    files: dict[str, bytes] = {}
    packages: list[bill.Package] = []
    with tempfile.TemporaryDirectory(prefix="evermirror-build-") as workshop:
        for fetched in Downloads(order.downloads).wheels(pins, target, Path(workshop)):
            unpacked = installed(fetched.wheel)
            packages.append(bill.Package(metadata(unpacked), fetched.published))
            files.update({f"python/{name}": content for name, content in unpacked.items()})
        name = f"dependencies-{target.runtime}"
        listed = bill.bill_of_materials(name, order.version, packages)
    interpreter = order.interpreters.get(target.version)
    if interpreter is not None:
        files.update(compiled(files, LAYERS, interpreter))
    bytecode = (target.version,) if interpreter is not None else ()
    zipped = _zipped(Package(f"{name}.zip", files, DEPENDENCIES_LIMIT, bytecode))
    return [zipped, Made(f"{name}.cdx.json", listed)]


def _zipped_all(package: Package) -> list[Made]:
    return [_zipped(package)]


def _zipped(package: Package) -> Made:
    content = archive(package.files)
    if len(content) > package.limit:
        raise BuildError(
            f"{package.name} has {len(content):,} bytes, more than the {package.limit:,} that it "
            "may have: every byte of it is loaded by a cold start"
        )
    unpacked = sum(map(len, package.files.values()))
    return Made(package.name, content, unpacked, len(package.files), package.bytecode)
