"""Puts a local cloud together from files: a fleet, a policy, a template and the functions."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commandline.default_policy import default_policy
from commandline.packages.contents import folders_of
from commandline.packages.errors import BuildError
from commandline.packages.unpacking import Built, Code, unpack
from commandline.policy_file import read_policy
from evermirror.policy import Policy, dump
from localcloud.cloud import LocalCloud
from localcloud.functioncompute.resources import Stack
from localcloud.functioncompute.stack import stack_of
from localcloud.functioncompute.template import Deployment, Template, read_document
from localcloud.platform import Platform, Settings, Surroundings
from localcloud.world.fleet import Fleet, FleetError, parse_fleet

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yml"
WEBHOOK_SECRET = "whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWV2ZXJtaXJyb3Ih"  # noqa: S105 - public, as the next line says
"""Signs requests to the local webhook; as public as the local access key."""

STACK_KEY = "bG9jYWwgc3RhY2sga2V5LCBhcyBwdWJsaWMgYXMgdGhlIHJlc3Qgb2YgaXQ="
"""Signs what mirror and the sweep ask mirror for; as public, and good for nothing elsewhere."""

SECRET = {"EVERMIRROR_WEBHOOK_SECRET", "EVERMIRROR_CHANNELS", "EVERMIRROR_STACK_KEY"}
"""Variables that are told to nobody; an address to deliver to may hold a token."""

NO_CEILING = 1_000_000
"""Nothing costs money here, so the template's modest ceiling would only surprise."""


class AssemblyError(Exception):
    """Something that the local cloud is made of is missing or wrong; the message says what."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a local cloud is made of. `policy` None takes everything into one pool, or is that of
    the packages where `built` ones are run instead of the checkout. `parameters` are those that
    the template is deployed with, on top of what suits this machine.
    """

    fleet: Fleet
    policy: Policy | None = None
    mode: str = "act"
    template: Path = TEMPLATE
    built: Built | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)


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
    state: dict[str, Any] = json.loads(cloud.state().model_dump_json())
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
    document = read_document(parts.template)
    code = _code(parts, document, run_folder)
    compiled = run_folder / "policy.json"
    given = code.policy if parts.policy is None else None
    compiled.write_bytes(given or dump(policy_of(cloud, parts)))
    cloud.policy = compiled.read_bytes()
    state = cloud.state()
    there = Deployment(state.account_id, state.region)
    parameters = {
        "Mode": parts.mode,
        "MaxSources": NO_CEILING,
        "WebhookSecret": WEBHOOK_SECRET,
        "StackKey": STACK_KEY,
        **code.parameters,
        **parts.parameters,
    }
    stack = stack_of(Template(document, there, parameters), code.root.resolve())
    cloud.environment = _told_to_the_sweep(stack)

    def environment() -> Mapping[str, str]:
        return {"EVERMIRROR_ENDPOINT": cloud.endpoint}

    platform = Platform(
        Settings(
            stack=stack,
            root=code.root,
            run_folder=run_folder,
            policy=compiled,
            packages=code.packages,
            interpreter=code.interpreter,
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


def _told_to_the_sweep(stack: Stack) -> Mapping[str, str]:
    """The variables by which it judges coverage, so that a person can judge by the same."""
    return {
        name: value
        for function in stack.functions.values()
        if function.name.endswith("reconcile")
        for name, value in function.environment.items()
        if name.startswith("EVERMIRROR_") and name not in SECRET
    }


def _code(parts: Parts, document: object, run_folder: Path) -> Code:
    """What the functions run: the checkout around the template, or what was built of it."""
    if parts.built is None:
        return Code(parts.template.parent)
    try:
        return unpack(parts.built, folders_of(document), run_folder / "built")
    except BuildError as error:
        raise AssemblyError(str(error)) from error
