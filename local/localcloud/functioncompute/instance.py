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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.credentials import Key
from localcloud.functioncompute.environment import Placement, environment_of, start_message
from localcloud.functioncompute.functionlog import FunctionLog
from localcloud.functioncompute.memory import resident_mb
from localcloud.functioncompute.resources import Function

PROCESS = Path(__file__).with_name("process")
FRAME = struct.Struct("!II")
_LINE_LIMIT = 1024 * 1024
_TERMINATION_S = 0.3
_EXIT_S = 2.0
_LOOK_AT_MEMORY_S = 0.05
_LAST_MOMENT_S = 1.0


class InstanceError(Exception):
    """The invocation failed with its instance; the message is the function error's."""


class InstanceGoneError(InstanceError):
    """The process ended before it answered."""

    def __init__(self) -> None:
        super().__init__("Process exited unexpectedly before completing request")


class TimedOutError(InstanceError):
    """It took longer than it may; the instance was killed."""


class OutOfMemoryError(InstanceError):
    """It held more memory than it may; the instance was killed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an instance said: the body of a result, or of a function error."""

    failed: bool
    body: bytes
    memory_mb: float


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
        self._initialized = False
        self._function = function
        self._process = process
        self._reader, self._writer = streams
        self._output = asyncio.create_task(self._read_output(log))
        self._exit = asyncio.create_task(process.wait())

    @classmethod
    async def start(
        cls,
        instance_id: str,
        function: Function,
        placement: Placement,
        key: Key | None,
        log: FunctionLog,
    ) -> Instance:
        """Start the process; its handler is loaded by the first invocation."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                str(placement.interpreter),
                *("-I", "-S", "-u", str(PROCESS), str(theirs.fileno())),
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
        instance._send(start_message(function, placement, key), b"")
        return instance

    @property
    def usable(self) -> bool:
        """Whether it can serve: it runs, and what was asked of it was answered."""
        return self._usable and self._process.returncode is None

    @property
    def process_id(self) -> int:
        return self._process.pid

    async def invoke(self, request_id: str, payload: bytes, retry_count: int = 0) -> Answer:
        """One invocation, after the initializer where the instance is new.

        An `InstanceError` means: discard this instance.
        """
        hook = self._function.initializer
        if hook is not None and not self._initialized:
            asked = {"kind": "initialize", "request_id": request_id, "retry_count": retry_count}
            answer = await self._done(asked, b"", hook.timeout_s)
            if answer.failed:
                self._usable = False
                return answer
        self._initialized = True
        asked = {"kind": "invoke", "request_id": request_id, "retry_count": retry_count}
        return await self._done(asked, payload, self._function.timeout_s)

    async def stop(self, request_id: str) -> None:
        """Let the function tidy up, for a moment, before the instance ends."""
        hook = self._function.pre_stop
        if hook is None or not self.usable or not self._initialized or self.busy:
            return
        asked = {"kind": "pre_stop", "request_id": request_id, "retry_count": 0}
        with contextlib.suppress(InstanceError):
            await self._done(asked, b"", min(hook.timeout_s, _LAST_MOMENT_S))

    async def _done(self, asked: Mapping[str, object], payload: bytes, timeout_s: float) -> Answer:
        self._usable = False
        exchange = asyncio.create_task(self._exchange(asked, payload))
        growing = asyncio.create_task(self._grown_too_large())
        try:
            # A function lives in real time whatever the local cloud's clock does: its own clock
            # cannot be turned.
            done, _ = await asyncio.wait(
                {exchange, growing, self._exit},
                timeout=timeout_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            answer = self._answered(exchange)
        finally:
            for task in (exchange, growing):
                task.cancel()
            await asyncio.gather(exchange, growing, return_exceptions=True)
        if answer is not None:
            self._usable = True
            return answer
        if self._exit in done:
            raise InstanceGoneError
        if growing in done:
            self.kill()
            raise self._out_of_memory()
        await self._terminate()
        raise TimedOutError(f"Function timed out after {timeout_s} seconds")

    def _answered(self, exchange: asyncio.Task[Answer]) -> Answer | None:
        if not exchange.done():
            return None
        try:
            answer = exchange.result()
        except (EOFError, OSError):
            raise InstanceGoneError from None
        if answer.memory_mb > self._function.memory_mb:
            # Between two looks at it, it was larger than it may be.
            raise self._out_of_memory()
        return answer

    def _out_of_memory(self) -> OutOfMemoryError:
        limit = self._function.memory_mb
        return OutOfMemoryError(f"Function ran out of memory: it may have {limit} MB")

    async def _grown_too_large(self) -> None:
        # Nobody but the kernel knows, and it tells only who asks.
        while resident_mb(self._process.pid) <= self._function.memory_mb:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AT_MEMORY_S)

    async def _exchange(self, asked: Mapping[str, object], payload: bytes) -> Answer:
        self._send(asked, payload)
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
