"""How results look to people: one table of outcomes, wherever they come from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE_ENOUGH = 160

Cell = str | Text
"""Plain words, whatever brackets are in them, or words with a colour."""

COLOURS = {
    "mirrored": "green",
    "already_mirrored": "green",
    "healed": "green",
    "reclaimed": "green",
    "would_mirror": "cyan",
    "skipped": "blue",
    "ignored": "bright_black",
    "ineffective": "red",
    "unconfirmed": "red",
    "deferred": "yellow",
    "rejected": "yellow",
}


def show_outcomes(outcomes: Iterable[Mapping[str, Any]], console: Console) -> None:
    """A row an outcome, and under the table what should be done."""
    outcomes = list(outcomes)
    rows = [
        (
            told["network_interface_id"] or told["instance_id"] or "",
            coloured(told["outcome"]),
            told["session_id"] or "",
            seconds(told["attached_to_mirrored_s"]),
            told["reason"] or told["rule"] or "",
        )
        for told in outcomes
    ]
    show(("interface", "outcome", "session", "seconds", "because"), rows, console)
    for remedy in dict.fromkeys(told["remedy"] for told in outcomes if told["remedy"]):
        console.print(f"  → {remedy}", markup=False, highlight=False)


def console() -> Console:
    """Where tables go: a file or pipe gets whole lines, a terminal what fits."""
    on_screen = sys.stdout is not None and sys.stdout.isatty()  # None: closed by whoever started us
    width = None if on_screen else WIDE_ENOUGH
    return Console(width=width, highlight=False)


def show(headings: Sequence[str], rows: Iterable[Sequence[Cell]], console: Console) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        # A rule may be called [web]: as a plain string that would be markup.
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    console.print(table)


def coloured(outcome: str) -> Text:
    return Text(outcome, COLOURS.get(outcome, ""))


def seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
