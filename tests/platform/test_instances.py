"""Instances die as processes do, and take everything they started with them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from localcloud.credentials import Caller
from localcloud.functioncompute.call import Call
from localcloud.messages import Reset
from tests.platform.conftest import is_running, wait_until

FAMILY = """
import os, subprocess, sys, pathlib, time

def handler(event, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path(os.environ["NOTE"]).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600 if event == b"hang" else 0)
    return "done"
"""


def family(note: Path) -> list[int]:
    assert wait_until(lambda: note.exists() and len(note.read_text().split()) == 2)
    return [int(one) for one in note.read_text().split()]


def test_a_timeout_kills_the_function_and_its_children(workshop: Any, tmp_path: Path) -> None:
    note = tmp_path / "note"
    workshop.function("it", FAMILY, Timeout=1, EnvironmentVariables={"NOTE": str(note)})
    served = workshop.serve()
    began = time.monotonic()
    invoked = served.run(served.platform.invocations.invoke("it", b"hang"))
    assert time.monotonic() - began < 3
    assert invoked.error_type == "UnhandledInvocationError"
    assert json.loads(invoked.body) == {"errorMessage": "Function timed out after 1 seconds"}
    members = family(note)
    assert wait_until(lambda: not any(map(is_running, members)))
    # What it was doing is in its log, as the runtime shows it on SIGTERM.
    lines = [one["text"] for one in served.control("GET", "functions/it/log")]
    assert any("in handler" in line for line in lines)


@pytest.mark.parametrize("end", ["os._exit(3)", "sys.exit()", "os.kill(os.getpid(), 9)"])
def test_a_process_that_ends_is_a_function_error(workshop: Any, end: str) -> None:
    workshop.function(
        "it",
        f"import os, sys\ndef handler(event, context):\n    if event == b'end':\n        {end}\n"
        "    return os.getpid()\n",
    )
    served = workshop.serve()
    first = served.run(served.platform.invocations.invoke("it", b""))
    ended = served.run(served.platform.invocations.invoke("it", b"end"))
    assert ended.error_type == "UnhandledInvocationError"
    assert b"Process exited unexpectedly before completing request" in ended.body
    after = served.run(served.platform.invocations.invoke("it", b""))
    assert after.error_type is None
    assert after.body != first.body


def test_killing_a_function_ends_its_invocation_at_once(workshop: Any, tmp_path: Path) -> None:
    note = tmp_path / "note"
    workshop.function("it", FAMILY, EnvironmentVariables={"NOTE": str(note)})
    served = workshop.serve()
    running = served.submit(served.platform.invocations.invoke("it", b"hang"))
    members = family(note)
    assert served.control("POST", "functions/it/kill") == {"killed": 1}
    assert running.result(5).error_type == "UnhandledInvocationError"
    assert wait_until(lambda: not any(map(is_running, members)))
    assert served.idle()["idle"]


def test_closing_leaves_no_process(workshop: Any, tmp_path: Path) -> None:
    note = tmp_path / "note"
    workshop.function("it", FAMILY, EnvironmentVariables={"NOTE": str(note)})
    served = workshop.serve()
    served.submit(served.platform.invocations.invoke("it", b"hang"))
    members = family(note)
    began = time.monotonic()
    workshop.stack.close()
    assert time.monotonic() - began < 5
    # Killed they are; the kernel may still be at it on a busy machine.
    assert wait_until(lambda: not any(map(is_running, members)))
    assert not (workshop.folder / "run/opt").exists()


LAUNCH = """
import asyncio, secrets, sys, time
from pathlib import Path
from localcloud.clock import clock_at_speed
from localcloud.credentials import Keyring
from localcloud.faults import Faults
from localcloud.functioncompute.stack import read_stack
from localcloud.functioncompute.template import Deployment
from localcloud.platform import Platform, Settings, Surroundings

async def main(folder):
    clock = clock_at_speed(1, time.time(), time.monotonic)
    stack = read_stack(folder / "template.yml", Deployment("1234567890123456", "cn-hongkong"), {})
    platform = Platform(
        Settings(stack, folder, folder / "run", packages=()),
        Surroundings(clock, Faults(clock.now), Keyring(), time.time, time.monotonic,
                     lambda: secrets.token_hex(16)),
    )
    await platform.start()
    await platform.invocations.invoke("it", b"hang")

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_function_outlives_a_killed_local_cloud(
    workshop: Any, tmp_path: Path, how: signal.Signals
) -> None:
    note = tmp_path / "note"
    workshop.function("it", FAMILY, EnvironmentVariables={"NOTE": str(note)})
    workshop.write()
    parent = subprocess.Popen([sys.executable, "-c", LAUNCH, str(workshop.folder)])
    try:
        members = family(note)
        parent.send_signal(how)
        parent.wait(5)
        assert wait_until(lambda: not any(map(is_running, members)))
    finally:
        parent.kill()
        parent.wait(5)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_fault_ends_the_instance_that_calls(
    workshop: Any, tmp_path: Path, moment: str
) -> None:
    note = tmp_path / "note"
    workshop.function("it", FAMILY, EnvironmentVariables={"NOTE": str(note)})
    workshop.function("other", "def handler(event, context):\n    return 'ok'\n")
    served = workshop.serve()
    served.cloud.set_faults([{"action": "InvokeFunction:other", "do": {"kill": moment}}])
    running = served.submit(served.platform.invocations.invoke("it", b"hang"))
    members = family(note)
    (instance_id,) = served.platform.functions["it"].instance_ids
    call = served.platform.endpoints.call(
        Call("other", b"{}", asynchronous=True), Caller("it", instance_id)
    )
    with pytest.raises(Reset):
        served.run(call)
    assert running.result(5).error_type == "UnhandledInvocationError"
    assert wait_until(lambda: not any(map(is_running, members)))
    assert served.idle()["idle"]
    # Killed before the call nothing was accepted, killed after it the invocation was.
    assert len(served.control("GET", "invocations")) == (moment == "after")
