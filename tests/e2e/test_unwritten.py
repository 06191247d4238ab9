"""What cannot be written ends in one sentence, on a machine that sets no variable at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pytest

from commandline.main import main
from tests.worlds import eni

from .processes import EVERMIRROR, Up

ROOT = Path(__file__).parents[2]
DEMONSTRATION = "local/commandline/demonstration"
POLICY = f"{DEMONSTRATION}/policy.yaml"
FLEET = f"{DEMONSTRATION}/fleet.json"
EVENT = "events/mirror/attach-by-api.json"

ALONE = [
    ("--help",),
    ("--version",),
    ("policy", "try", "--help"),
    ("policy", "check", POLICY),
    ("policy", "check", POLICY, "--json"),
    ("up", "--port", "0", "--no-functions", "--fleet", FLEET),
]
ASKING = [
    ("coverage",),
    ("explain", eni(1)),
    ("plan",),
    ("add", eni(1)),
    ("send", EVENT),
    ("sweep",),
]
IN_JSON = [(*command, "--json") for command in ASKING]
"""As those before, told which local cloud to ask."""

MORE = [
    *((name, "--help") for name in main.commands),
    ("policy", "try", POLICY, "--interface", "{}"),
    ("demonstrate",),
]

MODULES = [("tests.simulation", "--seeds", "1"), ("tests.simulation", "--help")]
"""What `make` starts beside the command."""

SLOW = pytest.mark.timeout(300)
BARE: dict[str, str] = {}
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
"""Where it is set, Python keeps nothing that it could try to write a second time."""

ENVIRONMENTS = [
    pytest.param(BARE, id="bare"),
    pytest.param(UNBUFFERED, id="unbuffered", marks=pytest.mark.prove),
]


@pytest.fixture
def full() -> Iterator[IO[bytes]]:
    with Path("/dev/full").open("wb", buffering=0) as disk:
        yield disk


@pytest.fixture
def left() -> Iterator[IO[bytes]]:
    """A pipe whose reader is gone."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        yield pipe


def ended(
    command: Sequence[str],
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
    environment: Mapping[str, str] = BARE,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdout=stdout,
        stderr=stderr,
        env=environment,
        cwd=ROOT,
        text=True,
        check=False,
    )


def asked(cloud: Up, command: Sequence[str]) -> list[str]:
    there = ("--endpoint", cloud.endpoint) if tuple(command) in {*ASKING, *IN_JSON} else ()
    return [EVERMIRROR, *command, *there]


def proved(commands: Sequence[tuple[str, ...]]) -> list[pytest.ParameterSet]:
    return [pytest.param(one, marks=[pytest.mark.prove, SLOW]) for one in commands]


def module(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", *command]


def complaints(run: subprocess.CompletedProcess[str]) -> list[str]:
    """What is said on stderr, but for how far it is on a slow machine."""
    return [
        line for line in run.stderr.splitlines() if not line.startswith(("waiting for", "reading:"))
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("command", [*ALONE, *ASKING, *proved([*IN_JSON, *MORE])], ids=" ".join)
def test_a_disk_that_is_full_is_told_in_one_sentence(
    cloud: Up, full: IO[bytes], command: tuple[str, ...], environment: dict[str, str]
) -> None:
    run = ended(asked(cloud, command), stdout=full, environment=environment)

    assert (run.returncode, complaints(run)) == (1, ["Error: No space left on device"])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    "command",
    [*ALONE[:1], *ASKING[:1], *proved([*ALONE[1:], *ASKING[1:], *IN_JSON, *MORE])],
    ids=" ".join,
)
def test_a_reader_who_is_gone_is_told_nothing(
    cloud: Up, left: IO[bytes], command: tuple[str, ...], environment: dict[str, str]
) -> None:
    run = ended(asked(cloud, command), stdout=left, environment=environment)

    assert (run.returncode, complaints(run)) == (1, [])


@pytest.mark.parametrize("command", MODULES, ids=" ".join)
def test_what_make_starts_beside_the_command_ends_as_it_does(
    full: IO[bytes], left: IO[bytes], command: tuple[str, ...]
) -> None:
    told = ended(module(command), stdout=full)
    alone = ended(module(command), stdout=left)

    assert (told.returncode, told.stderr) == (1, "Error: No space left on device\n")
    assert (alone.returncode, alone.stderr) == (1, "")


def test_where_no_sentence_can_be_told_either_the_status_says_it(full: IO[bytes]) -> None:
    assert ended([EVERMIRROR, "--version"], stdout=full, stderr=full).returncode == 1


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_note_that_cannot_be_told_costs_neither_the_work_nor_its_status(
    cloud: Up, full: IO[bytes], tmp_path: Path, environment: dict[str, str]
) -> None:
    words = tmp_path / "words"
    words.write_text("no JSON")
    send = [EVERMIRROR, "send", "--json", str(words), "--endpoint", cloud.endpoint]

    sent = ended(send, stderr=full, environment=environment)
    wrong = ended([EVERMIRROR, "nothing"], stderr=full, environment=environment)

    assert sent.returncode == 0
    assert json.loads(sent.stdout)["sent"] == [str(words)]
    assert wrong.returncode == 2
