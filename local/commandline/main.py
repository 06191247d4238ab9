"""The `evermirror` command: every task that a person or a script starts by hand."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from commandline.covering import coverage_command, sweep
from commandline.demonstrating import demonstrate
from commandline.explaining import explain_command
from commandline.packaging import build
from commandline.planning.command import plan_command
from commandline.policy_commands import policy
from commandline.sending import add, send
from commandline.serving import up


class _Words(click.Group):
    """What the machine refuses, a full disk say, is told in a sentence as everything else is.

    What the encoding of a stream cannot write becomes a question mark: a name in the policy must
    not cost the answer.
    """

    def main(self, *args: Any, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # nobody reads on, which is click's to end quietly
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error


@click.group(cls=_Words)
@click.version_option(package_name="evermirror")
def main() -> None:
    """Keeps every network interface that should be mirrored, mirrored.

    `up` serves a local cloud to try everything on; `add`, `sweep` and `send` ask for something;
    `coverage`, `explain` and `plan` only look. COMMAND --help says what its exit status means.
    """


for command in (
    up,
    send,
    add,
    sweep,
    coverage_command,
    plan_command,
    explain_command,
    policy,
    build,
    demonstrate,
):
    main.add_command(command)
