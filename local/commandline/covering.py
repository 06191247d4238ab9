"""`evermirror coverage` and `evermirror sweep`: how much is mirrored, and why the rest is not."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from commandline.asking import AskingError, function_at
from commandline.connecting import Where, connected, resolve
from commandline.coverage_tables import show_coverage
from commandline.options import BY_WHICH_SETTINGS, connection_options
from commandline.progress import progress_on_stderr, waiting_on_stderr
from commandline.refusals import known_by_dry_runs
from commandline.sending import endpoint_option, json_option
from commandline.tables import console
from evermirror.coverage import (
    Coverage,
    Known,
    Status,
    coverage,
    remedies,
    to_wire,
    unknown_because,
)
from evermirror.errors import ReadError, StopError

EXIT = {Status.FULL: 0, Status.PENDING: 3, Status.GAPS: 3, Status.UNKNOWN: 4}
EVERYTHING = 1_000_000


@click.command("coverage", epilog=BY_WHICH_SETTINGS)
@connection_options
@click.option(
    "--verify",
    is_flag=True,
    help="Ask the API by dry runs, 200 at most, which gaps it refuses for their type.",
)
@json_option
@click.pass_context
def coverage_command(
    context: click.Context,
    endpoint: str | None,
    region: str | None,
    policy_file: Path | None,
    verify: bool,
    as_json: bool,
) -> None:
    """Show how much of the fleet is mirrored.

    Reads everything and compares it with the policy. Changes nothing. Exit status: 0 when every
    eligible interface is mirrored; 3 when some are not; 4 when coverage is unknown; 2 for wrong
    usage; 1 for any other failure.
    """
    where = resolve(endpoint, region, policy_file)
    found, said = _read(where, verify=verify)
    told = {
        "region": where.region,
        "policy_digest": where.policy.digest,
        **to_wire(found, EVERYTHING),
        "remedies": said,
    }
    _show(told, as_json=as_json)
    context.exit(EXIT[found.status])


def _read(where: Where, *, verify: bool) -> tuple[Coverage, list[str]]:
    limits = where.settings.limits
    try:
        with connected(where) as connection:
            with progress_on_stderr() as progress:
                fleet = connection.reader.read(where.policy, progress)
            # What could be mirrored, nobody has asked yet.
            found = coverage(where.policy, fleet, limits, Known(takes={}))
            if verify and found.unknown is None and found.missing:
                known = known_by_dry_runs(connection, fleet, found)
                found = coverage(where.policy, fleet, limits, known)
    except ReadError as error:
        if error.reason == "connection_failed":
            raise click.ClickException(
                f"nothing answers at {where.endpoint or where.region}"
            ) from None
        return unknown_because(error.reason), ["The read was not finished: try again later."]
    except StopError as error:
        return unknown_because(error.code), [error.remedy]
    return found, remedies(found)


@click.command()
@endpoint_option
@click.option("--function", default="reconcile", show_default=True, help="Reconcile's name.")
@json_option
@click.pass_context
def sweep(context: click.Context, endpoint: str, function: str, as_json: bool) -> None:
    """Look now for what events missed.

    Has reconcile sweep at once, and shows what it found. Reconcile asks mirror for what is
    missing; mirror goes on with that after this command ends. Exit status: as for `evermirror
    coverage`, from what was found before mirror acts.
    """
    now = datetime.fromtimestamp(time.time(), timezone.utc)  # noqa: TID251 - an entry point
    tick = {"triggerTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "triggerName": "by hand"}
    try:
        with waiting_on_stderr(f"the answer of {function}"):
            told = function_at(endpoint, function).invoke(tick)
    except AskingError as error:
        raise click.ClickException(str(error)) from error
    if not isinstance(told, dict) or told.get("status") not in set(Status):
        raise click.ClickException(f"{function} is no reconcile: it answers {str(told)[:200]!r}")
    _show(told, as_json=as_json)
    context.exit(EXIT[Status(told["status"])])


def _show(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told))
    else:
        show_coverage(told, console())
