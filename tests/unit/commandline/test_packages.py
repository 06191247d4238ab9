"""`evermirror build` on a product of a few lines, with no network and whatever Python runs this."""

from __future__ import annotations

import hashlib
import io
import json
import marshal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from commandline.packages.archive import archive
from commandline.packages.building import Made, Order, build_all, put
from commandline.packages.errors import BuildError
from commandline.packages.interpreters import find_interpreter
from commandline.packages.requirements import RUNTIMES, Target, read_pins
from commandline.packages.unpacking import Built, unpack
from localcloud.functioncompute.template import Deployment, Template, read_document

from .conftest import run

ROOT = Path(__file__).parents[3]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
INDEX = "import friend\nfrom ours import deep\n\ndef handler(event, context):\n    return deep.OK\n"
METADATA = (
    "Metadata-Version: 2.4\nName: friend_of\nVersion: 1.0\nLicense-Expression: MIT\n"
    "License-File: LICENSE\n\nWords.\n"
)
WHEEL = {
    "friend/__init__.py": "NAMES = {'a', 'b', 'c', 'd'} | {'e'}\nIN = 1 in {'x', 'y', 'z'}\n",
    "friend/types.pyi": "NAMES: set[str]\n",
    "friend/tests/test_friend.py": "raise SystemExit\n",
    "friend_of-1.0.data/scripts/friend": "#!python\n",
    "friend_of-1.0.data/purelib/friend/extra.py": "EXTRA = 1\n",
    "friend_of-1.0.dist-info/METADATA": METADATA,
    "friend_of-1.0.dist-info/WHEEL": (
        "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ),
    "friend_of-1.0.dist-info/RECORD": "",
    "friend_of-1.0.dist-info/entry_points.txt": "[console_scripts]\nfriend = friend:main\n",
    "friend_of-1.0.dist-info/licenses/LICENSE": "Do as you like.\n",
}


def text(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: content.encode() for name, content in files.items()}


def product(root: Path) -> Order:
    """A function, a layer of its own code, and one package from elsewhere."""
    wheel = archive(text(WHEEL))
    sources = {
        "functions/hello/index.py": INDEX,
        "functions/hello/__pycache__/index.cpython-27.pyc": "old",
        "functions/hello/.index.py.swp": "an editor's",
        "layers/own/python/ours/__init__.py": "",
        "layers/own/python/ours/deep.py": "OK = f'{__name__} works'\n",
        "requirements/runtime.txt": (
            f"friend-of==1.0 --hash=sha256:{hashlib.sha256(wheel).hexdigest()}\n"
        ),
    }
    for name, content in {
        **text(sources),
        "downloads/friend_of-1.0-py3-none-any.whl": wheel,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Order(
        root=root,
        folders=["functions/hello", "layers/own", "site-packages", "policy"],
        policy=b'{"version":1}',
        targets=[Target(f"python{HERE}")],
        interpreters={HERE: Path(sys.executable)},
        downloads=root / "downloads",
        version="0.0.1",
    )


def built(order: Order) -> dict[str, Made]:
    return {one.name: one for one in build_all(order)}


def unzipped(made: Made) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made.content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    return built(product(tmp_path_factory.mktemp("product")))


def test_another_folder_and_another_time_make_the_same_bytes(
    made: dict[str, Made], tmp_path: Path
) -> None:
    again = built(product(tmp_path / "deeper" / "elsewhere"))

    assert {name: one.sha256 for name, one in again.items()} == {
        name: one.sha256 for name, one in made.items()
    }


def test_the_zips_run_where_the_platform_unpacks_them_and_compile_nothing(
    made: dict[str, Made], tmp_path: Path
) -> None:
    code, opt = tmp_path / "code", tmp_path / "opt"
    for name, place in (
        ("hello.zip", code),
        ("library.zip", opt),
        (f"dependencies-python{HERE}.zip", opt),
        ("policy.zip", opt),
    ):
        with zipfile.ZipFile(io.BytesIO(made[name].content)) as opened:
            opened.extractall(place)
    before = sorted(tmp_path.rglob("*"))
    program = (
        f"import sys; sys.path[:0] = [{str(code)!r}, {str(opt / 'python')!r}]; "
        "import index; print(index.handler(b'', None))"
    )

    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-v", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={},
    )

    assert ran.stdout == "ours.deep works\n"
    used = [line for line in ran.stderr.splitlines() if "# code object from " in line]
    ours = [line for line in used if str(tmp_path) in line]
    assert len(ours) == 4
    assert all(".pyc'" in line for line in ours), ours
    assert sorted(tmp_path.rglob("*")) == before
    assert (opt / "policy.json").read_bytes() == b'{"version":1}'


def test_bytecode_is_not_checked_against_times_and_names_the_platforms_place(
    made: dict[str, Made],
) -> None:
    (bytecode,) = (
        content for name, content in unzipped(made["hello.zip"]).items() if name.endswith(".pyc")
    )

    flags, code = int.from_bytes(bytecode[4:8], "little"), marshal.loads(bytecode[16:])  # noqa: S302
    assert flags == 0b01, "by hash, and unchecked (PEP 552)"
    assert code.co_filename == "/code/index.py"


def test_a_layer_has_what_runs_and_what_the_law_asks_for(made: dict[str, Made]) -> None:
    names = set(unzipped(made[f"dependencies-python{HERE}.zip"]))
    tag = sys.implementation.cache_tag

    assert names == {
        "python/friend/__init__.py",
        f"python/friend/__pycache__/__init__.{tag}.pyc",
        "python/friend/extra.py",
        f"python/friend/__pycache__/extra.{tag}.pyc",
        "python/friend_of-1.0.dist-info/METADATA",
        "python/friend_of-1.0.dist-info/licenses/LICENSE",
    }
    assert set(unzipped(made["hello.zip"])) == {"index.py", f"__pycache__/index.{tag}.pyc"}


def test_the_bill_names_version_licence_and_the_hash_of_the_fetched_file(
    made: dict[str, Made],
) -> None:
    bill = json.loads(made[f"dependencies-python{HERE}.cdx.json"].content)

    (component,) = bill["components"]
    digest = hashlib.sha256(archive(text(WHEEL))).hexdigest()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert component["purl"] == "pkg:pypi/friend-of@1.0"
    assert component["licenses"] == [{"expression": "MIT"}]
    assert component["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert not bill.keys() & {"serialNumber", "timestamp"}


def test_what_is_put_agrees_with_its_sums(made: dict[str, Made], tmp_path: Path) -> None:
    put(list(made.values()), tmp_path)

    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    assert listed == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in tmp_path.iterdir()
        if file.name != "SHA256SUMS"
    }


def test_without_the_targets_python_everything_is_made_but_bytecode(tmp_path: Path) -> None:
    made = built(replace(product(tmp_path), interpreters={}))

    assert not any(name.endswith(".pyc") for name in unzipped(made["hello.zip"]))
    assert {one.bytecode for one in made.values()} == {()}


def test_a_file_with_another_hash_is_not_used(tmp_path: Path) -> None:
    order = product(tmp_path)
    pinned = tmp_path / "requirements/runtime.txt"
    pinned.write_text(f"friend-of==1.0 --hash=sha256:{'0' * 64}\n")

    with pytest.raises(
        BuildError, match="does not have the hash that it is pinned to, and is not used"
    ):
        build_all(order)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("friend-of==1.0\n", "friend-of has no sha256 hash"),
        (f"friend-of>=1.0 --hash=sha256:{'0' * 64}\n", "`friend-of>=1.0` is not pinned"),
        ("--index-url x\n", "is no requirement"),
    ],
)
def test_a_pin_that_pins_nothing_is_told(tmp_path: Path, line: str, sentence: str) -> None:
    pinned = tmp_path / "runtime.txt"
    pinned.write_text(line)

    with pytest.raises(BuildError, match=sentence):
        read_pins(pinned)


def test_markers_are_read_for_the_target_and_not_for_who_builds() -> None:
    pins = read_pins(ROOT / "requirements/runtime.txt")

    only_older = [
        {pin.requirement.name for pin in pins if pin.applies_to(Target(runtime))}
        for runtime in ("python3.10", "python3.12")
    ]
    assert "exceptiongroup" in only_older[0] - only_older[1]


def test_a_package_that_outgrew_its_limit_is_refused(tmp_path: Path) -> None:
    order = product(tmp_path)
    digits = "".join(hashlib.sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(2500))
    (tmp_path / "functions/hello/large.json").write_text(digits)

    with pytest.raises(BuildError, match=r"hello.zip has [\d,]+ bytes, more than the 65,536"):
        build_all(order)


def test_a_source_that_does_not_compile_is_told_with_its_place(tmp_path: Path) -> None:
    order = product(tmp_path)
    (tmp_path / "functions/hello/broken.py").write_text("def (:\n")

    with pytest.raises(BuildError, match=r"/code/broken\.py"):
        build_all(order)


def test_the_running_python_is_found_and_one_that_never_was_is_not() -> None:
    assert find_interpreter(HERE) is not None
    assert find_interpreter("3.1") is None


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_template_names_the_objects_that_are_built(runtime: str) -> None:
    document = read_document(ROOT / "template.yml")
    template = Template(
        document,
        Deployment("1", "cn-hongkong"),
        {"Runtime": runtime, "WebhookSecret": "whsec_bG9jYWw="},
    )
    folders = template.metadata("Evermirror", "Folders")
    assert isinstance(folders, dict)

    objects = {
        resource.logical_id: str(code["OssObjectName"]).rpartition("/")[2]
        for resource in template.resources()
        if isinstance(code := resource.properties.get("Code"), dict)
    }

    named = {"site-packages": f"dependencies-{runtime}.zip", "policy": "policy.zip"}
    named["layers/evermirror"] = "library.zip"
    assert objects == {
        logical_id: named.get(folder, f"{Path(folder).name}.zip")
        for logical_id, folder in folders.items()
    }


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: (folder / "hello.zip").write_bytes(b"PK"), "is not what SHA256SUMS says"),
        (lambda folder: (folder / "hello.zip").unlink(), "hello.zip: No such file or directory"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "No such file or directory; run `make"),
    ],
)
def test_zips_that_are_not_those_of_the_build_are_not_run(
    made: dict[str, Made], tmp_path: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    put(list(made.values()), tmp_path)
    damage(tmp_path)

    with pytest.raises(BuildError, match=sentence):
        unpack(Built(tmp_path, f"python{HERE}"), ["functions/hello"], tmp_path / "place")
    assert not (tmp_path / "place").exists()


def test_up_without_a_build_says_how_to_make_one(tmp_path: Path) -> None:
    if find_interpreter("3.12") is None:
        pytest.skip("no Python 3.12 here")

    up = run("up", "--port", "0", "--built", tmp_path)

    assert up.exit_code == 1
    assert up.stderr.endswith("SHA256SUMS: No such file or directory; run `make build`\n")
