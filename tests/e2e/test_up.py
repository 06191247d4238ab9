"""`evermirror up` as other people's scripts use it: its modes, its end, and what it refuses."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import httpx
import pytest

from commandline.control import Control
from tests.worlds import a_fleet, attached, eni, tms

from .processes import Up, all_gone, evermirror, outcome_of, up


def test_in_observe_mode_nothing_is_changed(fleet: Path) -> None:
    with up("--fleet", str(fleet), "--mode", "observe") as served:
        added = evermirror("add", eni(1), "--endpoint", served.endpoint, "--json")
        with Control(served.endpoint) as control:
            actions = {one["action"] for one in control.journal()}

    assert (added.returncode, outcome_of(added.stdout)) == (0, ("would_mirror", eni(1)))
    assert "DescribeNetworkInterfaces" in actions
    assert "AddSourcesToTrafficMirrorSession" not in actions


def test_without_functions_add_says_that_nobody_is_there() -> None:
    with up("--no-functions") as served:
        asked = evermirror("add", eni(1), "--endpoint", served.endpoint)

    assert asked.returncode == 1
    assert asked.stderr.startswith("Error: mirror: 404")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_everything_it_started(fleet: Path, number: int) -> None:
    with up("--fleet", str(fleet)) as served:
        evermirror("add", eni(1), "--endpoint", served.endpoint)
        children = served.children()

        assert children
        assert served.end(number) == 0
        assert all_gone(children)


@pytest.mark.prove
def test_a_signal_ends_it_in_the_middle_of_work(tmp_path: Path) -> None:
    file = tmp_path / "fleet.json"
    file.write_text(json.dumps(a_fleet([1], [1], settle_s=100.0)))
    with up("--fleet", str(file)) as served, Control(served.endpoint) as control:
        control.send(json.dumps(attached(1)).encode())
        until = time.monotonic() + 20
        while not any(one["action"].startswith("AddSources") for one in control.journal()):
            assert time.monotonic() < until, "mirror never began"
            time.sleep(0.05)  # noqa: TID251 - the served cloud's time is real
        children = served.children()

        assert served.end() == 0
        assert children
        assert all_gone(children)


def test_nothing_survives_its_sudden_death(fleet: Path) -> None:
    with up("--fleet", str(fleet)) as served:
        evermirror("add", eni(1), "--endpoint", served.endpoint)
        children = served.children()
        served.process.kill()
        served.process.wait(5)

        assert children
        assert all_gone(children)


def test_the_world_outlives_a_restart_and_a_kill(fleet: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    kept = ("--no-functions", "--fleet", str(fleet), "--state", str(state))
    with up(*kept) as served:
        httpx.put(f"{served.endpoint}/_local/fleet", json=a_fleet([7], [3]), trust_env=False)
        assert served.end() == 0

    with up(*kept) as served:
        after_restart = sessions_of(served)
        httpx.put(f"{served.endpoint}/_local/fleet", json=a_fleet([7], [4]), trust_env=False)
        until = time.monotonic() + 10
        while tms(4) not in state.read_text():
            assert time.monotonic() < until, "the world was not written"
            time.sleep(0.05)  # noqa: TID251 - the state is written in real time
        served.process.kill()
        served.process.wait(5)

    with up(*kept) as served:
        after_kill = sessions_of(served)

    assert (after_restart, after_kill) == ([tms(3)], [tms(4)])


def sessions_of(served: Up) -> list[str]:
    world = httpx.get(f"{served.endpoint}/_local/state", trust_env=False).json()
    return [one["id"] for one in world["sessions"]]


def test_time_that_is_stepped_stands_still_until_it_is_moved(fleet: Path) -> None:
    with up("--no-functions", "--speed", "0", "--fleet", str(fleet)) as served:
        clock = f"{served.endpoint}/_local/clock"
        first = httpx.post(clock, json={"advance_s": 3.0}, trust_env=False).json()["time"]
        second = httpx.post(clock, json={"advance_s": 2.0}, trust_env=False).json()["time"]

    assert second - first == pytest.approx(2.0)


def test_real_time_cannot_be_moved(cloud: Up) -> None:
    refused = httpx.post(f"{cloud.endpoint}/_local/clock", json={"advance_s": 3.0}, trust_env=False)

    assert refused.status_code == 409


def wrong(tmp_path: Path) -> dict[str, tuple[list[str], str]]:
    (tmp_path / "fleet.json").write_text('{"sesions": []}')
    (tmp_path / "policy.yaml").write_text("version: 1\npools: []\n")
    (tmp_path / "bytes.yml").write_bytes(b"\xff\xfe")
    (tmp_path / "open.yml").write_text("a:\n  - [\n")
    return {
        "missing fleet": (["--fleet", str(tmp_path / "absent.json")], "absent.json"),
        "wrong key": (["--fleet", str(tmp_path / "fleet.json")], "sesions"),
        "wrong policy": (["--policy", str(tmp_path / "policy.yaml")], "policy.yaml:2"),
        "missing template": (["--template", str(tmp_path / "no.yml")], "no.yml is not there"),
        "template of bytes": (["--template", str(tmp_path / "bytes.yml")], "not UTF-8"),
        "template not YAML": (["--template", str(tmp_path / "open.yml")], "open.yml:3: not YAML"),
    }


@pytest.mark.parametrize(
    "what",
    [
        "missing fleet",
        "wrong key",
        "wrong policy",
        "missing template",
        "template of bytes",
        "template not YAML",
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, what: str) -> None:
    arguments, said = wrong(tmp_path)[what]

    ended = evermirror("up", "--port", "0", *arguments)

    assert ended.returncode == 1
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "wrong",
    ["--port=99999", "--speed=-1", "--speed=nan", "--speed=inf", "--mode=dream", "--no-such"],
)
def test_wrong_usage_is_exit_status_2(wrong: str) -> None:
    ended = evermirror("up", wrong)

    assert ended.returncode == 2
    assert "Usage: evermirror up" in ended.stderr


def test_a_state_file_that_cannot_be_written_is_said_before_anything_is_ready(
    tmp_path: Path,
) -> None:
    ended = evermirror("up", "--port=0", "--no-functions", f"--state={tmp_path / 'no' / 'file'}")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"Error: {tmp_path / 'no' / 'file'}: No such file")


def test_a_port_in_use_is_said(cloud: Up) -> None:
    ended = evermirror("up", "--port", cloud.address.rpartition(":")[2], "--no-functions")

    assert ended.returncode == 1
    assert "address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_local_cloud_send_says_how_to_start_one(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text("{}")

    ended = evermirror("send", str(file), "--endpoint", "http://127.0.0.1:9")

    assert ended.returncode == 1
    assert "evermirror up" in ended.stderr


def test_the_key_of_the_local_cloud_is_used_on_loopback_only() -> None:
    ended = evermirror("add", eni(1), "--endpoint", "https://203.0.113.1:1")

    assert ended.returncode == 1
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in ended.stderr


def test_the_demonstration_is_as_it_should_be() -> None:
    began = time.monotonic()
    ended = evermirror("demonstrate", "--json")

    assert time.monotonic() - began < 45
    shown = json.loads(ended.stdout)
    assert (ended.returncode, shown["problems"]) == (0, [])
    stages = [shown["coverage"][name] for name in ("before", "after", "swept")]
    assert [stage["mirrored"] for stage in stages] == [12, 30, 37]
    assert shown["explained"]["verified"]["code"] == "OperationDenied.EcsNotSupportTrafficMirror"
