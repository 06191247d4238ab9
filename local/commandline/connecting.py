"""Reaches a cloud, real or local, for commands that only look: address, credentials, policy.

A local cloud is asked for the policy and the settings that its functions were given. For a real one
the policy is a file of yours and the settings are this process's environment, because a function
cannot be looked into from here.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx

from commandline.policy_file import read_policy
from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import Vpc
from evermirror.clock import SystemClock
from evermirror.errors import EvermirrorError, SettingsError
from evermirror.fleet import FleetReader
from evermirror.policy import Policy, loads
from evermirror.settings import Settings
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
LOCAL_REGION = "cn-hongkong"
USUAL_ENDPOINT = "http://127.0.0.1:4280"
"""Where a local cloud answers if nobody says otherwise."""
CALLS_PER_MINUTE = 600
"""A person waits for the answer; ask for less with EVERMIRROR_CALLS_PER_MINUTE."""


@dataclass(frozen=True, slots=True)
class Where:
    """What the options of a command said, and the policy that they led to."""

    endpoint: str | None
    region: str
    credentials: Credentials
    policy: Policy
    settings: Settings


@dataclass(frozen=True, slots=True)
class Connection:
    """A region that can be read."""

    where: Where
    vpc: Vpc
    ecs: Ecs
    filters: Filters
    reader: FleetReader

    @property
    def policy(self) -> Policy:
        return self.where.policy


def resolve(
    endpoint: str | None, region: str | None, policy_file: Path | None, option: str = "--policy"
) -> Where:
    """Everything that is needed to read; raises click's errors in words for a person.

    `option` is how the command calls the policy in use.
    """
    settings = settings_of_this_process()
    if endpoint is None and (region is None or settings.credentials is None):
        raise click.UsageError(
            "which cloud? A local one: --endpoint http://127.0.0.1:4280. A real one: --region, and "
            "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET (and "
            "ALIBABA_CLOUD_SECURITY_TOKEN) in the environment"
        )
    chosen = credentials_for(endpoint, settings)
    where = region or _region_at(endpoint)
    try:
        Endpoints(where, endpoint)
        policy = read_policy(policy_file) if policy_file else _policy_at(endpoint, option)
        settings = _settings_of(_environment_at(endpoint))
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except EvermirrorError as error:
        raise click.ClickException(str(error)) from error
    return Where(endpoint, where, chosen, policy, settings)


def settings_of_this_process() -> Settings:
    """The environment, as a function would read it; raises click's error where it is wrong."""
    try:
        return _settings_of({})
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _settings_of(deployment: Mapping[str, str]) -> Settings:
    """What a deployment was given, unless this process's environment says otherwise."""
    ours = os.environ  # noqa: TID251 - a process's entry point
    return Settings.from_environment({**deployment, **ours})


def invoking_option(where: Where) -> str:
    """What a command that invokes a function needs besides to reach the same cloud.

    A real one's functions are at an address with the account's number, which is not known here.
    """
    if where.endpoint is None:
        return f" --endpoint https://ACCOUNT.{where.region}.fc.aliyuncs.com"
    return "" if where.endpoint == USUAL_ENDPOINT else f" --endpoint {where.endpoint}"


def advice_at(endpoint: str) -> str:
    """What to do where nothing answers; a local cloud can only be at a loopback address."""
    if not is_local(endpoint):
        return ""
    return "; a local cloud is started with: evermirror up --fleet FILE"


def credentials_for(endpoint: str | None, settings: Settings) -> Credentials:
    """Those of the environment; for a local cloud without any, the ones it accepts."""
    if settings.credentials is not None:
        return settings.credentials
    if is_local(endpoint):
        return Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
    raise click.ClickException(
        f"{endpoint} is no local cloud: set ALIBABA_CLOUD_ACCESS_KEY_ID and "
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET (and ALIBABA_CLOUD_SECURITY_TOKEN)"
    )


def is_local(endpoint: str | None) -> bool:
    """Say whether a local cloud is meant, which can be asked for its own policy."""
    return endpoint is not None and _host(endpoint) in LOOPBACK


def _host(endpoint: str) -> str | None:
    try:
        return urlsplit(endpoint).hostname
    except ValueError as error:
        raise click.BadParameter(f"{endpoint}: {error}", param_hint="--endpoint") from None


def _region_at(endpoint: str | None) -> str:
    """The region of a local cloud, which serves one."""
    if endpoint is None or not is_local(endpoint):
        return LOCAL_REGION
    answer = _asked_for(endpoint, "health")
    try:
        named = answer.json()["region"] if answer.is_success else None
    except (ValueError, KeyError, TypeError):
        named = None
    return named if isinstance(named, str) else LOCAL_REGION


def _asked_for(endpoint: str, name: str) -> httpx.Response:
    """What a local cloud says of itself."""
    try:
        return httpx.get(f"{endpoint.rstrip('/')}/_local/{name}", trust_env=False)
    except httpx.InvalidURL as error:
        raise click.BadParameter(f"{endpoint}: {error}", param_hint="--endpoint") from error
    except httpx.RequestError as error:
        raise click.ClickException(
            f"nothing answers at {endpoint} ({type(error).__name__}){advice_at(endpoint)}"
        ) from error


def _environment_at(endpoint: str | None) -> dict[str, str]:
    """What the sweep of a local cloud was told; nothing where none runs."""
    if endpoint is None or not is_local(endpoint):
        return {}
    answer = _asked_for(endpoint, "environment")
    try:
        told = answer.json() if answer.is_success else {}
    except ValueError:
        told = {}
    variables = told.items() if isinstance(told, dict) else ()
    return {
        name: value
        for name, value in variables
        if name.startswith("EVERMIRROR_") and isinstance(value, str)
    }


def _policy_at(endpoint: str | None, option: str) -> Policy:
    """The policy of a local cloud."""
    if endpoint is None or not is_local(endpoint):
        raise click.UsageError(f"which policy? Name the file that was deployed with {option}")
    answer = _asked_for(endpoint, "policy")
    if not answer.is_success:
        raise click.UsageError(f"this local cloud has no policy: name a file with {option}")
    try:
        return loads(answer.content, "the policy")
    except EvermirrorError as error:
        raise click.ClickException(
            f"what answers at {endpoint} is no local cloud: {error}"
        ) from error


@contextmanager
def connected(where: Where) -> Iterator[Connection]:
    """A region that can be read, within the budget of EVERMIRROR_CALLS_PER_MINUTE where set."""
    clock = SystemClock()
    auth = Acs3Auth(lambda: where.credentials, clock.now, lambda: uuid.uuid4().hex)
    set_by_hand = "EVERMIRROR_CALLS_PER_MINUTE" in os.environ  # noqa: TID251 - an entry point
    calls = where.settings.calls_per_minute if set_by_hand else CALLS_PER_MINUTE
    budget = Budget(time.monotonic, clock.sleep, calls)
    endpoints = Endpoints(where.region, where.endpoint)
    with open_http(verify=not (where.endpoint or "https:").startswith("http:")) as http:
        rpc = Rpc(http, endpoints, auth, where.region, budget, time.monotonic)
        vpc, ecs, filters = Vpc(rpc), Ecs(rpc), Filters(rpc)
        yield Connection(where, vpc, ecs, filters, FleetReader(vpc, ecs, clock, filters))
