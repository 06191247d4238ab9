"""Somebody on loopback who answers whatever a test wants, and the command line beside it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner, Result

from commandline.default_policy import default_policy
from commandline.main import main
from evermirror.policy import Policy, dump
from localcloud.cloud import LocalCloud
from localcloud.testing import ServedCloud, serving

from .plans import EVERYTHING, Planned, Told

NO_CREDENTIALS: Mapping[str, str | None] = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": None,
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": None,
    "ALIBABA_CLOUD_SECURITY_TOKEN": None,
    "EVERMIRROR_ENDPOINT": None,
    "EVERMIRROR_MODE": None,
}


class Answering(Protocol):
    def __call__(self, status: int | Sequence[int], body: bytes, **headers: str) -> str: ...


def run(*arguments: object, **environment: str) -> Result:
    """`evermirror` in this process, without anything of this machine's environment."""
    return CliRunner(env={**NO_CREDENTIALS, **environment}).invoke(main, [*map(str, arguments)])


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Serves one answer to every request, and gives its endpoint.

    Of several statuses each answers one request, and the last all that follow.
    """
    closings: list[Callable[[], None]] = []

    def serve(status: int | Sequence[int], body: bytes, **headers: str) -> str:
        given = [status] if isinstance(status, int) else status
        statuses = chain(given, repeat(given[-1]))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(next(statuses))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_: object) -> None:
                """Keeps quiet."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()

        def close() -> None:
            server.shutdown()
            thread.join(5)
            server.server_close()

        closings.append(close)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for close in closings:
        close()


class Serve(Protocol):
    def __call__(self, fleet: Mapping[str, Any], policy: Policy | None = None) -> ServedCloud: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A local cloud that was given a policy, one pool of its sessions unless another is named."""
    with ExitStack() as stack:

        def served(fleet: Mapping[str, Any], policy: Policy | None = None) -> ServedCloud:
            ids = [session["id"] for session in fleet["sessions"]]

            async def prepare(cloud: LocalCloud) -> None:
                cloud.policy = dump(policy or default_policy(ids))

            return stack.enter_context(serving(fleet, prepare=prepare))

        yield served


@pytest.fixture
def planned(tmp_path: Path) -> Planned:
    """Runs `evermirror plan --json` for a policy, and gives its exit status and what it told."""

    def plan(
        cloud: ServedCloud,
        policy: Told,
        *arguments: object,
        current: Told = EVERYTHING,
        **environment: str,
    ) -> tuple[int, dict[str, Any]]:
        files = {"new": policy, "current": current}
        for name, document in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(document))
        asked = run(
            "plan",
            *("--endpoint", cloud.endpoint),
            *("--policy", tmp_path / "new.json"),
            *("--current", tmp_path / "current.json"),
            "--json",
            *arguments,
            **environment,
        )
        assert asked.stdout, asked.stderr
        return asked.exit_code, json.loads(asked.stdout)

    return plan
