"""`evermirror build`: makes what is deployed. For now that is the compiled policy."""

from __future__ import annotations

import json
from pathlib import Path

import click

from commandline.assembly import ROOT
from commandline.policy_file import read_policy
from evermirror.errors import PolicyError
from evermirror.policy import dump


@click.command()
@click.option(
    "--policy",
    type=click.Path(dir_okay=False, path_type=Path),
    default=ROOT / "layers" / "policy" / "policy.yaml",
    help="The policy to compile.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / ".build",
    help="Where to put what is made.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def build(policy: Path, into: Path, as_json: bool) -> None:
    """Compile the policy. Packages of functions and layers come with a later version."""
    try:
        read = read_policy(policy)
    except PolicyError as error:
        raise click.ClickException(str(error)) from error
    compiled = dump(read)
    target = into / "layers" / "policy" / "policy.json"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(compiled)
    except OSError as error:
        raise click.ClickException(f"{target}: {error.strerror}") from error
    if as_json:
        built = {"file": str(target), "bytes": len(compiled), "policy_digest": read.digest}
        click.echo(json.dumps({"built": [built]}))
    else:
        click.echo(f"{target}: {len(compiled)} bytes")
    click.echo("zips of functions and layers are not made yet", err=True)
