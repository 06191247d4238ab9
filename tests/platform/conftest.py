"""A stack of small functions on a local cloud, written and served for one test."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from localcloud.cloud import LocalCloud
from localcloud.credentials import Key, Keyring
from localcloud.functioncompute.stack import stack_of
from localcloud.functioncompute.template import Deployment, Template
from localcloud.platform import Platform, Settings, Surroundings
from localcloud.testing import ServedCloud, serving

T = TypeVar("T")
DEPLOYMENT = Deployment("1234567890123456", "cn-hongkong")


@dataclass
class Served:
    """A served stack: the cloud as seen from outside, the platform as seen from inside."""

    cloud: ServedCloud
    platform: Platform
    loop: asyncio.AbstractEventLoop
    keyring: Keyring

    def control(self, method: str, name: str, body: object = None) -> Any:
        return self.cloud.control(method, name, body)

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run something on the local cloud's event loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.submit(coroutine).result(20)

    async def later(self, call: Callable[[], T]) -> T:
        return call()

    def busy(self, kind: str) -> bool:
        """Whether something of this kind gets under way."""
        return wait_until(lambda: bool(self.platform.activity.counts().get(kind)))

    def platform_key(self, access_key_id: str) -> Key | None:
        return self.keyring.find(access_key_id)

    def idle(self, timeout_s: float = 10) -> dict[str, Any]:
        found: dict[str, Any] = self.control("GET", f"idle?timeout_s={timeout_s}")
        return found

    def processes(self) -> list[int]:
        return [one for each in self.platform.functions.values() for one in each.process_ids]


@dataclass
class Workshop:
    """Writes functions into a folder and templates around them."""

    folder: Path
    stack: ExitStack
    resources: dict[str, Any] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)

    def function(self, name: str, code: str, **properties: Any) -> None:
        """A function of this name whose index.py is `code`."""
        home = self.folder / name
        home.mkdir()
        (home / "index.py").write_text(code)
        self.folders[name] = name
        self.resources[name] = {
            "Type": "ALIYUN::FC3::Function",
            "Properties": {
                "FunctionName": name,
                "Handler": "index.handler",
                "Runtime": "python3.12",
                "Timeout": 30,
                # A role that the template only names may do everything.
                "Role": "acs:ram::1234567890123456:role/elsewhere",
                **properties,
            },
        }

    def resource(self, logical_id: str, kind: str, **properties: Any) -> None:
        self.resources[logical_id] = {"Type": kind, "Properties": properties}

    def document(self) -> dict[str, Any]:
        return {
            "ROSTemplateFormatVersion": "2015-09-01",
            "Metadata": {"Evermirror": {"Folders": self.folders}},
            "Resources": self.resources,
        }

    def write(self) -> None:
        """Put the template into a file."""
        (self.folder / "template.yml").write_text(yaml.safe_dump(self.document()))

    def serve(
        self, speed: float = 1, fleet: Mapping[str, Any] | None = None, **settings: Any
    ) -> Served:
        """Deploy what was written and serve it until the test ends."""
        template = Template(self.document(), DEPLOYMENT, {})
        made: list[tuple[Platform, asyncio.AbstractEventLoop, Keyring]] = []

        async def attach(cloud: LocalCloud) -> None:
            platform = Platform(
                Settings(
                    stack=stack_of(template, self.folder),
                    root=self.folder,
                    **{"packages": (), "run_folder": self.folder / "run", **settings},
                ),
                surroundings(cloud),
            )
            await platform.start()
            cloud.platform = platform
            made.append((platform, asyncio.get_running_loop(), cloud.keyring))

        cloud = self.stack.enter_context(serving(fleet or {}, speed=speed, prepare=attach))
        return Served(cloud, *made[0])


def surroundings(cloud: LocalCloud) -> Surroundings:
    return Surroundings(
        clock=cloud.clock,
        faults=cloud.faults,
        keyring=cloud.keyring,
        wall=time.time,  # noqa: TID251 - signatures are dated by real time
        ticks=time.monotonic,
        draw=lambda: secrets.token_hex(16),
    )


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    with ExitStack() as stack:
        yield Workshop(tmp_path, stack)


def is_running(process_id: int) -> bool:
    """Whether a process runs; a zombie that nobody has collected yet does not."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Poll for something another process does; False when it did not happen in time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)  # noqa: TID251 - another process is waited for
    return condition()


Environment = Mapping[str, str]
OWN_ENVIRONMENT: Environment = os.environ  # noqa: TID251 - to show that it is not handed on
