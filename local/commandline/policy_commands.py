"""`evermirror policy`: looks at a policy before anything relies on it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from commandline.policy_file import LineProblem, PolicyFile, PolicyFileError, read_policy_file
from commandline.policy_schema import policy_schema
from evermirror.model import Instance, NetworkInterface
from evermirror.policy import InvalidPolicyError, Policy, example_interface

_FILE = click.argument("path", metavar="FILE", type=click.Path(exists=True, path_type=Path))
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def policy() -> None:
    """Check a policy file, or ask it something."""


@policy.command()
@_FILE
@click.option(
    "--allow-growth/--no-allow-growth",
    default=False,
    envvar="EVERMIRROR_ALLOW_GROWTH",
    help="Whether the stack allows pools to make sessions (`AllowGrowth` of template.yml).",
)
@_AS_JSON
@click.pass_context
def check(context: click.Context, path: Path, allow_growth: bool, as_json: bool) -> None:
    """Check FILE, and what it expects of itself.

    Exit status: 0 when nothing is wrong, 1 when something is, 2 for wrong usage. Warnings change
    nothing about it.
    """
    try:
        file = read_policy_file(path)
    except PolicyFileError as error:
        _print_problems(path, error.problems, as_json=as_json)
        context.exit(1)
    refused = file.unmet if allow_growth else tuple(sorted((*file.growth, *file.unmet)))
    if refused:
        _print_problems(path, refused, as_json=as_json)
        context.exit(1)
    if as_json:
        _print_json({**_summary(path, file.policy), "warnings": _listed(file.warnings, "warning")})
    else:
        for warning in file.warnings:
            click.echo(warning.as_warning, err=True)
        click.echo(f"{path}: {_in_words(file.policy)}")


@policy.command("try")
@_FILE
@click.option(
    "--interface",
    "description",
    metavar="JSON",
    required=True,
    help="The interface in the words of a match, as under `expect`: "
    """'{"vpc": "vpc-...", "tags": {"env": "prod"}}'; one of a fleet file will do. """
    "What is not said, it does not have.",
)
@_AS_JSON
@click.pass_context
def try_(context: click.Context, path: Path, description: str, as_json: bool) -> None:
    """Say where FILE sends an interface.

    And which rule decides. Nothing is asked of a cloud.
    """
    interface, instance = _example(description)
    file = _readable(context, path, as_json=as_json)
    decision = file.policy.decide(interface, instance)
    if as_json:
        _print_json(
            {
                "pool": decision.pool,
                "rule": decision.rule,
                "reason": decision.reason,
                "policy_digest": file.policy.digest,
            }
        )
    else:
        goal = "never" if decision.pool is None else decision.pool
        click.echo(f"{goal}: {decision.sentence}")


@policy.command()
def schema() -> None:
    """Print the JSON Schema of the policy file.

    The same as layers/policy/policy.schema.json, by which editors complete and check.
    """
    click.echo(json.dumps(policy_schema(), indent=2, ensure_ascii=False))


def _example(description: str) -> tuple[NetworkInterface, Instance]:
    try:
        return example_interface(_in_policy_words(json.loads(description)))
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--interface") from None
    except InvalidPolicyError as error:
        raise click.BadParameter(str(error), param_hint="--interface") from None


_FLEET_WORDS = {
    "id": "network_interface",
    "security_groups": "security_group",
    "trunk": "trunk_network_interface",
}
_OF_NO_INTEREST = {"status", "created", "bond_without_slave"}


def _in_policy_words(description: object) -> object:
    """Let an interface be pasted from a fleet file, which has more words, and null for "none"."""
    if not isinstance(description, dict):
        return description
    return {
        _FLEET_WORDS.get(key, key): value
        for key, value in description.items()
        if key not in _OF_NO_INTEREST and value is not None
    }


def _readable(context: click.Context, path: Path, *, as_json: bool) -> PolicyFile:
    try:
        return read_policy_file(path)
    except PolicyFileError as error:
        _print_problems(path, error.problems, as_json=as_json)
        context.exit(1)


def _print_problems(path: Path, problems: tuple[LineProblem, ...], *, as_json: bool) -> None:
    if not as_json:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(f"{path}: {_counted(len(problems), 'problem')}", err=True)
        return
    listed = _listed(problems, "problem")
    _print_json({"ok": False, "file": str(path), "problems": listed})


def _listed(problems: tuple[LineProblem, ...], kind: str) -> list[dict[str, object]]:
    return [{"line": one.line, "key": one.key or None, kind: one.sentence} for one in problems]


def _summary(path: Path, policy: Policy) -> dict[str, object]:
    return {
        "ok": True,
        "file": str(path),
        "policy_digest": policy.digest,
        "pools": {name: len(pool.session_ids) for name, pool in policy.pools.items()},
        "finding": [name for name, pool in policy.pools.items() if pool.discovery],
        "growing": {
            name: len(pool.growth.numbers) for name, pool in policy.pools.items() if pool.growth
        },
        "rules": [rule.name for rule in policy.rules],
        "default": policy.default,
        "expectations": len(policy.expectations),
        "problems": [],
    }


def _in_words(policy: Policy) -> str:
    return (
        f"good, digest {policy.digest}: {_counted(len(policy.pools), 'pool')} with "
        f"{_sessions_in_words(policy)}, {_counted(len(policy.rules), 'rule')}, "
        f"default {policy.default or 'never'}; "
        f"{_counted(len(policy.expectations), 'expectation')} met"
    )


def _sessions_in_words(policy: Policy) -> str:
    pools = policy.pools.values()
    words = _counted(sum(len(pool.session_ids) for pool in pools), "session")
    finding = sum(pool.discovery is not None for pool in pools)
    made = sum(len(pool.growth.numbers) for pool in pools if pool.growth)
    if finding:
        words += f" and those that {_counted(finding, 'pool')} will find"
    return f"{words} (and up to {made} to be made)" if made else words


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _print_json(document: dict[str, object]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
