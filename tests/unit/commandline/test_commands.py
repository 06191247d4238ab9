"""`evermirror` as a whole: help everywhere, `send`, `build`, and tables that show what is there."""

from __future__ import annotations

import fcntl
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from rich.console import Console

from commandline.assembly import Parts, attach_platform
from commandline.main import main
from commandline.tables import coloured, seconds, show
from localcloud.cloud import LocalCloud
from localcloud.http import Request, Response
from localcloud.testing import ServedCloud, serving
from localcloud.waiting import Waiting
from localcloud.world.fleet import parse_fleet
from tests.worlds import a_fleet, a_session, eni, instance, tms

from .conftest import Answering, run


def every_command(group: click.Group, *above: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [above]
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += every_command(command, *above, name)
        else:
            found.append((*above, name))
    return found


@pytest.mark.parametrize("command", every_command(main), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    explained = run(*command, "--help")

    assert explained.exit_code == 0
    assert explained.stdout.startswith("Usage: ")
    assert len(explained.stdout.split("\n\n")[1].strip()) > 20


@pytest.fixture
def event(tmp_path: Path) -> Path:
    file = tmp_path / "event.json"
    file.write_text("{}")
    return file


def test_without_a_local_cloud_send_says_how_to_start_one(event: Path) -> None:
    sent = run("send", event, "--endpoint", "http://127.0.0.1:9")

    assert sent.exit_code == 1
    assert "start one with: evermirror up" in sent.stderr


def test_send_to_something_else_than_a_local_cloud_is_told(
    event: Path, answering: Answering
) -> None:
    sent = run("send", event, "--endpoint", answering(200, b"<html>"))

    assert sent.exit_code == 1
    assert sent.stderr.endswith("is no local cloud\n")


def test_send_to_a_cloud_without_functions_is_told(event: Path) -> None:
    with serving() as cloud:
        sent = run("send", event, "--endpoint", cloud.endpoint)

    assert sent.exit_code == 1
    assert sent.stderr.startswith("Error: GET /_local/outcomes: 404")


@pytest.mark.parametrize("arguments", [["absent.json"], [], ["--duplicate", "0"]])
def test_send_with_nothing_to_send_is_wrong_usage(arguments: list[str]) -> None:
    assert run("send", *arguments).exit_code == 2


def test_build_of_a_wrong_policy_names_the_line(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\npools: []\n")

    built = run("build", "--policy", policy, "--into", tmp_path)

    assert built.exit_code == 1
    assert "policy.yaml:2" in built.stderr
    assert list(tmp_path.iterdir()) == [policy]


def test_build_into_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    place = tmp_path / "taken" / "below"

    built = run("build", "--into", place)

    assert built.exit_code == 1
    assert built.stderr == f"Error: {place}: Not a directory\n"


@pytest.mark.parametrize("words", ["[web]", "[/]", "[bold]x[/bold]", "a → b"])
def test_a_table_shows_words_as_they_are(words: str) -> None:
    paper = io.StringIO()

    show(("what",), [(words,)], Console(file=paper, width=40))

    assert paper.getvalue().splitlines()[1].strip() == words


def test_every_outcome_can_be_shown_even_one_that_has_no_colour() -> None:
    assert (coloured("mirrored").plain, coloured("mirrored").style) == ("mirrored", "green")
    assert coloured("of a later version").plain == "of a later version"


def test_seconds_that_nobody_knows_are_left_empty() -> None:
    assert (seconds(None), seconds(0.0), seconds(12.345)) == ("", "0.0", "12.3")


def test_send_that_waits_in_vain_says_so(event: Path) -> None:
    with serving(prepare=_never_idle) as cloud:
        sent = run("send", event, "--wait-s", "0", "--json", "--endpoint", cloud.endpoint)

    assert sent.exit_code == 1
    assert json.loads(sent.stdout)["idle"]["idle"] is False
    assert "work was still under way after 0 s" in sent.stderr


@pytest.fixture(scope="module")
def working() -> Iterator[ServedCloud]:
    """A local cloud with the template's bus and functions."""
    with tempfile.TemporaryDirectory() as folder:

        async def prepare(cloud: LocalCloud) -> None:
            parts = Parts(parse_fleet(json.dumps(a_fleet([1], [1])).encode()))
            await attach_platform(cloud, parts, Path(folder))

        with serving(a_fleet([1], [1]), speed=1.0, prepare=prepare) as cloud:
            yield cloud


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (b'{"source": "acs.ecs", "type": "of no interest", "id": "1"}', "no rule of the bus"),
        (b"neither brackets nor braces", "no JSON; delivered as it is"),
    ],
    ids=["let through by no rule", "no JSON"],
)
def test_an_event_of_which_nothing_will_come_is_told_and_delivered_all_the_same(
    working: ServedCloud, tmp_path: Path, event: bytes, said: str
) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(event)

    sent = run("send", file, "--wait-s", "20", "--endpoint", working.endpoint)

    assert sent.exit_code == 0, sent.stderr
    assert f"{file}: {said}" in sent.stderr
    assert sent.stdout.splitlines() == ["sent 1 file(s)", "no outcome was told"]


def test_an_instance_is_asked_for_as_its_interfaces_are(working: ServedCloud) -> None:
    asked = run("add", instance(1), "--endpoint", working.endpoint)

    assert asked.exit_code == 0, asked.stdout
    assert eni(1) in working.state()["sessions"][0]["sources"]


async def _never_idle(cloud: LocalCloud) -> None:
    cloud.platform = NeverIdle()


class NeverIdle:
    """Stands where functions would run, and always has something left to do."""

    waiting = Waiting()

    def resume(self, waiting: Waiting) -> None:
        """Has enough to do."""

    async def handle(self, request: Request) -> Response:  # noqa: ARG002 - a platform is asked so
        return Response(404)

    async def control(self, request: Request) -> Response | None:
        answers = {
            "/_local/idle": b'{"idle": false, "dead_letters": 0}',
            "/_local/outcomes": b"[]",
            "/_local/deliveries": b"[]",
            "/_local/events": b"{}",
        }
        body = answers.get(request.path)
        return None if body is None else Response(body=body)

    def publish(self, event: Mapping[str, Any]) -> None:
        raise AssertionError(f"nothing is raised here: {event}")

    def expect_events(self, more: bool) -> None:
        assert not more

    async def kill_instance(self, instance_id: str) -> None:
        """Has none."""

    async def close(self) -> None:
        """Holds nothing."""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("how", [(), ("--json",)], ids=str)
def test_what_the_encoding_cannot_write_costs_no_answer(
    tmp_path: Path, encoding: str, how: tuple[str, ...]
) -> None:
    policy = tmp_path / "policy.json"
    name = "\N{SNOWMAN}"
    rules = [{"name": name, "match": {"type": "Secondary"}, "pool": "ids"}]
    document = {"version": 1, "pools": {"ids": {"sessions": [tms(1)]}}, "rules": rules}
    policy.write_text(json.dumps({**document, "default": {"pool": "ids"}}))
    command = "from commandline.main import main; main()"
    with serving(a_fleet([1], [a_session(1, 1)])) as cloud:
        where = ("--endpoint", cloud.endpoint, "--current", str(policy))
        ended = subprocess.run(
            [sys.executable, "-c", command, "plan", *where, *how],
            env={"PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )

    assert (ended.returncode, ended.stderr) == (0, b"")
    if how:
        assert json.loads(ended.stdout)["rules"][0]["name"] == name
    else:
        assert b"? price of a month" in ended.stdout


def test_a_world_without_a_fleet_file_is_said_to_be_empty() -> None:
    command = "from commandline.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", command, "up", "--port", "0", "--no-functions"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        ready = json.loads(served.stdout.readline())
        served.terminate()
        _, said = served.communicate(timeout=20)

    assert ready["ready"] is True
    assert said == "no fleet file: the world is empty\n"
    assert "without, it is empty" in " ".join(run("up", "--help").stdout.split())


def test_a_world_that_another_local_cloud_keeps_is_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "world.json"
    state.write_text("{}")
    with (tmp_path / ".world.json.lock").open("w", encoding="utf-8") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)

        ended = run("up", "--port", "0", "--no-functions", "--state", state)

    assert ended.exit_code == 1
    assert f"{state}: another `evermirror up` keeps its world there" in ended.stderr
    assert state.read_text() == "{}"
