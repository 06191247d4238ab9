"""What runs inside an instance's process: the platform's side of a function.

The folder is started by its path with a bare interpreter (`python -I -S`), so it imports the
standard library only and nothing of the local cloud can be imported by a function. It speaks with
its parent over an inherited socket, because stdout belongs to the function's log. Behaviour after
the documented Python runtime: Function Compute, "Event handlers", "Instance lifecycle hooks".
Whatever is imported here is part of every cold start, so pathlib for one is not.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import socket
import sys
from typing import Any

from fc_context import FCContext, context_of
from fc_errors import HERE, error_body
from fc_loading import Loader
from fc_log import FunctionLog
from fc_parent import Parent
from fc_readonly import guard
from fc_results import encoded

EXIT_ON_SIGTERM = 143
# How the log calls what an instance is asked to do.
PHASES = {"invoke": "Invoke", "initialize": "Initialize", "pre_stop": "PreStop"}


class Runtime:
    """A function in this process: its handlers, each loaded once."""

    def __init__(self, start: dict[str, Any]) -> None:
        self._start = start
        self._loaders = {
            kind: Loader(handler, start["code"]) for kind, handler in start["handlers"].items()
        }

    def run(self, asked: dict[str, Any], event: bytes) -> tuple[bool, bytes]:
        """Whether it failed, and the body. SystemExit ends the process: not caught."""
        context = context_of(self._start, asked)
        try:
            return False, encoded(self._called(asked["kind"], context, event))
        except Exception as error:  # noqa: BLE001 - this is what a function error is
            return True, error_body(error)

    def _called(self, kind: str, context: FCContext, event: bytes) -> Any:
        handler = self._loaders[kind].handler()
        return handler(event, context) if kind == "invoke" else handler(context)


def search_path(code: str, opt: str) -> list[str]:
    """Where modules come from before the standard library: code, then layers."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [code, f"{opt}/python/lib/python{version}/site-packages", f"{opt}/python"]


def peak_memory_kb() -> int:
    """The most memory this process held. `ru_maxrss` would count what its parent held, too."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - see above
            return int(file.read().partition("VmHWM:")[2].split()[0])
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _terminated(_signal: int, _frame: object) -> None:
    faulthandler.dump_traceback(all_threads=True)
    os._exit(EXIT_ON_SIGTERM)


def prepare(start: dict[str, Any]) -> None:
    """Make the process look like an instance: paths, and a disk that cannot be written to."""
    # This folder is no place for a function to import from.
    sys.path.remove(HERE)
    sys.path[:0] = search_path(start["code"], start["opt"])
    sys.dont_write_bytecode = True
    guard((start["code"], start["opt"]))


def main(descriptor: int) -> None:
    """Do what is asked, one thing at a time, until the parent is gone."""
    signal.signal(signal.SIGTERM, _terminated)
    connection = socket.socket(fileno=descriptor)
    connection.set_inheritable(False)
    parent = Parent(connection)
    parent.listen()
    start, _ = parent.next()
    prepare(start)
    log = FunctionLog()
    log.install()
    runtime = Runtime(start)
    while True:
        asked, event = parent.next()
        phase = PHASES[asked["kind"]]
        log.start(phase, asked["request_id"])
        failed, body = runtime.run(asked, event)
        log.end(phase, failed=failed)
        parent.send({"failed": failed, "memory_kb": peak_memory_kb()}, body)


if __name__ == "__main__":
    main(int(sys.argv[1]))
