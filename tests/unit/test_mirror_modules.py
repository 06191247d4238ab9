"""What mirror imports is what a cold start pays for, so it changes only when somebody says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from commandline.default_policy import default_policy
from commandline.packages.requirements import Target, read_pins
from evermirror.policy import dump
from localcloud.testing import serving
from tests.worlds import a_fleet, attached, tms

ROOT = Path(__file__).parents[2]
LISTED = ROOT / "tests/data/mirror_modules.txt"
PROGRAM = """
import sys, time
started = set(sys.modules)
sys.path[:0] = sys.argv[1:]
time.sleep = lambda _seconds: None
from types import SimpleNamespace
import index
context = SimpleNamespace(
    request_id="1-1", account_id="1234567890123456", region="cn-hongkong",
    function=SimpleNamespace(name="mirror", timeout=240),
)
answer = index.handler(sys.stdin.buffer.read(), context)
assert '"mirrored"' in answer, answer
print(*sorted(set(sys.modules) - started), sep="\\n", file=sys.stderr)
"""


@pytest.fixture
def runtime_set(tmp_path: Path) -> Path:
    """The packages of the dependencies layer, without what else is installed for tests."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for pin in read_pins(ROOT / "requirements/runtime.txt"):
        if pin.applies_to(Target(f"python{sys.version_info.major}.{sys.version_info.minor}")):
            installed = distribution(pin.requirement.name)
            for top in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
                (packages / top).symlink_to(str(installed.locate_file(top)))
    return packages


def imported(policy: Path, packages: Path) -> set[str]:
    """Modules of a fresh process that has served one event, without those of its own start."""
    folders = [ROOT / "functions/mirror", ROOT / "layers/evermirror/python", packages]
    with serving(a_fleet([1], [1], settle_s=0), speed=1.0) as cloud:
        environment = {
            "EVERMIRROR_MODE": "act",
            "EVERMIRROR_POLICY": str(policy),
            "EVERMIRROR_ENDPOINT": cloud.endpoint,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "local-access-key-id",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-access-key-secret",
            "PATH": os.defpath,
        }
        ran = subprocess.run(
            [sys.executable, "-I", "-S", "-c", PROGRAM, *map(str, folders)],
            input=json.dumps(attached(1)).encode(),
            env=environment,
            capture_output=True,
            check=False,
        )
    told = ran.stderr.decode()
    assert ran.returncode == 0, told
    return set(told.split())


def shortened(modules: set[str]) -> set[str]:
    """Every module of ours; of others the package, without what is private in it."""
    ours = {name for name in modules if name.split(".")[0] == "evermirror"}
    others = {name.split(".")[0] for name in modules - ours}
    return ours | {name for name in others if not name.startswith("_") and name != "index"}


def test_mirror_imports_what_is_listed_and_nothing_else(runtime_set: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_bytes(dump(default_policy([tms(1)], set())))
    listed = set(LISTED.read_text(encoding="utf-8").split())

    found = shortened(imported(policy, runtime_set))

    added = sorted(found - listed)
    # The standard library differs from version to version: what a version does not need may stay.
    gone = sorted(name for name in listed - found if name.startswith("evermirror"))
    assert (added, gone) == ([], []), (
        f"a cold start of mirror imports {added} that {LISTED.relative_to(ROOT)} does not list, "
        f"and no longer {gone}: import it where it is needed, or change the list"
    )
