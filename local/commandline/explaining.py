"""`evermirror explain`: why one interface is mirrored, or is not, and what to do about it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from commandline.connecting import (
    BY_WHICH_SETTINGS,
    Connection,
    connected,
    connection_options,
    resolve,
)
from commandline.progress import progress_on_stderr
from commandline.sending import check_interface_id, json_option
from commandline.tables import console, show
from evermirror.aliyun.answers import Accepted, Refused, Unknown
from evermirror.engine.reasons import NO_INSTANCE, TARGET_INSTANCE
from evermirror.errors import ReadError, StopError
from evermirror.explanation import Explanation, explain
from evermirror.fleet import Fleet, idle_filters
from evermirror.reconcile.terms import terms_of

SETTLED = {"mirrored", "excluded", "unattached", NO_INSTANCE, TARGET_INSTANCE}
COLOURS = {"listed": "green", "asked": "cyan", "waited_for": "yellow", "passed": "red"}


class UnknownStandingError(click.ClickException):
    """Nothing can be said about the interface now."""

    exit_code = 4


@click.command("explain", epilog=BY_WHICH_SETTINGS)
@click.argument("network_interface_id", metavar="ENI")
@connection_options
@click.option("--verify", is_flag=True, help="Ask the API by a dry run whether it would take it.")
@json_option
@click.pass_context
def explain_command(  # noqa: PLR0913, PLR0917 - one parameter for each option
    context: click.Context,
    network_interface_id: str,
    endpoint: str | None,
    region: str | None,
    policy_file: Path | None,
    verify: bool,
    as_json: bool,
) -> None:
    """Say why ENI is mirrored, or is not.

    Names the rule that decides, the pool, its sessions in their order, and what to do. Changes
    nothing. Exit status: 0 when it is mirrored, or should not be; 3 when it is a gap; 4 when that
    cannot be said; 2 for wrong usage; 1 for any other failure.
    """
    check_interface_id(network_interface_id)
    where = resolve(endpoint, region, policy_file)
    try:
        with connected(where) as connection:
            found = _explained(connection, network_interface_id)
            answer = _verified(connection, found) if verify and found else None
    except ReadError as error:
        raise UnknownStandingError(
            f"the cloud could not be read ({error.reason}); try again"
        ) from error
    except StopError as error:
        raise UnknownStandingError(f"the service refuses: {error} {error.remedy}") from error
    if found is None:
        raise UnknownStandingError(
            f"{network_interface_id} is not visible in {where.region}: it is deleted, belongs to "
            "another account or region, or these credentials may not call "
            "ecs:DescribeNetworkInterfaces"
        )
    told = _plain(found, answer)
    if as_json:
        click.echo(json.dumps(told))
    else:
        show_explanation(told, console())
    context.exit(_status(found))


def explanation(connection: Connection, network_interface_id: str) -> dict[str, Any] | None:
    """What is told of an interface, a dry run included; None where it is not visible.

    Raises ReadError or StopError where the cloud could not be read.
    """
    found = _explained(connection, network_interface_id)
    return _plain(found, _verified(connection, found)) if found else None


def _status(found: Explanation) -> int:
    if found.standing == "undecided":
        return 4
    return 0 if found.standing in SETTLED else 3


def _explained(connection: Connection, network_interface_id: str) -> Explanation | None:
    with progress_on_stderr() as progress:
        sessions = connection.vpc.every_session(lambda n: progress("sessions", n))
    targets = {s.target_id for s in sessions if s.target_type == "NetworkInterface" and s.target_id}
    wanted = sorted({network_interface_id, *targets})
    interfaces = connection.ecs.describe_network_interfaces(wanted)
    ours = next((one for one in interfaces if one.id == network_interface_id), None)
    if ours is None:
        return None
    instances = connection.ecs.describe_instances([ours.instance_id] if ours.instance_id else [])
    fleet = Fleet(
        interfaces=interfaces,
        sessions={session.id: session for session in sessions},
        instances={instance.id: instance for instance in instances},
        idle_filter_ids=idle_filters(connection.filters),
        at=connection.reader.clock.now(),
    )
    return explain(connection.policy, fleet, terms_of(connection.where.settings), ours.id)


def _verified(connection: Connection, found: Explanation) -> dict[str, Any] | None:
    """What the service says to a dry run; None where there is nothing to ask it."""
    session_id = found.next_session
    if session_id is None:
        return None
    token = f"verify-{uuid.uuid4().hex}"
    answer = connection.vpc.add_sources(session_id, [found.interface.id], token, dry_run=True)
    return {"session_id": session_id, **_answer(answer)}


def _answer(answer: Accepted | Refused | Unknown) -> dict[str, Any]:
    if isinstance(answer, Accepted):
        return {"accepted": True, "code": None, "message": None, "remedy": None}
    if isinstance(answer, Unknown):
        return {"accepted": None, "code": answer.reason, "message": None, "remedy": "Try again."}
    return {
        "accepted": False,
        "code": answer.code,
        "message": answer.message,
        "remedy": answer.remedy,
    }


def _plain(found: Explanation, answer: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "network_interface_id": found.interface.id,
        "instance_id": found.interface.instance_id,
        "status": found.interface.status,
        "standing": found.standing,
        "rule": found.decision.rule,
        "pool": found.decision.pool,
        "because": found.decision.sentence,
        "sessions": [
            {"session_id": step.session_id, "what": step.what, "why": step.why}
            for step in found.steps
        ],
        "elsewhere": list(found.elsewhere),
        "shadowed": found.shadowed,
        "verified": answer,
        "remedy": (answer or {}).get("remedy") or found.remedy,
    }


def show_explanation(told: dict[str, Any], paper: Console) -> None:
    """Where it stands, its sessions in their order, the service's word, and what to do."""
    on = f" on {told['instance_id']}" if told["instance_id"] else ""
    paper.print(
        Text(f"{told['network_interface_id']}{on}, {told['status']}: {told['standing']}", "bold")
    )
    paper.print(f"  {told['because']}", markup=False)
    rows = [
        (one["session_id"], Text(one["what"], COLOURS.get(one["what"], "dim")), one["why"])
        for one in told["sessions"]
    ]
    if rows:
        show(("session, in its order", "", "because"), rows, paper)
    if told["elsewhere"]:
        first = ", which takes its packets first" if told["shadowed"] else ""
        paper.print(f"  also a source of {', '.join(told['elsewhere'])}{first}", markup=False)
    if told["verified"]:
        paper.print(f"  {_verdict(told['verified'])}", markup=False)
    paper.print(f"  → {told['remedy']}", markup=False)


def _verdict(answer: dict[str, Any]) -> str:
    if answer["accepted"]:
        return f"dry run: {answer['session_id']} would take it"
    said = f": {answer['message']}" if answer["message"] else ""
    return f"dry run: {answer['session_id']} answers {answer['code']}{said}"
