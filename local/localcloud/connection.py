"""One client's connection: bytes become requests, answers become bytes (h11 knows the grammar).

An answer leaves in one send on a socket without Nagle's delay: written as two segments it would
cost every client tens of milliseconds. A handler can also cut the connection, or cut an answer
short, because that is what networks do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import h11

from localcloud.messages import Handler, Request, Reset, Response, decoded

_HEAD_LIMIT = 256 * 1024
_READ_SIZE = 256 * 1024
_LINGER_S = 1.0
_BODILESS = frozenset({204, 304})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a body may be, and how long a request may take to arrive once it has begun."""

    body_bytes: int = 256 * 1024 * 1024
    unfinished_s: float = 30.0


class _RefusedError(Exception):
    """A request that never reaches the handler."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Connection:
    """One client's connection: a cycle of request and answer, until either side ends it."""

    def __init__(
        self,
        handler: Handler,
        bounds: Bounds,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        task: asyncio.Task[None],
    ) -> None:
        self.task = task
        self._handler = handler
        self._bounds = bounds
        self._reader = reader
        self._writer = writer
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_LIMIT)
        self._idle = True
        self._stopping = False
        self._set_no_delay()

    def _set_no_delay(self) -> None:
        with contextlib.suppress(OSError):
            self._socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _socket(self) -> socket.socket:
        found: socket.socket = self._writer.get_extra_info("socket")
        return found

    def stop_when_idle(self) -> None:
        self._stopping = True
        if self._idle:
            self._writer.close()

    def cut(self) -> None:
        """End the connection with a reset, so that the client sees no orderly end."""
        with contextlib.suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self._socket().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    async def run(self) -> None:
        try:
            while await self._cycle():
                self._parser.start_next_cycle()
        except Reset:
            self.cut()
        except (ConnectionError, h11.LocalProtocolError):
            self._writer.close()
        else:
            self._writer.close()

    async def _cycle(self) -> bool:
        """One request and its answer; False once the connection is to end."""
        try:
            request = await self._request()
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint, str(error))
            return False
        except _RefusedError as error:
            await self._refuse(error.status, str(error))
            return False
        if request is None:
            return False
        self._idle = False
        response = await self._answer(request)
        going_on = await self._send(response, request.method)
        self._idle = True
        return going_on and not self._stopping

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._handler(request)
        except Reset:
            raise
        except Exception:  # noqa: BLE001 - whatever a handler does, its client gets an answer
            _log.exception("no answer to %s %s", request.method, request.path)
            return Response(500, {"content-type": "text/plain"}, b"the local cloud has a fault\n")

    async def _request(self) -> Request | None:
        """The next request, or None when the client has gone."""
        head: h11.Request | None = None
        body = bytearray()
        deadline = _Deadline(self._writer.transport, self._bounds.unfinished_s)
        try:
            while True:
                event = await self._event(deadline)
                if isinstance(event, h11.Request):
                    head = event
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > self._bounds.body_bytes:
                        most = self._bounds.body_bytes
                        raise _RefusedError(413, f"a body is at most {most} bytes")
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    return _whole(head, bytes(body))
                else:
                    return None
        finally:
            deadline.cancel()

    async def _event(self, deadline: _Deadline) -> object:
        while True:
            event = self._parser.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._parser.they_are_waiting_for_100_continue:
                proceed = h11.InformationalResponse(status_code=100, headers=[])
                self._writer.write(self._parser.send(proceed) or b"")
            received = await self._reader.read(_READ_SIZE)
            if received:
                deadline.begin()
            self._parser.receive_data(received)

    async def _refuse(self, status: int, reason: str) -> None:
        response = Response(status, {"content-type": "text/plain"}, f"{reason}\n".encode())
        # Whoever sent nonsense may have gone without waiting for the answer.
        with contextlib.suppress(h11.LocalProtocolError, OSError):
            await self._send(response, "POST")
            await self._linger()

    async def _linger(self) -> None:
        """Read what the client still sends: closing over it would reset the answer away."""
        self._writer.write_eof()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._discard(), _LINGER_S)

    async def _discard(self) -> None:
        while await self._reader.read(_READ_SIZE):
            pass

    async def _send(self, response: Response, method: str) -> bool:
        body = b"" if response.status in _BODILESS else response.body
        headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
        headers.append((b"content-length", str(len(body)).encode()))
        reason = _reason(response.status)
        start = h11.Response(status_code=response.status, headers=headers, reason=reason)
        whole = self._parser.send(start) or b""
        cut_short = response.truncate is not None and response.truncate < len(body)
        if body and method != "HEAD":
            shown = body[: response.truncate] if cut_short else body
            whole += self._parser.send(h11.Data(data=shown)) or b""
        if not cut_short:
            whole += self._parser.send(h11.EndOfMessage()) or b""
        self._writer.write(whole)
        await self._writer.drain()
        return not cut_short and self._parser.our_state is h11.DONE and not self._must_close()

    def _must_close(self) -> bool:
        return self._parser.their_state is not h11.DONE


class _Deadline:
    """Ends a connection whose request was begun but never finished."""

    def __init__(self, transport: asyncio.WriteTransport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._seconds, self._transport.abort)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _reason(status: int) -> bytes:
    with contextlib.suppress(ValueError):
        return HTTPStatus(status).phrase.encode()
    return b""


def _whole(head: h11.Request, body: bytes) -> Request:
    fields = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers
    )
    headers: dict[str, str] = {}
    for name, value in fields:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    target = head.target.decode("latin-1")
    path, query = _split(target)
    return Request(
        method=head.method.decode("latin-1"),
        path=path,
        query=decoded(query),
        headers=headers,
        body=body,
        target=target,
        fields=fields,
    )


def _split(target: str) -> tuple[str, str]:
    if not target.startswith("/"):
        try:
            parts = urlsplit(target)
        except ValueError:
            raise _RefusedError(400, "the request target is not one") from None
        return unquote(parts.path) or "/", parts.query
    path, _, query = target.partition("?")
    return unquote(path), query
