"""Puts a local cloud together from files: a fleet, a policy, a template and the functions."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commandline.default_policy import default_policy
from commandline.policy_file import read_policy
from evermirror.policy import Policy, dump
from localcloud.cloud import LocalCloud
from localcloud.functioncompute.stack import read_stack
from localcloud.functioncompute.template import Deployment
from localcloud.platform import Platform, Settings, Surroundings
from localcloud.world.fleet import Fleet, FleetError, parse_fleet

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yml"
NO_CEILING = 1_000_000
"""Nothing costs money here, so the template's modest ceiling would only surprise."""


class AssemblyError(Exception):
    """Something that the local cloud is made of is missing or wrong; the message says what."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a local cloud is made of. `policy` None takes everything into one pool."""

    fleet: Fleet
    policy: Policy | None = None
    mode: str = "act"
    template: Path = TEMPLATE


def read_fleet_file(path: Path | None) -> Fleet:
    """The fleet of a file, or an empty one; raises AssemblyError."""
    if path is None:
        return parse_fleet(b"{}")
    try:
        return parse_fleet(path.read_bytes())
    except OSError as error:
        raise AssemblyError(f"{path}: {error.strerror}") from error
    except FleetError as error:
        raise AssemblyError(f"{path}: {error}") from error


def policy_of(cloud: LocalCloud, parts: Parts) -> Policy:
    """The policy that was given, or one pool of all sessions of the fleet."""
    if parts.policy is not None:
        return parts.policy
    state: dict[str, Any] = json.loads(cloud.world.state(cloud.clock.now()).model_dump_json())
    targets = {session["target"] for session in state["sessions"]}
    sensors = {
        interface["instance"]
        for interface in state["network_interfaces"]
        if interface["id"] in targets and interface.get("instance")
    }
    return default_policy((session["id"] for session in state["sessions"]), sensors)


def read_policy_of(path: Path | None) -> Policy | None:
    """The policy of a file; raises PolicyError with every mistake in it."""
    return None if path is None else read_policy(path)


async def attach_platform(cloud: LocalCloud, parts: Parts, run_folder: Path) -> Platform:
    """Bus, queue and functions of the template, running; call before the cloud starts to serve."""
    if not parts.template.is_file():
        raise AssemblyError(
            f"{parts.template} is not there: run from a checkout, name one with --template, or "
            "go without functions (--no-functions)"
        )
    compiled = run_folder / "policy.json"
    compiled.write_bytes(dump(policy_of(cloud, parts)))
    state = cloud.world.state(cloud.clock.now())
    stack = read_stack(
        parts.template,
        Deployment(state.account_id, state.region),
        {"Mode": parts.mode, "MaxSources": NO_CEILING},
    )

    def environment() -> Mapping[str, str]:
        return {"EVERMIRROR_ENDPOINT": cloud.endpoint}

    platform = Platform(
        Settings(
            stack=stack,
            root=parts.template.parent,
            run_folder=run_folder,
            policy=compiled,
            environment=environment,
            instances=max(1, os.cpu_count() or 1) * 2,
        ),
        Surroundings(
            clock=cloud.clock,
            faults=cloud.faults,
            keyring=cloud.keyring,
            wall=time.time,  # noqa: TID251 - the entry point hands out the real clock
            ticks=time.monotonic,
            draw=lambda: uuid.uuid4().hex,
        ),
    )
    await platform.start()
    cloud.platform = platform
    return platform
