"""One instance of a function: a process of its own, with nothing of the local cloud in it.

A process is the only honest stand-in: it starts cold, can be killed in the middle of anything,
and shares neither memory nor environment with its neighbours.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.credentials import Key
from localcloud.functioncompute.functionlog import FunctionLog
from localcloud.functioncompute.resources import Function
from localcloud.functioncompute.template import Deployment

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
FRAME = struct.Struct("!II")
_LINE_LIMIT = 1024 * 1024
_TERMINATION_S = 0.3
_EXIT_S = 2.0


class InstanceGoneError(Exception):
    """The process ended before it answered."""


class TimedOutError(Exception):
    """The invocation took longer than the function's timeout; the instance was killed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an instance said: the body of a result, or of a function error."""

    failed: bool
    body: bytes
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an instance runs: interpreter, the folder standing for /opt, and the stack's place."""

    interpreter: Path
    opt: Path
    deployment: Deployment
    environment: Callable[[], Mapping[str, str]] = dict


class Instance:
    """A running instance. It serves one invocation at a time."""

    def __init__(
        self,
        instance_id: str,
        function: Function,
        process: asyncio.subprocess.Process,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        log: FunctionLog,
    ) -> None:
        self.instance_id = instance_id
        self.busy = False
        self._usable = True
        self._function = function
        self._process = process
        self._reader, self._writer = streams
        self._output = asyncio.create_task(self._read_output(log))
        self._exit = asyncio.create_task(process.wait())

    @classmethod
    async def start(
        cls, instance_id: str, function: Function, placement: Placement, key: Key, log: FunctionLog
    ) -> Instance:
        """Start the process; its handler is loaded by the first invocation."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                str(placement.interpreter),
                *("-I", "-S", "-u", str(BOOTSTRAP), str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=_LINE_LIMIT,
                env=environment_of(instance_id, function, placement, key),
                cwd=function.folder,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        streams = await asyncio.open_connection(sock=ours)
        instance = cls(instance_id, function, process, streams, log)
        instance._send(_start_message(function, placement, key), b"")
        return instance

    @property
    def usable(self) -> bool:
        """Whether it can serve: it runs, and what was asked of it was answered."""
        return self._usable and self._process.returncode is None

    @property
    def process_id(self) -> int:
        return self._process.pid

    async def invoke(self, request_id: str, payload: bytes, retry_count: int = 0) -> Answer:
        """One invocation. `TimedOutError` and `InstanceGoneError` mean: discard this instance."""
        exchange = asyncio.create_task(self._exchange(request_id, payload, retry_count))
        self._usable = False
        try:
            # A function lives in real time whatever the local cloud's clock does: its own clock
            # cannot be turned.
            done, _ = await asyncio.wait(
                {exchange, self._exit},
                timeout=self._function.timeout_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if exchange in done:
                answer = exchange.result()
                self._usable = True
                return answer
        except (EOFError, OSError):
            raise InstanceGoneError(request_id) from None
        finally:
            exchange.cancel()
            await asyncio.gather(exchange, return_exceptions=True)
        if self._exit in done:
            raise InstanceGoneError(request_id)
        await self._terminate()
        raise TimedOutError(request_id)

    async def _exchange(self, request_id: str, payload: bytes, retry_count: int) -> Answer:
        self._send({"request_id": request_id, "retry_count": retry_count}, payload)
        await self._writer.drain()
        head_size, body_size = FRAME.unpack(await self._reader.readexactly(FRAME.size))
        header = json.loads(await self._reader.readexactly(head_size))
        body = await self._reader.readexactly(body_size)
        return Answer(bool(header["failed"]), body, round(header["memory_kb"] / 1024, 2))

    def _send(self, header: Mapping[str, object], body: bytes) -> None:
        head = json.dumps(header).encode()
        self._writer.write(FRAME.pack(len(head), len(body)) + head + body)

    async def _terminate(self) -> None:
        """The platform's order: SIGTERM, on which the runtime shows where it hangs; SIGKILL."""
        self._signal(signal.SIGTERM)
        await asyncio.wait({self._exit}, timeout=_TERMINATION_S)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and to everything it started."""
        self._usable = False
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def close(self) -> None:
        """Kill, and return once nothing is left of it."""
        self.kill()
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        _, late = await asyncio.wait({self._exit, self._output}, timeout=_EXIT_S)
        for task in late:
            task.cancel()
        await asyncio.gather(self._exit, self._output, return_exceptions=True)

    async def _read_output(self, log: FunctionLog) -> None:
        output = self._process.stdout
        if output is None:
            return
        while True:
            try:
                line = await output.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                line = end.partial
            except asyncio.LimitOverrunError as overrun:
                line = await output.readexactly(overrun.consumed)
            if not line:
                return
            text = line.decode(errors="replace").rstrip("\n")
            await log.add(self._function.name, self.instance_id, text)


def _start_message(function: Function, placement: Placement, key: Key) -> dict[str, object]:
    return {
        "handler": function.handler,
        "runtime": function.runtime,
        "code": str(function.folder),
        "opt": str(placement.opt),
        "region": placement.deployment.region,
        "account_id": placement.deployment.account_id,
        "log_project": function.log_project,
        "log_store": function.log_store,
        "function": {
            "name": function.name,
            "handler": function.handler,
            "memory": function.memory_mb,
            "timeout": function.timeout_s,
        },
        "credentials": {
            "access_key_id": key.access_key_id,
            "access_key_secret": key.access_key_secret,
            "security_token": key.security_token,
        },
    }


def environment_of(
    instance_id: str, function: Function, placement: Placement, key: Key
) -> dict[str, str]:
    """Exactly the variables of an instance: the function's, the platform's, and a bare PATH.

    Function Compute 3.0, "Environment variables". A value below /opt is moved to the folder
    that stands for it.
    """
    version = "FC_VER_ID" if function.runtime == "python3.10" else "FC_FUNCTION_VERSION"
    variables = {**function.environment, **placement.environment()}
    return {
        **{name: _moved(value, placement.opt) for name, value in variables.items()},
        "FC_ACCOUNT_ID": placement.deployment.account_id,
        "FC_REGION": placement.deployment.region,
        "FC_FUNCTION_NAME": function.name,
        "FC_FUNCTION_HANDLER": function.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "FC_FUNC_CODE_PATH": str(function.folder),
        "FC_INSTANCE_ID": instance_id,
        "FC_CUSTOM_LISTEN_PORT": "9000",
        version: "LATEST",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": key.security_token or "",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }


def _moved(value: str, opt: Path) -> str:
    return f"{opt}{value[len('/opt') :]}" if value == "/opt" or value.startswith("/opt/") else value
