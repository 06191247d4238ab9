"""`evermirror` as people and scripts start it: arguments in, lines and an exit status out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EVERMIRROR = str(Path(sys.executable).with_name("evermirror"))


class Up:
    """A running `evermirror up`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        self.endpoint: str = ready["endpoint"]
        self.address = self.endpoint.removeprefix("http://")

    def children(self) -> list[int]:
        """Every process below it, by their ids."""
        found, new = [], [self.process.pid]
        while new:
            parent = new.pop()
            task = Path(f"/proc/{parent}/task/{parent}/children")
            below = [int(one) for one in task.read_text().split()] if task.exists() else []
            found += below
            new += below
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal and waits, at most the five seconds that were promised."""
        self.process.send_signal(number)
        return self.process.wait(5)


@contextmanager
def up(*arguments: str) -> Iterator[Up]:
    process = subprocess.Popen(
        [EVERMIRROR, "up", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Up(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def evermirror(
    *arguments: str, timeout_s: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EVERMIRROR, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
        env={"PATH": os.defpath, **environment},
    )


def all_gone(processes: list[int], within_s: float = 5.0) -> bool:
    until = time.monotonic() + within_s
    while any(_is_alive(one) for one in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)  # noqa: TID251 - processes end in real time
    return True


def _is_alive(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def outcome_of(answer: str | bytes) -> tuple[str, str]:
    """The one outcome that mirror answered, and the interface that it is about."""
    (told,) = json.loads(answer)["outcomes"]
    return told["outcome"], told["network_interface_id"]
