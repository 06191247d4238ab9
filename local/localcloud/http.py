"""HTTP as strict as clients deserve and as small as it can be: a server on asyncio.

What happens on one connection is in `connection`, the values are in `messages`; this is the
door to all three.
"""

from __future__ import annotations

import asyncio
import contextlib

from localcloud.connection import Bounds, Connection
from localcloud.messages import Handler, Request, Reset, Response, decoded

__all__ = ["Bounds", "Handler", "Request", "Reset", "Response", "Server", "decoded", "serve"]


class Server:
    """A listening server; `port` is the one it really has."""

    def __init__(self, handler: Handler, bounds: Bounds) -> None:
        self._handler = handler
        self._bounds = bounds
        self._listener: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    @property
    def port(self) -> int:
        if self._listener is None:
            raise RuntimeError("the server does not listen")
        return int(self._listener.sockets[0].getsockname()[1])

    async def listen(self, host: str, port: int) -> None:
        self._listener = await asyncio.start_server(self._accepted, host, port, backlog=1024)

    async def close(self, grace_s: float = 1.0) -> None:
        """Stop listening, end idle connections now and busy ones after `grace_s` at the latest."""
        if self._listener is None:
            return
        self._listener.close()
        for connection in self._connections:
            connection.stop_when_idle()
        tasks = {connection.task for connection in self._connections}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._listener.wait_closed(), grace_s)
        self._listener = None

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        connection = Connection(self._handler, self._bounds, reader, writer, task)
        self._connections.add(connection)
        try:
            await connection.run()
        except asyncio.CancelledError:
            # The server is closing: this task ends with its connection and nobody else waits.
            connection.cut()
        finally:
            self._connections.discard(connection)


async def serve(
    handler: Handler, host: str = "127.0.0.1", port: int = 0, bounds: Bounds | None = None
) -> Server:
    """Listen on `host` and `port` (0: any free one)."""
    server = Server(handler, bounds or Bounds())
    await server.listen(host, port)
    return server
