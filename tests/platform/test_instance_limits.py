"""What an instance may take and touch: memory, time, size of its answer, its disk."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.platform.conftest import is_running, wait_until

GREEDY = """
import subprocess, sys, time

def handler(event, context):
    if event == b"child":
        held = "import time; held = b'x' * 200 * 2**20; time.sleep(60)"
        subprocess.run([sys.executable, "-c", held])
    held = b"x" * (200 * 2**20) if event else b""
    time.sleep(60 if event == b"hold" else 0)
    return len(held)
"""


@pytest.mark.parametrize("how", [b"hold", b"child", b"moment"])
def test_more_memory_than_the_function_has_ends_its_instance(workshop: Any, how: bytes) -> None:
    workshop.function("it", GREEDY, MemorySize=128)
    served = workshop.serve()
    assert served.run(served.platform.invocations.invoke("it", b"")).error_type is None
    (instance,) = served.processes()
    began = time.monotonic()
    invoked = served.run(served.platform.invocations.invoke("it", how))
    assert time.monotonic() - began < 5
    assert invoked.error_type == "UnhandledInvocationError"
    message = "Function ran out of memory: it may have 128 MB"
    assert json.loads(invoked.body) == {"errorMessage": message}
    assert not is_running(instance)
    last = served.control("GET", "functions/it/log")[-1]["text"]
    assert last == f"FC Invoke End RequestId: {invoked.request_id}, Error: {message}"
    assert served.run(served.platform.invocations.invoke("it", b"")).body == b"0"


def test_the_memory_reported_is_the_functions_own(workshop: Any) -> None:
    workshop.function("it", GREEDY, MemorySize=1024)
    served = workshop.serve()
    small = served.run(served.platform.invocations.invoke("it", b""))
    large = served.run(served.platform.invocations.invoke("it", b"moment"))
    assert small.memory_mb < 40
    assert 200 < large.memory_mb < 260


def test_a_result_above_32_mb_is_a_function_error(workshop: Any) -> None:
    code = "def handler(event, context):\n    return b'x' * (32 * 2**20 + int(event))\n"
    workshop.function("it", code)
    served = workshop.serve()
    assert served.run(served.platform.invocations.invoke("it", b"0")).error_type is None
    invoked = served.run(served.platform.invocations.invoke("it", b"1"))
    assert invoked.error_type == "UnhandledInvocationError"
    assert b"response size exceeds" in invoked.body


WRITER = """
import os, pathlib, shutil, tempfile

def handler(event, context):
    here = pathlib.Path(__file__)
    attempts = {
        "append": lambda: here.open("a"),
        "create": lambda: (here.parent / "new").write_text("x"),
        "relative": lambda: open("new", "w"),
        "descriptor": lambda: os.open(str(here), os.O_RDWR),
        "folder": lambda: (here.parent / "folder").mkdir(),
        "remove": lambda: here.unlink(),
        "rename": lambda: here.rename("/tmp/elsewhere"),
        "copy in": lambda: shutil.copy(here, here.parent / "copy"),
        "chmod": lambda: here.chmod(0o777),
        "layer": lambda: (pathlib.Path(os.environ["LAYER"]) / "python/new").write_text("x"),
    }
    found = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            found[name] = "done"
        except OSError as error:
            found[name] = error.strerror
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "note").write_text("x")
    import beside
    return found
"""


def test_code_and_layers_cannot_be_written_to_and_nothing_is_left_in_them(workshop: Any) -> None:
    layer = workshop.folder / "layer/python"
    layer.mkdir(parents=True)
    workshop.folders["layer"] = "layer"
    workshop.resource("layer", "ALIYUN::FC3::LayerVersion", LayerName="layer")
    workshop.function(
        "it",
        WRITER,
        Layers=[{"Fn::GetAtt": ["layer", "LayerVersionArn"]}],
        EnvironmentVariables={"LAYER": "/opt"},
    )
    (workshop.folder / "it/beside.py").write_text("")
    served = workshop.serve()
    invoked = served.run(served.platform.invocations.invoke("it", b""))
    assert invoked.error_type is None, invoked.body
    assert set(json.loads(invoked.body).values()) == {"Read-only file system"}, invoked.body
    left = sorted(path.name for path in (workshop.folder / "it").iterdir())
    assert left == ["beside.py", "index.py"]
    assert list(layer.iterdir()) == []


HOOKS = """
import os, pathlib, time

note = pathlib.Path(os.environ["NOTE"])

def write(text):
    with note.open("a") as file:
        file.write(text + "\\n")

def initialize(context):
    write(f"initialize {context.function.name}")
    if note.with_name("fail").exists():
        raise RuntimeError("not today")
    if note.with_name("hang").exists():
        time.sleep(60)

def stop(context):
    write("stop")
    if note.with_name("hang").exists():
        time.sleep(60)

def handler(event, context):
    write("invoke")
    return "ok"
"""


def with_hooks(workshop: Any) -> Path:
    note: Path = workshop.folder / "note"
    workshop.function(
        "it",
        HOOKS,
        EnvironmentVariables={"NOTE": str(note)},
        InstanceLifecycleConfig={
            "Initializer": {"Handler": "index.initialize", "Timeout": 1},
            "PreStop": {"Handler": "index.stop", "Timeout": 5},
        },
    )
    return note


def test_the_initializer_runs_once_an_instance_and_pre_stop_at_its_end(workshop: Any) -> None:
    note = with_hooks(workshop)
    served = workshop.serve()
    for _ in range(2):
        assert served.run(served.platform.invocations.invoke("it", b"")).body == b"ok"
    lines = [
        line["text"].partition(" RequestId")[0]
        for line in served.control("GET", "functions/it/log")
    ]
    assert lines[:3] == ["FC Initialize Start", "FC Initialize End", "FC Invoke Start"]
    workshop.stack.close()
    assert note.read_text().splitlines() == ["initialize it", "invoke", "invoke", "stop"]


@pytest.mark.parametrize(
    ("trouble", "message"),
    [("fail", "not today"), ("hang", "Function timed out after 1 seconds")],
)
def test_a_failed_initializer_fails_the_request_and_ends_the_instance(
    workshop: Any, trouble: str, message: str
) -> None:
    note = with_hooks(workshop)
    note.with_name(trouble).touch()
    served = workshop.serve()
    invoked = served.run(served.platform.invocations.invoke("it", b""))
    assert invoked.error_type == "UnhandledInvocationError"
    assert json.loads(invoked.body)["errorMessage"] == message
    assert wait_until(lambda: served.processes() == [])
    note.with_name(trouble).unlink()
    assert served.run(served.platform.invocations.invoke("it", b"")).body == b"ok"
    assert note.read_text().splitlines() == ["initialize it"] * 2 + ["invoke"]


def test_a_pre_stop_that_hangs_holds_up_the_end_for_a_moment_only(workshop: Any) -> None:
    note = with_hooks(workshop)
    served = workshop.serve()
    assert served.run(served.platform.invocations.invoke("it", b"")).body == b"ok"
    (instance,) = served.processes()
    note.with_name("hang").touch()
    began = time.monotonic()
    workshop.stack.close()
    assert time.monotonic() - began < 4
    assert wait_until(lambda: not is_running(instance))
    assert note.read_text().splitlines()[-1] == "stop"


def test_an_exception_that_cannot_be_shown_is_a_function_error_like_any_other(
    workshop: Any,
) -> None:
    workshop.function(
        "it",
        "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\n"
        "def handler(event, context):\n    raise Odd\n",
    )
    served = workshop.serve()
    invoked = served.run(served.platform.invocations.invoke("it", b""))
    assert json.loads(invoked.body)["errorMessage"] == "Odd cannot be shown as text"
    assert len(served.processes()) == 1
