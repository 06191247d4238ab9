"""`evermirror send` and `evermirror add`: ask a running mirror, and show its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from commandline.asking import AskingError, function_at, joined, requests_for
from commandline.connecting import USUAL_ENDPOINT
from commandline.control import Control, ControlError
from commandline.options import as_address, as_resources
from commandline.progress import waiting_on_stderr
from commandline.tables import console, show_outcomes
from evermirror.events.requests import MOST_IDS

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
                _send(control, file, how)
            idle = control.wait_until_idle(wait_s) if wait_s is not None else None
            outcomes = control.outcomes()[before:]
    except ControlError as error:
        raise click.ClickException(str(error)) from error
    answer = {"sent": [str(file) for file in files], "idle": idle, "outcomes": outcomes}
    if as_json:
        click.echo(json.dumps(answer))
    else:
        click.echo(f"sent {len(files)} file(s)")
        if idle is not None and outcomes:
            show_outcomes(outcomes, console())
        elif idle is not None:
            click.echo("no outcome was told")
    if idle is not None and not idle["idle"]:
        raise click.ClickException(f"work was still under way after {wait_s:g} s")


def _send(control: Control, file: Path, how: Mapping[str, float]) -> None:
    """Delivered as it is, whatever it is; that nothing will come of it is said on stderr."""
    event = file.read_bytes()
    if not _is_json(event):
        click.echo(f"{file}: no JSON; delivered as it is", err=True)
    before = len(control.deliveries())
    control.send(event, **how)
    routed = control.deliveries()[before:]
    if routed and not any(one["rules"] for one in routed):
        click.echo(f"{file}: no rule of the bus lets it through", err=True)


def _is_json(event: bytes) -> bool:
    try:
        json.loads(event)
    except (ValueError, RecursionError):
        return False
    return True


def _resources(
    context: click.Context, argument: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    ids = as_resources(context, argument, given)
    if len(ids) > MOST_IDS:
        raise click.BadParameter(f"{len(ids)} are more than one request takes: {MOST_IDS}")
    return ids


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, callback=_resources)
@endpoint_option
@click.option("--function", default="mirror", show_default=True, help="Mirror's function name.")
@click.option("--reason", default="asked for by hand", show_default=True, help="Why, for people.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@json_option
def add(
    ids: tuple[str, ...],
    endpoint: str,
    function: str,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask mirror for interfaces. The policy decides; what it decides is shown.

    ID is that of a network interface, or of an instance, which stands for all of its interfaces.

    Exit status: 0 when every interface is covered (or would be), 2 for wrong usage, 1 otherwise.
    """
    mirror = function_at(endpoint, function)
    try:
        with waiting_on_stderr(f"the answer of {function}"):
            answer = joined(
                mirror.ask(request) for request in requests_for(ids, dry_run=dry_run, reason=reason)
            )
    except AskingError as error:
        raise click.ClickException(str(error)) from error
    _show(answer, as_json=as_json)
    if not _all_covered(set(ids), answer):
        raise click.exceptions.Exit(1)


def _all_covered(asked: set[str], answer: dict[str, Any]) -> bool:
    outcomes = answer["outcomes"]
    told = {one[key] for one in outcomes for key in ("network_interface_id", "instance_id")}
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
