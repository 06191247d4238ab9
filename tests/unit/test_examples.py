"""The examples name what is there: parameters of the template, packages, files of the repository.

A stand-in for the vendor's command line writes down what it is asked for; nothing is deployed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evermirror.stack_key import StackKey
from localcloud.functioncompute.template import read_document

ROOT = Path(__file__).parents[2]
STAND_IN = """#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done >> "$TOLD"
printf '\\n' >> "$TOLD"
[ "$2" = ListStacks ] && cat "$STACKS"
exit 0
"""


def parameters() -> set[str]:
    document: Any = read_document(ROOT / "template.yml")
    return set(document["Parameters"])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What deploy.sh needs of a checkout, with two packages and a stand-in for `aliyun`."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "template.yml", tmp_path / "template.yml")
    (tmp_path / ".build").mkdir()
    for name in ("mirror.zip", "policy.zip", "SHA256SUMS"):
        (tmp_path / ".build" / name).write_bytes(b"")
    (tmp_path / "aliyun").write_text(STAND_IN)
    (tmp_path / "aliyun").chmod(0o755)
    (tmp_path / "stacks.json").write_text("{}")
    return tmp_path


def deploy(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(checkout / "examples/command-line/deploy.sh"), *words],
        check=False,
        capture_output=True,
        text=True,
        env={
            "PATH": "/usr/bin:/bin",
            "ALIYUN": str(checkout / "aliyun"),
            "TOLD": str(checkout / "told"),
            "STACKS": str(checkout / "stacks.json"),
        },
    )


def told(checkout: Path) -> list[list[str]]:
    calls = (checkout / "told").read_text().split("\0\n")
    return [call.split("\0") for call in calls if call]


def test_a_first_deployment_uploads_every_package_and_creates_the_stack(checkout: Path) -> None:
    ran = deploy(
        checkout, "packages", "evermirror/1", "mirrors", "Mode=observe", "Channels=it's a=b"
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    calls = told(checkout)
    uploaded = [call[3] for call in calls if call[:2] == ["oss", "cp"]]
    assert uploaded == [
        "oss://packages/evermirror/1/mirror.zip",
        "oss://packages/evermirror/1/policy.zip",
    ]
    (created,) = [call for call in calls if call[:2] == ["ros", "CreateStack"]]
    given = dict(zip(created[2::2], created[3::2], strict=True))
    assert given["--TemplateBody"] == (ROOT / "template.yml").read_text().rstrip("\n")
    assert given["--Parameters.2.ParameterValue"] == "evermirror/1/"
    assert given["--Parameters.4.ParameterKey"] == "Channels"
    assert given["--Parameters.4.ParameterValue"] == "it's a=b"
    keys = {value for key, value in given.items() if key.endswith("ParameterKey")}
    assert keys <= parameters()
    assert given["--Parameters.5.ParameterKey"] == "StackKey"
    assert StackKey([given["--Parameters.5.ParameterValue"]])


def test_a_key_that_is_given_is_the_key(checkout: Path) -> None:
    deploy(checkout, "packages", "p", "mirrors", "StackKey=mine")

    (created,) = [call for call in told(checkout) if call[:2] == ["ros", "CreateStack"]]
    assert created.count("StackKey") == 1
    assert "mine" in created


def test_a_second_deployment_updates_the_stack_that_is_there(checkout: Path) -> None:
    (checkout / "stacks.json").write_text(json.dumps({"Stacks": [{"StackId": "st-1"}]}))

    assert deploy(checkout, "packages", "evermirror/2/", "mirrors").returncode == 0

    (updated,) = [call for call in told(checkout) if call[:2] == ["ros", "UpdateStack"]]
    assert updated[2:6] == ["--StackId", "st-1", "--UsePreviousParameters", "true"]
    assert "StackKey" not in updated


@pytest.mark.parametrize(
    ("words", "sentence"),
    [((), "usage:"), (("b", "p", "s", "Mode"), "'Mode' is not Key=Value")],
)
def test_a_wrong_call_is_told_in_one_sentence(
    checkout: Path, words: tuple[str, ...], sentence: str
) -> None:
    ran = deploy(checkout, *words)
    assert ran.returncode == 1
    assert sentence in ran.stderr


def test_without_packages_nothing_is_deployed(checkout: Path) -> None:
    (checkout / ".build/SHA256SUMS").unlink()
    ran = deploy(checkout, "packages", "p", "mirrors")
    assert (ran.returncode, "make build" in ran.stderr) == (1, True)
    assert not (checkout / "told").exists()


def test_terraform_names_parameters_and_files_that_exist() -> None:
    text = (ROOT / "examples/terraform/stack/main.tf").read_text()
    named = re.findall(r'parameter_key\s*=\s*"(\w+)"', text)
    assert named
    assert set(named) <= parameters()
    assert (ROOT / "examples/terraform/stack" / "../../.." / "template.yml").is_file()


def test_sessions_of_terraform_leave_their_sources_alone() -> None:
    text = (ROOT / "examples/terraform/sessions/main.tf").read_text()
    assert "ignore_changes = [traffic_mirror_source_ids]" in text


def test_what_the_guide_names_as_a_parameter_is_one() -> None:
    text = (ROOT / "examples/README.md").read_text()
    named = set(re.findall(r"`([A-Z][A-Za-z]+)(?:=[^`]*)?`", text)) - {
        "AttachNetworkInterface",
        "ActiveMessages",
        "MirrorAsynchronous",
        "Resource",
    }
    assert {"Mode", "CodePrefix", "MaxSources"} <= named
    assert named <= parameters()
