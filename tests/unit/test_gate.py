"""What a change must pass runs as on a machine that sets nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMES_ALONG = {
    "HOME": "/home/of/somebody",
    "PIP_INDEX_URL": "http://index.example/simple",
    "SSL_CERT_FILE": "/certificates with spaces.pem",
    "https_proxy": "http://proxy.example:3128",
}
STAYS = {
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHON": "python2",
    "PIP_TARGET": "/elsewhere",
    "MAKEFLAGS": "-n",
    "LANG": "de_DE.UTF-8",
    "TZ": "Asia/Hong_Kong",
    "EVERMIRROR_MODE": "paused",
}
SET_BY_THE_SHELL_ITSELF = {"PWD", "OLDPWD", "SHLVL", "_"}


@pytest.fixture
def told(tmp_path: Path) -> list[str]:
    """What a make in the place of the real one was asked for and found set."""
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "asked: $*"\nenv\n')
    make.chmod(0o755)
    ran = subprocess.run(
        [ROOT / ".ci/run", "PYTHON=python3.12"],
        env={"PATH": f"{tmp_path}:{os.defpath}", **COMES_ALONG, **STAYS},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.splitlines()


def test_the_gate_runs_the_product_the_checks_the_build_and_the_first_of_the_full_sizes(
    told: list[str],
) -> None:
    asked = [line.removeprefix("asked: ") for line in told if line.startswith("asked: ")]

    tasks = ("run", "check", "build", "BOUNDED=yes prove")
    assert asked == [f"PYTHON=python3.12 {task}" for task in tasks]


def test_no_variable_of_the_machine_reaches_it_but_those_of_the_package_index(
    told: list[str], tmp_path: Path
) -> None:
    variables = dict(line.split("=", 1) for line in told if not line.startswith("asked: "))
    found = {
        name: value for name, value in variables.items() if name not in SET_BY_THE_SHELL_ITSELF
    }

    assert found == {"PATH": f"{tmp_path}:{os.defpath}", **COMES_ALONG}
