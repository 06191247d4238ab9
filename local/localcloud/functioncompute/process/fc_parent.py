"""The line to the local cloud: what to do comes in on it, and what came of it goes out."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import struct
import threading
from typing import Any

FRAME = struct.Struct("!II")


class Parent:
    """The socket to the local cloud. When its other end closes, everything here ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._frames: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Read on a thread of its own, so that a busy function notices a parent that is gone."""
        threading.Thread(target=self._read, name="parent", daemon=True).start()

    def next(self) -> tuple[dict[str, Any], bytes]:
        return self._frames.get()

    def send(self, header: dict[str, Any], body: bytes) -> None:
        head = json.dumps(header).encode()
        self._connection.sendall(FRAME.pack(len(head), len(body)) + head + body)

    def _read(self) -> None:
        stream = self._connection.makefile("rb")
        try:
            while sizes := stream.read(FRAME.size):
                head_size, body_size = FRAME.unpack(sizes)
                header = json.loads(stream.read(head_size))
                self._frames.put((header, stream.read(body_size)))
        except (OSError, struct.error, ValueError):
            pass
        # The whole group, because a function may have started processes of its own.
        os.killpg(os.getpgrp(), signal.SIGKILL)
