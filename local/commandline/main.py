"""The `evermirror` command: every task that a person or a script starts by hand."""

from __future__ import annotations

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
from commandline.standard_streams import written_out


class _Words(click.Group):
    def main(self, *args: Any, **extra: Any) -> Any:
        with written_out():
            return super().main(*args, **extra)


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
