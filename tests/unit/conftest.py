"""Loopback servers that misbehave on purpose, because real sockets fail in real ways."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from urllib.parse import parse_qsl, urlsplit

import pytest

Behaviour = Callable[[socket.socket, Event], None]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        pairs = parse_qsl(urlsplit(self.target).query, keep_blank_values=True)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)


@dataclass
class Loopback:
    """Answers the n-th connection by the n-th behaviour, the last one for all that follow."""

    behaviours: list[Behaviour] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def will(self, *behaviours: Behaviour) -> Loopback:
        self.behaviours = list(behaviours)
        return self

    def close(self) -> None:
        self.closing.set()
        with socket.socket() as waker:
            waker.connect(self._listener.getsockname())
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self.closing.is_set():
                connection.close()
                return
            thread = Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                request = _read(connection)
                if request is None:
                    return
                self.seen.append(request)
                number = min(len(self.seen), len(self.behaviours)) - 1
                self.behaviours[number](connection, self.closing)
            except OSError:
                return  # the client hung up, as clients that time out do


def _read(connection: socket.socket) -> Seen | None:
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65536)
        if not more:
            return None
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Seen(method, target, headers, body)


def answer(
    status: int, body: object, headers: Mapping[str, str] | None = None, *, cut: int = 0
) -> Behaviour:
    """A whole answer, or one that ends `cut` bytes before its length says."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        "Connection": "close",
        **(headers or {}),
    }
    head = f"HTTP/1.1 {status} Answer\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
    sent = head.encode() + b"\r\n" + content[: len(content) - cut]

    def behave(connection: socket.socket, _closing: Event) -> None:
        connection.sendall(sent)

    return behave


def reset(connection: socket.socket, _closing: Event) -> None:
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(_connection: socket.socket, _closing: Event) -> None:
    """FIN instead of an answer."""


def stall(_connection: socket.socket, closing: Event) -> None:
    """No answer at all."""
    closing.wait(10)


def drip(connection: socket.socket, closing: Event) -> None:
    """An answer that never ends, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")
    while not closing.wait(0.02):
        connection.sendall(b" ")


@dataclass(frozen=True)
class Loopbacks:
    """What tests use: servers, and the behaviours to give them."""

    start: Callable[[], Loopback]
    answer = staticmethod(answer)
    reset = staticmethod(reset)
    hang_up = staticmethod(hang_up)
    stall = staticmethod(stall)
    drip = staticmethod(drip)


@pytest.fixture
def loopbacks() -> Iterator[Loopbacks]:
    started: list[Loopback] = []

    def start() -> Loopback:
        started.append(Loopback())
        return started[-1]

    yield Loopbacks(start)
    for server in started:
        server.close()


@pytest.fixture
def refused_url() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"
