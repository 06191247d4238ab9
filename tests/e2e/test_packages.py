"""The zips of `make build` at work: unpacked as the platform does it, under its Pythons, alone."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from commandline.assembly import Parts, attach_platform
from commandline.control import Control
from commandline.packages.interpreters import find_interpreter
from commandline.packages.requirements import RUNTIMES
from commandline.packages.unpacking import Built
from localcloud.cloud import LocalCloud
from localcloud.testing import ServedCloud, serving
from localcloud.world.fleet import read_fleet
from tests.webhooks import body, signed
from tests.worlds import a_fleet, an_interface, attached, eni, tms

from .processes import evermirror

ROOT = Path(__file__).parents[2]
POLICY: dict[str, Any] = {
    "version": 1,
    "pools": {"packaged": {"sessions": [tms(1)]}},
    "rules": [{"name": "all", "match": {}, "pool": "packaged"}],
    "default": "never",
}
FUNCTIONS = ("mirror.zip", "notify.zip", "reconcile.zip", "webhook.zip")
pytestmark = [pytest.mark.prove, pytest.mark.timeout(600)]


def version_of(runtime: str) -> str:
    return runtime.removeprefix("python")


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    policy = folder / "policy.json"
    policy.write_text(json.dumps(POLICY))
    ran = evermirror(
        *("build", "--into", str(folder / "zips"), "--policy", str(policy)),
        *("--downloads", str(ROOT / ".build/downloads")),
        timeout_s=500,
    )
    assert ran.returncode == 0, ran.stderr
    return folder / "zips"


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if find_interpreter(version_of(name)) is None:
        pytest.skip(f"no {name} here")
    return name


def ask(cloud: ServedCloud, number: int) -> httpx.Response:
    content = body(number)
    url = f"{cloud.endpoint}/http/webhook/mirror"
    return httpx.post(url, content=content, headers=signed(content), trust_env=False, timeout=60)


def everything_below(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_all_functions_do_their_work_from_the_zips_alone(
    build: Path, runtime: str, tmp_path: Path
) -> None:
    old = [an_interface(number, created="2025-01-01T00:00:00Z") for number in (1, 2, 3)]
    fleet = read_fleet(a_fleet(old, [1], settle_s=0.2))

    async def prepare(cloud: LocalCloud) -> None:
        await attach_platform(cloud, Parts(fleet, built=Built(build, runtime)), tmp_path)

    with serving(fleet, speed=5.0, prepare=prepare) as cloud, Control(cloud.endpoint) as control:
        before = everything_below(tmp_path / "built")
        cloud.control("POST", "events", attached(1))
        asked = ask(cloud, 2)
        assert control.wait_until_idle(60)["idle"]
        # Whichever of the two was quicker.
        assert sorted(cloud.state()["sessions"][0]["sources"]) == [eni(1), eni(2)]
        # Of the third no event told.
        cloud.control("POST", "timers/sweep")
        idle = control.wait_until_idle(60)
        told = {one["network_interface_id"]: one for one in control.outcomes()}

        assert asked.status_code == 202
        assert (idle["idle"], idle["dead_letters"]) == (True, 0)
        assert sorted(cloud.state()["sessions"][0]["sources"]) == [eni(1), eni(2), eni(3)]
        assert {(name, one["outcome"], one["pool"]) for name, one in told.items()} == {
            (eni(number), "mirrored", "packaged") for number in (1, 2, 3)
        }
        assert everything_below(tmp_path / "built") == before


def test_every_module_carries_bytecode_of_each_python_that_runs_it(
    build: Path, runtime: str
) -> None:
    tag = f".cpython-{version_of(runtime).replace('.', '')}.pyc"
    for name in (f"dependencies-{runtime}.zip", "library.zip", *FUNCTIONS):
        with zipfile.ZipFile(build / name) as opened:
            names = set(opened.namelist())
        sources = [Path(one) for one in names if one.endswith(".py")]
        assert sources
        assert not [
            str(source)
            for source in sources
            if str(source.parent / "__pycache__" / f"{source.stem}{tag}") not in names
        ], name


@pytest.fixture
def laid_out(build: Path, runtime: str, tmp_path: Path) -> tuple[Path, Path]:
    """The code of mirror, and the one folder that its layers share."""
    for name, place in (
        ("mirror.zip", "code"),
        ("library.zip", "opt"),
        (f"dependencies-{runtime}.zip", "opt"),
    ):
        with zipfile.ZipFile(build / name) as opened:
            opened.extractall(tmp_path / place)
    return tmp_path / "code", tmp_path / "opt"


def test_nothing_is_compiled_by_a_start(laid_out: tuple[Path, Path], runtime: str) -> None:
    code, opt = laid_out
    python = find_interpreter(version_of(runtime))
    program = (
        f"import sys; sys.path[:0] = [{str(code)!r}, {str(opt / 'python')!r}]\n"
        "import index, evermirror.invocation.fc2_fence"
    )

    ran = subprocess.run(
        [str(python), "-I", "-S", "-v", "-c", program],
        env={},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = [
        line
        for line in ran.stderr.splitlines()
        if "# code object from " in line and str(code.parent) in line
    ]
    assert len(loaded) > 200
    assert not [line for line in loaded if not line.endswith(".pyc'")]
    assert f"wrote '{code.parent}" not in ran.stderr
