"""`evermirror demonstrate`, which `make run` calls: the main job, seen and checked from outside."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from commandline.assembly import ROOT, Parts, attach_platform, read_fleet_file
from commandline.control import Control
from commandline.policy_file import read_policy
from commandline.reading_coverage import read_coverage
from commandline.tables import coloured, console, seconds, show
from evermirror.aliyun.credentials import Credentials
from evermirror.coverage import Coverage
from evermirror.events import parse
from evermirror.model import Outcome, Parsed, Place, Verdict
from localcloud.cloud import LocalCloud
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from localcloud.testing import serving

FOLDER = Path(__file__).with_name("demonstration")
EVENTS = ROOT / "events" / "mirror"
LONGEST_S = 60.0
WRITTEN_ON = re.compile(r"2026-01-05T\d\d:\d\d:\d\d(\.\d+)?Z|20260105T\d{6}\.\d{3}\+0800")
"""When the golden events happened, according to themselves."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event file as it was sent, and the rules of the bus that let it through."""

    name: str
    payload: bytes
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What happened, as far as it can be seen from outside."""

    sent: tuple[Sent, ...]
    outcomes: tuple[dict[str, Any], ...]
    idle: dict[str, Any]
    state: dict[str, Any]
    before: Coverage
    after: Coverage


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def demonstrate(context: click.Context, as_json: bool) -> None:
    """Deliver every event of events/mirror to a local cloud, and show what comes of it.

    Exit status: 0 when everything is as it should be; 1 otherwise, saying what is not.
    """
    shown = _carry_out()
    problems = list(_problems(shown))
    if as_json:
        click.echo(json.dumps(_plain(shown, problems)))
    else:
        _print(shown, console())
        for problem in problems:
            click.echo(f"not as it should be: {problem}", err=True)
        if not problems:
            click.echo(NEXT)
    context.exit(1 if problems else 0)


NEXT = """
Three to try next:
  .venv/bin/evermirror up --fleet local/commandline/demonstration/fleet.json
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
            ids = [interface["id"] for interface in cloud.state()["network_interfaces"]]

            def covered() -> Coverage:
                key = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
                return read_coverage(cloud.endpoint, fleet.region, key, policy, ids)

            before = covered()
            sent = tuple(_send(control, file) for file in _event_files())
            idle = control.wait_until_idle(LONGEST_S)
            outcomes = tuple(control.outcomes())
            return Shown(sent, outcomes, idle, cloud.state(), before, covered())


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


def _rows(shown: Shown) -> Iterable[tuple[str, ...]]:
    told = {(one["cause"]["id"], one["network_interface_id"]): one for one in shown.outcomes}
    for sent in shown.sent:
        if not sent.rules:
            yield (sent.name, "", coloured("ignored"), "", "", "no rule of the bus lets it through")
            continue
        name = sent.name
        for ignored in _ignored(sent):
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
    causes = _causes(sent)
    return sorted(
        ((key, one) for key, one in told.items() if key[0] in causes), key=lambda row: str(row[0])
    )


def _parsed(sent: Sent) -> Parsed:
    return parse(sent.payload, Place("1234567890123456", "cn-hongkong"), 0.0, "demonstration")


def _ignored(sent: Sent) -> list[Outcome]:
    return [one for one in _parsed(sent).outcomes if one.verdict is Verdict.IGNORED]


def _causes(sent: Sent) -> set[str]:
    """The causes for which something must be told."""
    parsed = _parsed(sent)
    told = (one.cause for one in parsed.outcomes if one.verdict is not Verdict.IGNORED)
    return {cause.id for cause in (*(intent.cause for intent in parsed.intents), *told)}


def _print(shown: Shown, paper: Console) -> None:
    show(("event", "interface", "outcome", "session", "seconds", "because"), _rows(shown), paper)
    paper.print()
    for name, coverage in (("before", shown.before), ("after", shown.after)):
        share = "unknown" if coverage.share is None else f"{coverage.share:.0%}"
        paper.print(
            f"coverage {name}: {share}, {len(coverage.mirrored)} of {coverage.eligible} mirrored, "
            f"{len(coverage.missing)} missing, {sum((coverage.excluded or {}).values())} excluded"
        )
    if shown.after.missing:
        paper.print(f"still missing: {', '.join(shown.after.missing)}")


def _problems(shown: Shown) -> Iterable[str]:
    """Everything that must hold after any run, found in the state of the cloud and not assumed."""
    yield from _problems_of_the_way(shown)
    yield from _problems_of_coverage(shown)
    sources = {one["id"]: set(one["sources"]) for one in shown.state["sessions"]}
    for one in shown.outcomes:
        covered = one["outcome"] in {"mirrored", "already_mirrored"}
        if covered and one["network_interface_id"] not in sources[one["session_id"]]:
            yield f"{one['network_interface_id']} was told to be in {one['session_id']}, and is not"


def _problems_of_the_way(shown: Shown) -> Iterable[str]:
    if not shown.idle["idle"]:
        yield f"work was still under way after {LONGEST_S:.0f} s: {shown.idle['under_way']}"
    if shown.idle["dead_letters"]:
        yield f"{shown.idle['dead_letters']} dead letter(s)"
    answered = {one["cause"]["id"] for one in shown.outcomes}
    for sent in shown.sent:
        if sent.rules and not _causes(sent) <= answered:
            yield f"{sent.name} reached mirror, and not everything was told about it"


def _problems_of_coverage(shown: Shown) -> Iterable[str]:
    before, after = set(shown.before.mirrored), set(shown.after.mirrored)
    if shown.after.twice:
        yield f"mirrored twice: {', '.join(shown.after.twice)}"
    if before - after:
        yield f"not mirrored any more: {', '.join(sorted(before - after))}"
    if not after - before:
        yield "no interface was mirrored"


def _plain(shown: Shown, problems: list[str]) -> dict[str, Any]:
    return {
        "outcomes": shown.outcomes,
        "coverage": {
            name: {"eligible": one.eligible, "mirrored": len(one.mirrored), "missing": one.missing}
            for name, one in (("before", shown.before), ("after", shown.after))
        },
        "problems": problems,
    }
