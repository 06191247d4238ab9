"""`evermirror build`: makes what is deployed."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import click

from commandline.assembly import ROOT, TEMPLATE
from commandline.packages.building import Made, Order, build_all, put
from commandline.packages.contents import folders_of
from commandline.packages.errors import BuildError
from commandline.packages.interpreters import find_interpreter
from commandline.packages.requirements import RUNTIMES, Target
from commandline.policy_file import read_policy
from commandline.tables import console, show
from evermirror.errors import PolicyError
from evermirror.policy import dump
from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.functioncompute.template import read_document


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
@click.option(
    "--downloads",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / ".build" / "downloads",
    help="Where fetched packages are kept for the next build.",
)
@click.option(
    "--runtime",
    "runtimes",
    type=click.Choice(RUNTIMES),
    multiple=True,
    default=RUNTIMES,
    help="Build for this runtime only; may be given twice.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def build(
    policy: Path, into: Path, downloads: Path, runtimes: tuple[str, ...], as_json: bool
) -> None:
    """Make the packages that are deployed.

    These are the zips that template.yml names, bills of materials, and SHA256SUMS. The same
    sources make the same bytes, whenever and in whatever folder.
    """
    targets = [Target(runtime) for runtime in RUNTIMES if runtime in runtimes]
    found = {target.version: find_interpreter(target.version) for target in targets}
    interpreters = {name: path for name, path in found.items() if path is not None}
    try:
        read = read_policy(policy)
        into.mkdir(parents=True, exist_ok=True)
        order = Order(
            root=ROOT,
            folders=_folders(),
            policy=dump(read),
            targets=targets,
            interpreters=interpreters,
            downloads=downloads,
            version=version("evermirror"),
        )
        made = build_all(order)
        put(made, into)
    except (PolicyError, BuildError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or into}: {error.strerror}") from error
    _tell(made, into, read.digest, as_json=as_json)
    for missing in sorted(found.keys() - interpreters.keys()):
        click.echo(
            f"no CPython {missing} here, so nothing carries bytecode for it: it would run, "
            "compiling everything at each cold start",
            err=True,
        )


def _folders() -> list[str]:
    """The folders that the template says its objects are made of."""
    try:
        return folders_of(read_document(TEMPLATE))
    except (OSError, TemplateError) as error:
        raise BuildError(f"{TEMPLATE}: {error}") from error


def _tell(made: list[Made], into: Path, policy_digest: str, *, as_json: bool) -> None:
    if as_json:
        built = [
            {
                "file": str(into / one.name),
                "bytes": len(one.content),
                "unpacked_bytes": one.unpacked,
                "files": one.files,
                "bytecode": list(one.bytecode),
                "sha256": one.sha256,
            }
            for one in made
        ]
        click.echo(json.dumps({"built": built, "policy_digest": policy_digest}))
        return
    rows = [
        (
            one.name,
            f"{len(one.content):,}",
            f"{one.unpacked:,}" if one.files else "",
            f"{one.files}" if one.files else "",
            ", ".join(one.bytecode),
            one.sha256[:16],
        )
        for one in made
    ]
    show((f"in {into}", "bytes", "unpacked", "files", "bytecode for", "sha256"), rows, console())
