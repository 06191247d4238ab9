"""The fixture for other people's tests, in a pytest run of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEST = """
import sys

LOADED_AT_START = {"pydantic", "h11", "localcloud.cloud"} & set(sys.modules)


def test_nothing_heavy_is_loaded_before_it_is_needed():
    assert LOADED_AT_START == set()


def test_a_cloud_is_served(local_cloud):
    cloud = local_cloud({"fleet": {"instances": 2, "sessions": 1}})
    cloud.advance(3)
    assert len(cloud.state()["network_interfaces"]) == 2


def test_two_clouds_are_two(local_cloud):
    assert local_cloud().endpoint != local_cloud(speed=1).endpoint
"""
OTHERS_OFF = ("-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:cacheprovider")


def test_the_fixture_serves_clouds_and_costs_nothing_until_then(tmp_path: Path) -> None:
    (tmp_path / "test_others.py").write_text(TEST)
    plugin = ("-p", "localcloud.pytest_plugin")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *OTHERS_OFF, *plugin, "test_others.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout


def test_the_package_registers_the_fixture() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert '[project.entry-points.pytest11]\n"localcloud.pytest_plugin"' in project
