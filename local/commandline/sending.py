"""`evermirror send` and `evermirror add`: ask a running mirror, and show its answer."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import click

from commandline.asking import AskingError, ask, request_for
from commandline.connecting import (
    USUAL_ENDPOINT,
    as_address,
    credentials_for,
    settings_of_this_process,
)
from commandline.control import Control, ControlError
from commandline.tables import console, show_outcomes
from evermirror.events.requests import MOST_IDS
from evermirror.ids import is_network_interface_id

COVERED = {"mirrored", "already_mirrored", "healed", "would_mirror"}

endpoint_option = click.option(
    "--endpoint",
    default=USUAL_ENDPOINT,
    envvar="EVERMIRROR_ENDPOINT",
    callback=as_address,
    show_default=True,
    help="Address of a local cloud, or of Function Compute where a function is invoked.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@endpoint_option
@click.option("--duplicate", type=click.IntRange(min=1), default=1, help="Deliver each so often.")
@click.option("--delay-s", type=click.FloatRange(min=0), default=0.0, help="Deliver so much later.")
@click.option("--shuffle", type=int, help="Deliver in the order of this seed.")
@click.option("--wait-s", type=click.FloatRange(min=0), help="Wait for the end, show outcomes.")
@json_option
def send(  # noqa: PLR0917, PLR0913 - one parameter for each option
    files: tuple[Path, ...],
    endpoint: str,
    duplicate: int,
    delay_s: float,
    shuffle: int | None,
    wait_s: float | None,
    as_json: bool,
) -> None:
    """Deliver event FILES to a running local cloud.

    They go onto its bus exactly as they are; its functions do the rest.

    Exit status: 0 when they were delivered and, with --wait-s, all work ended in that time;
    1 otherwise.
    """
    how: dict[str, float] = {"duplicate": duplicate, "delay_s": delay_s}
    if shuffle is not None:
        how["shuffle"] = shuffle
    try:
        with Control(endpoint) as control:
            before = len(control.outcomes())
            for file in files:
                control.send(file.read_bytes(), **how)
            idle = control.wait_until_idle(wait_s) if wait_s is not None else None
            outcomes = control.outcomes()[before:]
    except ControlError as error:
        raise click.ClickException(str(error)) from error
    answer = {"sent": [str(file) for file in files], "idle": idle, "outcomes": outcomes}
    if as_json:
        click.echo(json.dumps(answer))
    else:
        click.echo(f"sent {len(files)} file(s)")
        if idle is not None:
            show_outcomes(outcomes, console())
    if idle is not None and not idle["idle"]:
        raise click.ClickException(f"work was still under way after {wait_s:g} s")


def _interfaces(
    _context: click.Context, _argument: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    for one in given:
        if not is_network_interface_id(one):
            raise click.BadParameter(
                f"{one!r} is no network interface id: eni- and 8 to 40 small letters and digits, "
                "nothing masked",
                param_hint="ENI",
            )
    if len(given) > MOST_IDS:
        raise click.BadParameter(f"{len(given)} are more than one request takes: {MOST_IDS}")
    return given


@click.command()
@click.argument(
    "network_interface_ids", metavar="ENI...", nargs=-1, required=True, callback=_interfaces
)
@endpoint_option
@click.option("--function", default="mirror", show_default=True, help="Mirror's function name.")
@click.option("--reason", default="asked for by hand", show_default=True, help="Why, for people.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@json_option
def add(
    network_interface_ids: tuple[str, ...],
    endpoint: str,
    function: str,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask mirror for interfaces. The policy decides; what it decides is shown.

    Exit status: 0 when every interface is covered (or would be), 2 for wrong usage, 1 otherwise.
    """
    request = request_for(network_interface_ids, dry_run=dry_run, reason=reason)
    try:
        answer = ask(
            endpoint,
            function,
            credentials_for(endpoint, settings_of_this_process()),
            request,
            time.time,  # noqa: TID251 - the process's own clock
            lambda: uuid.uuid4().hex,
        )
    except AskingError as error:
        raise click.ClickException(str(error)) from error
    _show(answer, as_json=as_json)
    if not _all_covered(set(network_interface_ids), answer):
        raise click.exceptions.Exit(1)


def _all_covered(asked: set[str], answer: dict[str, Any]) -> bool:
    outcomes = answer["outcomes"]
    told = {one["network_interface_id"] for one in outcomes}
    waiting = answer["handed_over"] > 0
    return not waiting and asked <= told and all(one["outcome"] in COVERED for one in outcomes)


def _show(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer))
        return
    show_outcomes(answer["outcomes"], console())
    if answer["handed_over"]:
        click.echo(
            f"{answer['handed_over']} interface(s) are still waiting; mirror goes on with them"
        )
