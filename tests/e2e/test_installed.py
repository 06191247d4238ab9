"""Installed as anybody would, away from the checkout, the local cloud serves and tests."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEST = """
import time


def test_the_fixture(local_cloud):
    local_cloud()
    began = time.perf_counter()
    cloud = local_cloud({"fleet": {"instances": 2, "sessions": 1}})
    assert time.perf_counter() - began < 0.05
    assert len(cloud.state()["network_interfaces"]) == 2
"""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_an_empty_environment_has_a_local_cloud_and_its_fixture(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    pip = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input")
    run(*pip, "--require-hashes", "-r", "requirements/build.txt")
    run(*pip, "--require-hashes", "--no-build-isolation", "-r", "requirements/local.txt")
    run(*pip, "--no-deps", "--no-build-isolation", "--no-index", ".")
    run(*pip, f"pytest=={version('pytest')}")
    (tmp_path / "test_others.py").write_text(TEST)

    assert "1 passed" in run(python, "-m", "pytest", "-q", "test_others.py", cwd=tmp_path)
    served = [str(tmp_path / "venv/bin/evermirror"), "up", "--no-functions", "--port", "0"]
    with subprocess.Popen(served, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(10) == 0
    assert ready["ready"] is True
    assert sys.prefix not in run(python, "-c", "import localcloud; print(localcloud.__file__)")
