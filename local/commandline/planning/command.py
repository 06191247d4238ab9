"""`evermirror plan`: what a policy would mean for a live fleet, before it is deployed."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import click

from commandline.assembly import ROOT
from commandline.connecting import Connection, connected, is_local, resolve
from commandline.options import cloud_options, hanging_on
from commandline.planning.plan import Plan, make_plan, to_wire
from commandline.planning.quotas import Quotas
from commandline.planning.reading import read_fleet
from commandline.planning.tables import show_plan
from commandline.planning.verifying import Asking, questions, verify
from commandline.policy_file import read_policy
from commandline.progress import progress_on_stderr
from commandline.tables import console
from evermirror.errors import PolicyError, ReadError, StopError
from evermirror.policy import Policy

REPOSITORY_POLICY = ROOT / "layers" / "policy" / "policy.yaml"
EXIT = {"fits": 0, "gaps": 3, "unknown": 4}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "plan",
    epilog=hanging_on(
        "EVERMIRROR_MAX_SOURCES", "EVERMIRROR_ALLOW_GROWTH", "EVERMIRROR_SOURCES_PER_SESSION"
    ),
)
@click.option("--policy", "new", metavar="NEW", type=_FILE, help="The policy to plan for.")
@click.option(
    "--current",
    type=_FILE,
    help="The policy in use, YAML or compiled; a local cloud is asked for its own, otherwise it is "
    "layers/policy/policy.yaml.",
)
@cloud_options
@click.option(
    "--verify",
    "verifying",
    is_flag=True,
    help="Ask the service by a dry run about each interface that would be added.",
)
@click.option(
    "--verify-at-most",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Dry runs to make at most: one call an interface.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def plan_command(  # noqa: PLR0913, PLR0917 - one parameter for each option
    context: click.Context,
    new: Path | None,
    current: Path | None,
    endpoint: str | None,
    region: str | None,
    verifying: bool,
    verify_at_most: int,
    as_json: bool,
) -> None:
    """Hold a policy against the whole fleet.

    It is compared with the policy in use, over the fleet as it is now. Says which interfaces
    change pool, what each rule decides, whether the pools have room and what is missing, the price
    of a month, and what the fleet shows to be wrong with the policy. Changes nothing; needs only
    permissions to read, and for --verify those of mirror. Without --policy the policy in use is
    looked at.

    Exit status: 0 when everything fits; 3 when seats are missing, sessions do not mirror or would
    be no pool's any more, or a dry run was refused; 4 when that cannot be said: not everything
    could be read or decided, the policy wants nothing at all, or a dry run got no answer; 2 for
    wrong usage; 1 for any other failure.
    """
    where = resolve(endpoint, region, _current_file(current, endpoint), "--current")
    policy = where.policy if new is None else _read(new)
    names = {
        "region": where.region,
        "current": str(current or "the policy in use"),
        "policy": str(new or current or "the policy in use"),
    }
    try:
        with connected(where) as connection:
            plan = _plan(connection, policy, verify_at_most if verifying else 0)
    except ReadError as error:
        if error.reason == "connection_failed":
            there = where.endpoint or where.region
            raise click.ClickException(f"nothing answers at {there}") from None
        told = _unknown(names, error.reason, "The read was not finished: try again later.")
    except StopError as error:
        told = _unknown(names, error.code, error.remedy)
    else:
        told = to_wire(plan, names)
    _show(told, as_json=as_json)
    context.exit(EXIT[told["status"]])


def _current_file(current: Path | None, endpoint: str | None) -> Path | None:
    """The policy in use; None means that the local cloud is asked for it."""
    if current is not None or is_local(endpoint):
        return current
    if not REPOSITORY_POLICY.is_file():
        raise click.UsageError("which policy is in use? Name its file with --current")
    return REPOSITORY_POLICY


def _read(path: Path) -> Policy:
    try:
        return read_policy(path)
    except PolicyError as error:
        raise click.ClickException(str(error)) from error


def _plan(connection: Connection, policy: Policy, dry_runs: int) -> Plan:
    where = connection.where
    with progress_on_stderr() as progress:
        policies = (where.policy, policy)
        fleet = read_fleet(connection.reader, connection.ecs, policies, progress)
    quotas = Quotas()
    plan = make_plan(policy, where.policy, fleet, where.settings.limits, quotas)
    if not dry_runs or (plan.unknown is not None and not plan.to_ask):
        return plan
    number = plan.to_ask
    with progress_on_stderr("asking") as progress:
        asking = Asking(
            connection.vpc,
            dry_runs,
            lambda: uuid.uuid4().hex,
            time.sleep,  # noqa: TID251 - an entry point hands out the real clock
            lambda asked: progress(f"of {min(number, dry_runs):,} dry runs", asked),
        )
        verification = verify(questions(plan.placement, plan.needs, quotas), number, asking)
    refused = set(verification.of_an_unsupported_type)
    on = (one.instance_id for one in fleet.interfaces if one.id in refused)
    instances, _ = connection.reader.read_instances(filter(None, on))
    return plan.verified(verification, instances)


def _unknown(names: dict[str, str], reason: str, remedy: str) -> dict[str, Any]:
    return {**names, "status": "unknown", "unknown": reason, "remedy": remedy}


def _show(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told))
    else:
        show_plan(told, console())
