"""The whole product on this machine: bus, queue, functions in processes, real HTTP between them."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from fc2 import Client as FormerFcClient

from commandline.assembly import TEMPLATE, Parts, attach_platform
from commandline.control import Control
from evermirror.policy import Policy
from localcloud.cloud import LocalCloud
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from localcloud.testing import ServedCloud, serving
from localcloud.world.fleet import read_fleet
from tests.worlds import a_fleet

from .processes import Up, up

SPEED = 5.0
"""The local cloud's time; the functions' own clocks run as ever."""


class Product:
    """A running local cloud with the template's functions."""

    def __init__(self, cloud: ServedCloud, control: Control) -> None:
        self.cloud = cloud
        self.control = control

    def settled(self, within_s: float = 50) -> dict[str, Any]:
        """Waits until nothing is under way any more, and answers what the local cloud says."""
        idle = self.control.wait_until_idle(within_s)
        assert idle["idle"], idle
        return idle

    def placements(self) -> dict[str, list[str]]:
        """By interface, the sessions that list it, once the last change has settled.

        A change that nobody waits for any more would otherwise be overlooked: its source is
        hidden until then.
        """
        found: dict[str, list[str]] = {}
        for session in self._sessions_at_rest():
            for source in session["sources"]:
                found.setdefault(source, []).append(session["id"])
        return found

    def _sessions_at_rest(self) -> list[dict[str, Any]]:
        for _ in range(200):
            sessions: list[dict[str, Any]] = self.cloud.state()["sessions"]
            if all(session["status"] == "Created" for session in sessions):
                return sessions
            time.sleep(0.1)  # noqa: TID251 - the functions' clocks are real
        raise AssertionError("sessions are still changing")

    def invoke(
        self, function: str, request: object, headers: Mapping[str, str] | None = None
    ) -> Any:
        """What a function answers to whoever may invoke it, at the address of the former API.

        None where it is not waited for.
        """
        client = FormerFcClient(
            endpoint=self.cloud.endpoint,
            accessKeyID=ACCESS_KEY_ID,
            accessKeySecret=ACCESS_KEY_SECRET,
            Timeout=60,
        )
        payload = json.dumps(request).encode()
        answer = client.invoke_function("evermirror", function, payload, dict(headers or {})).data
        return json.loads(answer) if answer else None

    def log(self, function: str) -> str:
        lines: list[dict[str, Any]] = self.cloud.control("GET", f"functions/{function}/log")
        return "\n".join(line["text"] for line in lines)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("up") / "fleet.json"
    file.write_text(json.dumps(a_fleet(list(range(1, 9)), [1, 2], settle_s=0.3)))
    return file


@pytest.fixture(scope="module")
def cloud(fleet: Path) -> Iterator[Up]:
    """One `evermirror up` for the tests of a file that leave each other's interfaces alone."""
    with up("--fleet", str(fleet)) as served:
        yield served


class Run(Protocol):
    """`parameters` are those of the template."""

    def __call__(
        self,
        fleet: Mapping[str, Any],
        policy: Policy | None = None,
        mode: str = "act",
        *,
        speed: float = SPEED,
        template: Path = TEMPLATE,
        **parameters: object,
    ) -> Product: ...


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs products of this test's making for as long as the test runs."""
    with ExitStack() as stack:

        def run_product(
            fleet: Mapping[str, Any],
            policy: Policy | None = None,
            mode: str = "act",
            *,
            speed: float = SPEED,
            template: Path = TEMPLATE,
            **parameters: object,
        ) -> Product:
            parts = Parts(read_fleet(fleet), policy, mode, template, parameters=parameters)

            async def prepare(cloud: LocalCloud) -> None:
                folder = Path(tempfile.mkdtemp(dir=tmp_path))
                await attach_platform(cloud, parts, folder)

            cloud = stack.enter_context(serving(parts.fleet, speed=speed, prepare=prepare))
            return Product(cloud, stack.enter_context(Control(cloud.endpoint)))

        yield run_product
