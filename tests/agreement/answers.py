"""Asks the five about a world, each through its own door: what they say, as they say it.

The commands run in this process and reach the served world by HTTP, at an address that they do not
take for a local cloud's: so they are asked as for a real account, with a policy file and settings
from the environment. Mirror runs whole on the same world, in stepped time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from click.testing import CliRunner

from commandline.main import main
from evermirror.policy import compile_policy
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from localcloud.testing import ServedCloud, serving
from tests.usecases.writers import SteppedTime
from tests.usecases.writers import World as Stage

from .facts import GRACE_S, Settings
from .worlds import World

Told = dict[str, Any]
NOTHING_WANTED = {
    "version": 1,
    "pools": {"none": {"sessions": ["tms-j6c00000000000009999"]}},
    "rules": [{"name": "none", "match": {"tags": {"none": "none"}}, "pool": "none"}],
    "default": "never",
}
"""A policy in use that wants nothing, so that a plan's changes name all that the new one wants."""


class Now(SteppedTime):
    """Mirror's clock. It begins with the commands' own time, wherever the cloud's has got to."""

    def __init__(self, cloud: ServedCloud) -> None:
        super().__init__(cloud)
        self._now = time.time()  # noqa: TID251 - the commands date their looks by it

    def sleep(self, seconds: float) -> None:
        self._cloud.advance(seconds)
        self._now += seconds
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return self._now


@dataclass(frozen=True)
class Answers:
    """What was said of a world.

    `explained`, `rehearsed` and `done` are by interface; mirror was `asked_for` these.
    `before` and `after` are the sources of each session around what mirror did, `made` the tags of
    the sessions that were not there before.
    """

    coverage: Told
    explained: Mapping[str, Told]
    plan: Told
    rehearsed: Mapping[str, Told]
    asked_for: frozenset[str]
    done: Mapping[str, Told]
    before: Mapping[str, Sequence[str]]
    after: Mapping[str, Sequence[str]]
    made: Mapping[str, Mapping[str, str]]


class Asking:
    """One served cloud that takes one world after the other, and whoever is asked about them."""

    def __init__(self, cloud: ServedCloud, folder: Path) -> None:
        self._cloud = cloud
        self._policy = folder / "policy.json"
        self._current = folder / "current.json"
        self._current.write_text(json.dumps(NOTHING_WANTED))
        self._endpoint = cloud.endpoint.replace("127.0.0.1", "127.1")

    def answers(self, world: World) -> Answers:
        """Serves the world and asks about it; mirror acts last."""
        self._cloud.reset()
        self._cloud.load(world.served(time.time()))  # noqa: TID251 - as above
        self._policy.write_text(json.dumps(world.policy))
        ids = [one["id"] for one in world.fleet["network_interfaces"]]
        coverage = self._run("coverage", world.settings)
        plan = self._run("plan", world.settings, "--current", str(self._current))
        explained = self._explained(world, ids)
        with ExitStack() as stack:
            mirror = self._mirror(world, stack)
            asked = ids if world.seed % 4 == 0 else _not_waited_for(explained) or ids
            rehearsed = _by_interface(mirror.deliver(_request(world.seed, asked, dry_run=True)))
            done = _by_interface(mirror.deliver(_request(world.seed, asked, dry_run=False)))
        before = {one["id"]: one["sources"] for one in world.fleet["sessions"]}
        state = self._cloud.state()["sessions"]
        return Answers(
            coverage=coverage,
            explained=explained,
            plan=plan,
            rehearsed=rehearsed,
            asked_for=frozenset(asked),
            done=done,
            before=before,
            after={one["id"]: one["sources"] for one in state},
            made={one["id"]: one["tags"] for one in state if one["id"] not in before},
        )

    def _explained(self, world: World, ids: Sequence[str]) -> dict[str, Told]:
        """In two portions, so that what only the others would show is read as well, or missed."""
        chance = Random(world.seed)
        first = {one for one in ids if chance.random() < 0.4}
        portions = [[one for one in ids if (one in first) is there] for there in (True, False)]
        return {
            told["network_interface_id"]: told
            for portion in portions
            if portion
            for told in self._listed(self._run("explain", world.settings, *portion))
        }

    @staticmethod
    def _listed(told: Any) -> list[Told]:
        return told if isinstance(told, list) else [told]

    def _run(self, command: str, settings: Settings, *arguments: str) -> Any:
        where = ("--endpoint", self._endpoint, "--region", "cn-hongkong", "--json")
        words = [command, *where, "--policy", str(self._policy), *arguments]
        ran = CliRunner(env=_environment(settings)).invoke(main, words)
        if not ran.stdout:
            raise AssertionError(f"{command} said nothing: {ran.stderr}") from ran.exception
        return json.loads(ran.stdout)

    def _mirror(self, world: World, stack: ExitStack) -> Any:
        stage = Stage(self._cloud, stack)
        stage.clock = Now(self._cloud)
        settings = world.settings
        return stage.writer(
            compile_policy(world.policy),
            sources_per_session=settings.sources_per_session,
            sources_per_call=settings.sources_per_session,
            sources_per_create=settings.sources_per_session,
            allow_growth=settings.allow_growth,
            max_sources=settings.max_sources,
        )


@contextmanager
def asking(folder: Path) -> Iterator[Asking]:
    """Serves worlds for as long as the block runs; `folder` is for policy files."""
    with serving({}) as cloud:
        yield Asking(cloud, folder)


def _environment(settings: Settings) -> dict[str, str | None]:
    ceiling = settings.max_sources
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ACCESS_KEY_SECRET,
        "ALIBABA_CLOUD_SECURITY_TOKEN": None,
        "ALIBABA_CLOUD_REGION_ID": None,
        "EVERMIRROR_ENDPOINT": None,
        "EVERMIRROR_MODE": None,
        "EVERMIRROR_CALLS_PER_MINUTE": "100000",
        "EVERMIRROR_GRACE_S": f"{GRACE_S:.0f}",
        "EVERMIRROR_ALLOW_GROWTH": "true" if settings.allow_growth else "false",
        "EVERMIRROR_SOURCES_PER_SESSION": str(settings.sources_per_session),
        "EVERMIRROR_MAX_SOURCES": None if ceiling is None else str(ceiling),
    }


def _request(seed: int, ids: Sequence[str], *, dry_run: bool) -> Told:
    cause = {"source": "tests.agreement", "id": f"{seed}-{dry_run}"}
    return {"request": 1, "cause": cause, "dry_run": dry_run, "network_interface_ids": list(ids)}


def _by_interface(answer: Mapping[str, Any]) -> dict[str, Told]:
    """What is handed on has no outcome yet, and so is not there."""
    return {one["network_interface_id"]: one for one in answer["outcomes"]}


def _not_waited_for(explained: Mapping[str, Told]) -> list[str]:
    """Mirror waits for what is not there yet, which takes many looks: not in every world."""
    waited_for = {"undecided", "unattached"}
    return [one for one, told in explained.items() if told["standing"] not in waited_for]
