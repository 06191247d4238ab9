"""The state file outlives the process, however that ends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localcloud.testing import ServedCloud

PATIENCE_S = 20.0


@contextmanager
def up(*options: str) -> Iterator[tuple[subprocess.Popen[str], ServedCloud]]:
    """`evermirror up` without functions; killed at the end at the latest."""
    command = [str(Path(sys.executable).with_name("evermirror")), "up", "--port", "0"]
    with subprocess.Popen(
        [*command, "--no-functions", "--speed", "0", *options], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            yield process, ServedCloud(ready["endpoint"])
        finally:
            process.kill()


def wait_for(path: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.0002)  # noqa: TID251 - another process writes the file


@pytest.mark.parametrize("kill", [1, 2])
def test_a_kill_in_the_middle_of_writing_leaves_the_last_complete_world(
    tmp_path: Path, kill: int
) -> None:
    fleet, state = tmp_path / "fleet.json", tmp_path / "state.json"
    fleet.write_text(json.dumps({"fleet": {"instances": 10_000, "sessions": 100}}))
    with up("--fleet", str(fleet), "--state", str(state)) as (process, _):
        for _ in range(kill):
            wait_for(state)
            wait_for(tmp_path / ".state.json.unfinished")
        process.kill()
        process.wait(PATIENCE_S)
    kept = json.loads(state.read_bytes())

    assert (len(kept["network_interfaces"]), len(kept["sessions"])) == (10_000, 100)
    with up("--state", str(state)) as (_, cloud):
        again = cloud.state()
    assert again == kept


def test_a_world_goes_on_where_it_ended(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with up("--state", str(state)) as (process, cloud):
        cloud.load({"fleet": {"instances": 3, "sessions": 1}, "settle_s": 7})
        before = cloud.state()
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    with up("--state", str(state)) as (_, cloud):
        assert cloud.state() == before
