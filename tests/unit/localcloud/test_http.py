"""The server on real sockets: keep-alive, one send an answer, bad requests, cuts, an end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from localcloud.http import Bounds, Request, Reset, Response, Server, serve

Scene = Callable[[Server], Awaitable[None]]


async def answering(request: Request) -> Response:
    """Says what it was asked; some paths misbehave."""
    if request.path == "/reset":
        raise Reset
    if request.path == "/short":
        return Response(200, {}, b"x" * 100, truncate=20)
    if request.path == "/bodiless":
        return Response(204, {}, b"a body that this status cannot have")
    if request.path == "/broken":
        raise ValueError("a fault of the handler")
    if request.path == "/slow":
        await asyncio.sleep(3600)
    said = f"{request.method} {request.path} {request.query} {len(request.body)}"
    return Response(200, {"content-type": "text/plain"}, said.encode())


def play(scene: Scene, **options: Any) -> None:
    """Run a scene against a server of its own."""

    async def run() -> None:
        server = await serve(answering, **options)
        try:
            await asyncio.wait_for(scene(server), 10)
        finally:
            await server.close(grace_s=0.1)

    asyncio.run(run())


async def exchanged(server: Server, sent: bytes) -> bytes:
    """Everything that comes back until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(sent)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


HEAD = b"Host: a\r\n\r\n"


def test_a_request_arrives_whole_and_decoded() -> None:
    async def scene(server: Server) -> None:
        sent = b"POST /a%20b?x=1&y=&x=%C3%A9+z HTTP/1.1\r\nContent-Length: 4\r\n" + HEAD + b"body"
        answer = await exchanged(server, sent)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        said = "POST /a b (('x', '1'), ('y', ''), ('x', 'é z')) 4"
        assert answer.endswith(said.encode())

    play(scene)


def test_a_connection_serves_one_request_after_the_other() -> None:
    async def scene(server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for number in range(3):
            writer.write(f"GET /{number} HTTP/1.1\r\n".encode() + HEAD)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(11) == f"GET /{number} () 0".encode()
        writer.close()

    play(scene)


def test_two_requests_sent_at_once_are_answered_in_order() -> None:
    async def scene(server: Server) -> None:
        answer = await exchanged(
            server, b"GET /1 HTTP/1.1\r\n" + HEAD + b"GET /2 HTTP/1.1\r\n" + HEAD
        )
        assert answer.index(b"GET /1 ") < answer.index(b"GET /2 ")

    play(scene)


def test_an_answer_arrives_in_one_piece() -> None:
    async def scene(server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for _ in range(20):
            writer.write(b"GET /one HTTP/1.1\r\n" + HEAD)
            first = await reader.read(65536)
            assert first.endswith(b"GET /one () 0")
        writer.close()

    play(scene)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET http://[bad/ HTTP/1.1\r\n" + HEAD, 400),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n" + HEAD, 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n" + HEAD + b"ab", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HEAD + b"zz\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 2_000_000 + b"\r\n" + HEAD, 431),
        (b"POST / HTTP/1.1\r\nContent-Length: 2000\r\n" + HEAD + b"b" * 2000, 413),
    ],
)
def test_a_bad_request_is_refused_and_not_kept_waiting(sent: bytes, status: int) -> None:
    async def scene(server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        writer.write_eof()
        first = await reader.readline()
        assert first.startswith(f"HTTP/1.1 {status} ".encode())
        writer.close()

    play(scene, bounds=Bounds(body_bytes=1000))


def test_a_request_that_never_ends_is_cut_off() -> None:
    async def scene(server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHos")
        assert await reader.read() == b""
        writer.close()

    play(scene, bounds=Bounds(unfinished_s=0.1))


def test_a_handler_may_cut_the_connection() -> None:
    async def scene(server: Server) -> None:
        with pytest.raises(ConnectionResetError):
            await exchanged(server, b"GET /reset HTTP/1.1\r\n" + HEAD)

    play(scene)


def test_a_truncated_answer_promises_more_than_it_holds() -> None:
    async def scene(server: Server) -> None:
        head, _, body = (await exchanged(server, b"GET /short HTTP/1.1\r\n" + HEAD)).partition(
            b"\r\n\r\n"
        )
        assert b"content-length: 100" in head
        assert body == b"x" * 20

    play(scene)


def test_a_broken_handler_is_a_500_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(server: Server) -> None:
        answer = await exchanged(server, b"GET /broken HTTP/1.1\r\n" + HEAD)
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"a fault of the handler" not in answer

    with caplog.at_level(logging.ERROR):
        play(scene)
    assert "no answer to GET /broken" in caplog.text


def test_the_head_of_an_answer_has_its_length_and_no_body() -> None:
    async def scene(server: Server) -> None:
        answer = await exchanged(server, b"HEAD / HTTP/1.1\r\n" + HEAD)
        assert answer.endswith(b"\r\n\r\n")

    play(scene)


def test_a_client_that_asks_before_sending_its_body_is_told_to_go_on() -> None:
    async def scene(server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" + HEAD)
        assert (await reader.readline()).startswith(b"HTTP/1.1 100")
        await reader.readline()
        writer.write(b"ok")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()

    play(scene)


def test_closing_ends_idle_connections_and_running_handlers_within_moments() -> None:
    async def run() -> float:
        server = await serve(answering)
        idle = await asyncio.open_connection("127.0.0.1", server.port)
        busy = await asyncio.open_connection("127.0.0.1", server.port)
        busy[1].write(b"GET /slow HTTP/1.1\r\n" + HEAD)
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await server.close(grace_s=0.2)
        took = time.monotonic() - began
        for reader, writer in (idle, busy):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
        return took

    assert asyncio.run(run()) < 1


def test_a_status_without_a_body_is_sent_without_one_and_the_connection_goes_on() -> None:
    async def scene(server: Server) -> None:
        came = await exchanged(
            server, b"GET /bodiless HTTP/1.1\r\n" + HEAD + b"GET / HTTP/1.1\r\n" + HEAD
        )
        assert came.startswith(b"HTTP/1.1 204 No Content\r\n")
        assert came.count(b"HTTP/1.1") == 2
        assert b"cannot have" not in came

    play(scene)


def test_whoever_sends_half_a_request_and_goes_leaves_no_trouble_behind() -> None:
    async def scene(server: Server) -> None:
        troubles: list[dict[str, Any]] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, trouble: troubles.append(trouble))
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n" + HEAD + b"ab")
            await asyncio.sleep(0.002)
        assert b"GET /after" in await exchanged(server, b"GET /after HTTP/1.1\r\n" + HEAD)
        assert troubles == []

    play(scene)
