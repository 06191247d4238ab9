"""`evermirror up`: serves the local cloud until somebody ends it."""

from __future__ import annotations

import asyncio
import fcntl
import json
import math
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import click

from commandline.assembly import (
    TEMPLATE,
    AssemblyError,
    Parts,
    attach_platform,
    policy_of,
    read_fleet_file,
    read_policy_of,
)
from commandline.packages.requirements import RUNTIMES
from commandline.packages.unpacking import Built
from evermirror.errors import PolicyError
from evermirror.policy import dump
from localcloud.clock import clock_at_speed
from localcloud.cloud import LocalCloud
from localcloud.functioncompute.intrinsics import TemplateError

DEFAULT_PORT = 4280
STATE_PAUSES = 10
STATE_EVERY_S = 1.0

_file = click.Path(dir_okay=False, path_type=Path)


def _finite(_context: click.Context, _option: click.Parameter, speed: float) -> float:
    # Neither compares as less than zero, so the range alone lets both through.
    if not math.isfinite(speed):
        raise click.BadParameter(f"{speed} is no number of times as fast")
    return speed


def _named(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    split = [one.partition("=") for one in given]
    for name, equals, value in split:
        if not name or not equals:
            raise click.BadParameter(f"{name or value!r} is no NAME=VALUE")
    return {name: value for name, _, value in split}


@dataclass(frozen=True, slots=True)
class Served:
    """How a local cloud is to be served."""

    parts: Parts
    port: int
    speed: float
    state: Path | None
    functions: bool
    begins_empty: bool


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="0 picks a free one.",
)
@click.option("--fleet", type=_file, help="The world to begin with, as JSON; without, it is empty.")
@click.option("--policy", type=_file, help="A policy; without, one pool takes everything.")
@click.option(
    "--mode",
    type=click.Choice(["act", "observe", "paused"]),
    default="act",
    show_default=True,
    help="What mirror may do.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=1.0,
    callback=_finite,
    help="0: time is stepped by hand.",
)
@click.option("--state", type=_file, help="Keep the world in this file over restarts.")
@click.option("--functions/--no-functions", default=True, help="Run the template's functions.")
@click.option("--template", type=_file, default=TEMPLATE, help="Another template.yml.")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_named,
    help="A parameter of the template, as AllowGrowth=true; may be given several times.",
)
@click.option(
    "--built",
    type=click.Path(file_okay=False, path_type=Path),
    help="Run the zips of this folder, which `evermirror build` filled, instead of the checkout.",
)
@click.option(
    "--runtime",
    type=click.Choice(RUNTIMES),
    default=RUNTIMES[0],
    show_default=True,
    help="Which Python runs them.",
)
def up(  # noqa: PLR0913, PLR0917 - one parameter for each option
    port: int,
    fleet: Path | None,
    policy: Path | None,
    mode: str,
    speed: float,
    state: Path | None,
    functions: bool,
    template: Path,
    parameters: dict[str, str],
    built: Path | None,
    runtime: str,
) -> None:
    """Serve the local cloud on 127.0.0.1.

    It ends at Ctrl-C or SIGTERM. Once it answers, one JSON line on stdout says where:
    {"ready": true, "endpoint": "..."}.
    """
    try:
        with _alone_with(state):
            world_file = state if state is not None and state.exists() else fleet
            world = read_fleet_file(world_file)
            parts = Parts(world, read_policy_of(policy), mode, template, parameters=parameters)
            if built is not None:
                parts = replace(parts, built=Built(built, runtime))
            served = Served(parts, port, speed, state, functions, world_file is None)
            asyncio.run(_serve(served))
    except (AssemblyError, PolicyError, TemplateError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _alone_with(state: Path | None) -> Iterator[None]:
    """Two worlds in one file would each write over what the other one did.

    The lock goes with the process, however that ends; the empty file beside it stays.
    """
    if state is None:
        yield
        return
    with _lock_beside(state) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = f"{state}: another `evermirror up` keeps its world there"
            raise AssemblyError(problem) from error
        yield


def _lock_beside(state: Path) -> TextIO:
    try:
        return state.with_name(f".{state.name}.lock").open("w", encoding="utf-8")
    except OSError as error:
        raise AssemblyError(f"{state}: {error.strerror}") from error


async def _serve(served: Served) -> None:
    started = served.parts.fleet.time or time.time()  # noqa: TID251 - the process's own clock
    clock = clock_at_speed(served.speed, started, time.monotonic)
    cloud = LocalCloud(served.parts.fleet, clock, time.time)  # noqa: TID251 - as above
    ended = _on_signals()
    with tempfile.TemporaryDirectory(prefix="evermirror-") as folder:
        try:
            if served.functions:
                await attach_platform(cloud, served.parts, Path(folder))
            else:
                cloud.policy = dump(policy_of(cloud, served.parts))
            endpoint = await _started(cloud, served.port)
            if served.state is not None:
                _keep(cloud, served.state)
            if served.begins_empty:
                click.echo("no fleet file: the world is empty", err=True)
            click.echo(json.dumps({"ready": True, "endpoint": endpoint, "pid": os.getpid()}))
            await _until(ended, cloud, served.state)
        finally:
            await cloud.close()


async def _started(cloud: LocalCloud, port: int) -> str:
    try:
        return await cloud.start(port)
    except OSError as error:
        raise AssemblyError(f"port {port}: {error.strerror}") from error


def _on_signals() -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    return ended


async def _until(ended: asyncio.Event, cloud: LocalCloud, state: Path | None) -> None:
    ticks = asyncio.get_running_loop().time
    while state is not None and not ended.is_set():
        began = ticks()
        _keep(cloud, state)
        # Nobody is served while a large world is written: that may take its share of time, no more.
        pause_s = max(STATE_EVERY_S, (ticks() - began) * STATE_PAUSES)
        try:
            await asyncio.wait_for(ended.wait(), pause_s)
        except asyncio.TimeoutError:
            continue
    await ended.wait()
    if state is not None:
        _keep(cloud, state)


def _keep(cloud: LocalCloud, state: Path) -> None:
    """Whole or not at all: a kill while writing leaves the world that was there before."""
    text = cloud.state().model_dump_json()
    unfinished = state.with_name(f".{state.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(state)
    except OSError as error:
        raise AssemblyError(f"{state}: {error.strerror}") from error
