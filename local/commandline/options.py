"""Options and arguments that several commands have, and what is wrong usage of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from evermirror.aliyun.endpoints import is_address
from evermirror.ids import is_instance_id, is_network_interface_id

Command = TypeVar("Command", bound=Callable[..., object])


def hanging_on(*settings: str) -> str:
    """The end of the help of a command whose verdict hangs on settings of the deployment."""
    return (
        f"The verdict hangs on what the deployment was given as {', '.join(settings)}. A local "
        "cloud is asked for that; for a real one, set it here as it is set there. What is set here "
        "wins."
    )


BY_WHICH_SETTINGS = hanging_on(
    "EVERMIRROR_MAX_SOURCES",
    "EVERMIRROR_ALLOW_GROWTH",
    "EVERMIRROR_SOURCES_PER_SESSION",
    "EVERMIRROR_GRACE_S",
    "EVERMIRROR_SWEEP_INTERVAL_S",
)


def as_address(
    _context: click.Context, _option: click.Parameter, endpoint: str | None
) -> str | None:
    """The value of an option that is an address; raises click's error for what is none."""
    if endpoint is None or is_address(endpoint):
        return endpoint
    raise click.BadParameter(
        f"{endpoint!r} is no http:// or https:// address; a local cloud's is http://127.0.0.1:4280"
    )


def as_resources(
    _context: click.Context, _argument: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    """Ids of interfaces and instances, each once; raises click's error for what is neither."""
    for one in given:
        if not (is_network_interface_id(one) or is_instance_id(one)):
            raise click.BadParameter(
                f"{one!r} is no network interface id and no instance id: eni- or i-, and 8 to 40 "
                "small letters and digits, nothing masked",
                param_hint="ID",
            )
    return tuple(dict.fromkeys(given))


def cloud_options(command: Command) -> Command:
    """--endpoint and --region, for commands that read a cloud."""
    endpoint = click.option(
        "--endpoint",
        envvar="EVERMIRROR_ENDPOINT",
        callback=as_address,
        help="A local cloud's address; without, the region's own services.",
    )
    region = click.option(
        "--region",
        envvar="ALIBABA_CLOUD_REGION_ID",
        help="The region to read; a local cloud is asked for its own.",
    )
    return endpoint(region(command))


def connection_options(command: Command) -> Command:
    """--endpoint, --region and --policy, for commands that judge a cloud by one policy."""
    policy = click.option(
        "--policy",
        "policy_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The policy to judge by; a local cloud is asked for its own.",
    )
    return cloud_options(policy(command))
