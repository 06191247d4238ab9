"""`evermirror demonstrate`, which `make run` calls: the main job, seen and checked from outside."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from commandline.assembly import ROOT, AssemblyError, Parts, attach_platform, read_fleet_file
from commandline.connecting import Connection, Where, connected
from commandline.control import Control, ControlError
from commandline.coverage_tables import percent
from commandline.demonstrated import Sent, Shown, problems
from commandline.explained import explanation
from commandline.explanation_tables import show_explanation
from commandline.policy_file import read_policy
from commandline.tables import Cell, coloured, console, say, seconds, show
from evermirror.aliyun.credentials import Credentials
from evermirror.coverage import Coverage, coverage
from evermirror.errors import EvermirrorError
from evermirror.settings import Settings
from localcloud.cloud import LocalCloud
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.testing import serving
from localcloud.world.fleet import FleetError

FOLDER = Path(__file__).with_name("demonstration")
EVENTS = ROOT / "events" / "mirror"
SWEEP = "sweep"
"""The template's timer trigger of reconcile."""
LONGEST_S = 60.0
WRITTEN_ON = re.compile(r"2026-01-05T\d\d:\d\d:\d\d(\.\d+)?Z|20260105T\d{6}\.\d{3}\+0800")
"""When the golden events happened, according to themselves."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def demonstrate(context: click.Context, as_json: bool) -> None:
    """Show the product at work, as `make run` does.

    Every event of events/mirror goes to a local cloud; then a sweep; then what is mirrored.

    Exit status: 0 when everything is as it should be; 1 otherwise, saying what is not.
    """
    try:
        shown = _carry_out()
    except (AssemblyError, ControlError, TemplateError, FleetError, EvermirrorError) as error:
        raise click.ClickException(str(error)) from error
    found = list(problems(shown))
    if as_json:
        click.echo(json.dumps(_plain(shown, found)))
    else:
        _print(shown, console())
        for problem in found:
            click.echo(f"not as it should be: {problem}", err=True)
        if not found:
            click.echo(NEXT)
    context.exit(1 if found else 0)


NEXT = """
Three to try next:
  .venv/bin/evermirror up --fleet local/commandline/demonstration/fleet.json \\
      --policy local/commandline/demonstration/policy.yaml
  .venv/bin/evermirror policy try local/commandline/demonstration/policy.yaml \\
      --interface '{"vpc": "vpc-j6c00000000000000001", "instance_tags": {"env": "prod"}}'
  make test"""


def _carry_out() -> Shown:
    fleet = read_fleet_file(FOLDER / "fleet.json")
    policy = read_policy(FOLDER / "policy.yaml")
    with tempfile.TemporaryDirectory(prefix="evermirror-") as folder:

        async def prepare(cloud: LocalCloud) -> None:
            await attach_platform(cloud, Parts(fleet, policy), Path(folder))

        with (
            serving(fleet, speed=1.0, prepare=prepare) as cloud,
            Control(cloud.endpoint) as control,
        ):
            key = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
            with connected(Where(cloud.endpoint, fleet.region, key, policy, Settings())) as asked:
                before = _covered(asked)
                sent = tuple(_send(control, file) for file in _event_files())
                control.wait_until_idle(LONGEST_S)
                outcomes, after = tuple(control.outcomes()), _covered(asked)
                control.fire(SWEEP)
                idle = control.wait_until_idle(LONGEST_S)
                swept = _covered(asked)
                why = explanation(asked, swept.missing[0]) if swept.missing else None
                return Shown(sent, outcomes, idle, cloud.state(), before, after, swept, why)


def _covered(connection: Connection) -> Coverage:
    policy = connection.policy
    return coverage(policy, connection.reader.read(policy))


def _event_files() -> list[Path]:
    # By name and not by path: a dash sorts before the dot of the ending.
    return sorted(EVENTS.glob("*.json"), key=lambda path: path.stem)


def _send(control: Control, file: Path) -> Sent:
    now = datetime.fromtimestamp(time.time(), timezone.utc)  # noqa: TID251 - an entry point
    text = now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    # As if it had just happened, so that the seconds until mirrored are those that passed.
    payload = WRITTEN_ON.sub(text, file.read_text(encoding="utf-8")).encode()
    before = len(control.deliveries())
    control.send(payload)
    routed = control.deliveries()[before:]
    return Sent(file.stem, payload, tuple(rule for one in routed for rule in one["rules"]))


def _rows(shown: Shown) -> Iterable[tuple[Cell, ...]]:
    told = {(one["cause"]["id"], one["network_interface_id"]): one for one in shown.outcomes}
    for sent in shown.sent:
        if not sent.rules:
            yield (sent.name, "", coloured("ignored"), "", "", "no rule of the bus lets it through")
            continue
        name = sent.name
        for ignored in sent.ignored():
            yield (name, "", coloured("ignored"), "", "", ignored.reason or "")
        for (_, interface), one in _about(sent, told):
            yield (
                name,
                interface or one["instance_id"] or "",
                coloured(one["outcome"]),
                one["session_id"] or "",
                seconds(one["attached_to_mirrored_s"]),
                one["rule"] or one["reason"] or "",
            )
            name = ""


def _about(
    sent: Sent, told: dict[tuple[str, str | None], dict[str, Any]]
) -> list[tuple[tuple[str, str | None], dict[str, Any]]]:
    causes = sent.causes()
    return sorted(
        ((key, one) for key, one in told.items() if key[0] in causes), key=lambda row: str(row[0])
    )


def _print(shown: Shown, paper: Console) -> None:
    show(("event", "interface", "outcome", "session", "seconds", "because"), _rows(shown), paper)
    paper.print()
    stages = (
        ("before", shown.before),
        ("after the events", shown.after),
        ("after a sweep", shown.swept),
    )
    for name, counted in stages:
        known = counted.share is not None
        share = percent(len(counted.mirrored), counted.eligible, 0) if known else "unknown"
        say(
            f"coverage {name + ':':<18}{share:>4}, {len(counted.mirrored)} of {counted.eligible} "
            f"mirrored, {len(counted.missing)} missing, {sum(counted.excluded.values())} excluded",
            paper,
        )
    if shown.explained:
        say("\nWhy one is missing still, as `evermirror explain --verify` says it:", paper)
        show_explanation(shown.explained, paper)


def _plain(shown: Shown, found: list[str]) -> dict[str, Any]:
    return {
        "outcomes": shown.outcomes,
        "coverage": {
            name: {"eligible": one.eligible, "mirrored": len(one.mirrored), "missing": one.missing}
            for name, one in (
                ("before", shown.before),
                ("after", shown.after),
                ("swept", shown.swept),
            )
        },
        "explained": shown.explained,
        "problems": found,
    }
