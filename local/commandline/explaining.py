"""`evermirror explain`: why interfaces are mirrored, or are not, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from commandline.connecting import Where, connected, resolve
from commandline.explained import UNKNOWN, explanations, unknown
from commandline.explanation_tables import show_explanation
from commandline.options import BY_WHICH_SETTINGS, as_resources, connection_options
from commandline.tables import console
from evermirror.errors import ReadError, StopError
from evermirror.ids import is_network_interface_id
from evermirror.reasons import NO_INSTANCE, TARGET_INSTANCE

SETTLED = {"mirrored", "excluded", "unattached", NO_INSTANCE, TARGET_INSTANCE}
CANNOT_BE_SAID = {UNKNOWN, "undecided"}


@click.command("explain", epilog=BY_WHICH_SETTINGS)
@click.argument("ids", metavar="ID...", nargs=-1, required=True, callback=as_resources)
@connection_options
@click.option("--verify", is_flag=True, help="Ask the API by a dry run whether it would take it.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object; for several ids, or an instance's, a list of them.",
)
@click.pass_context
def explain_command(  # noqa: PLR0913, PLR0917 - one parameter for each option
    context: click.Context,
    ids: tuple[str, ...],
    endpoint: str | None,
    region: str | None,
    policy_file: Path | None,
    verify: bool,
    as_json: bool,
) -> None:
    """Say why interfaces are mirrored, or are not.

    ID is that of a network interface, or of an instance, which stands for all of its interfaces.

    Names the rule that decides, the pool, its sessions in their order, and what to do. Changes
    nothing. Exit status: 0 when it is mirrored, or should not be; 3 when it is a gap; 4 when that
    cannot be said; of several the highest; 2 for wrong usage; 1 for any other failure.
    """
    told = _told(resolve(endpoint, region, policy_file), ids, verify=verify)
    if as_json:
        alone = len(ids) == 1 and is_network_interface_id(ids[0])
        click.echo(json.dumps(told[0] if alone else told))
    else:
        _show(told)
    context.exit(max(map(_status, told)))


def _told(where: Where, ids: Sequence[str], *, verify: bool) -> list[dict[str, Any]]:
    try:
        with connected(where) as connection:
            return explanations(connection, ids, verify=verify)
    except ReadError as error:
        why = error.reason, f"The cloud could not be read ({error.reason}); try again."
    except StopError as error:
        why = error.code, f"The service refuses: {error} {error.remedy}"
    return [unknown(one, *why) for one in ids]


def _status(told: dict[str, Any]) -> int:
    if told["standing"] in CANNOT_BE_SAID:
        return 4
    return 0 if told["standing"] in SETTLED else 3


def _show(told: Sequence[dict[str, Any]]) -> None:
    """What is known on paper, and once, on stderr, each reason why something is not."""
    for one in told:
        if one["standing"] != UNKNOWN:
            show_explanation(one, console())
    for sentence in dict.fromkeys(one["remedy"] for one in told if one["standing"] == UNKNOWN):
        click.echo(f"Error: {sentence}", err=True)
