"""How results look to people: sentences and tables of which everything can be copied whole.

Nothing is broken inside a word, and no id: a line that is too long is left to the terminal, which
knows that it is one line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

GAP = 2
BELOW = 4
NARROW = 24
"""A last column with less room than this goes below its row instead."""

Cell = str | Text
"""Plain words, whatever brackets are in them, or words with a colour."""

EXCLUDED_BY_RULE = "excluded_by_rule"

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
    "session_changed": "red",
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
            _because(told),
        )
        for told in outcomes
    ]
    show(("interface", "outcome", "session", "seconds", "because"), rows, console)
    for remedy in dict.fromkeys(told["remedy"] for told in outcomes if told["remedy"]):
        say(f"  → {remedy}", console)


def _because(told: Mapping[str, Any]) -> str:
    """The reason, or the rule that placed it; where a rule is the reason, both."""
    if told["reason"] == EXCLUDED_BY_RULE and told["rule"]:
        return f"{told['reason']}: {told['rule']}"
    return told["reason"] or told["rule"] or ""


def console() -> Console:
    """Where tables go; one that was closed by whoever started us takes nothing."""
    return Console(highlight=False)


def say(words: Cell, console: Console) -> None:
    """One line, however long, whatever brackets are in it."""
    line = Text(words) if isinstance(words, str) else words
    console.print(line, soft_wrap=True)


def show(headings: Sequence[str], rows: Iterable[Sequence[Cell]], console: Console) -> None:
    """Columns as wide as what is in them; only the last one, on a screen, wraps between words."""
    # A rule may be called [web]: as a plain string that would be markup.
    table = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    heads = [Text(heading, "bold") for heading in headings]
    widths = [max(cell.cell_len for cell in column) for column in zip(heads, *table, strict=True)]
    indent = sum(widths[:-1]) + GAP * len(widths[:-1])
    fits = not console.is_terminal or indent + widths[-1] <= console.width
    room = None if fits else console.width - indent
    say(_joined(heads, widths), console)
    for row in table:
        for line in _lines(row, widths, room, console):
            say(line, console)


def _lines(
    row: Sequence[Text], widths: Sequence[int], room: int | None, console: Console
) -> Iterator[Text]:
    """A row; `room` is what its last cell has on the screen, None where there is enough."""
    *first, last = row
    if room is None or not last or last.cell_len <= room:
        yield _joined(row, widths)
    elif room < NARROW:
        yield _joined(first, widths)
        for words in _wrapped(last, console.width - BELOW):
            yield Text(" " * BELOW).append_text(words)
    else:
        above, *below = _wrapped(last, room)
        yield _joined([*first, above], widths)
        for words in below:
            yield Text(" " * (console.width - room)).append_text(words)


def _wrapped(words: Text, width: int) -> list[Text]:
    """Lines of whole words; one that is too long for any has its own."""
    lines = textwrap.wrap(
        words.plain, max(1, width), break_long_words=False, break_on_hyphens=False
    )
    return [Text(line, words.style) for line in lines]


def _joined(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    """The cells side by side, without spaces at the end."""
    line = Text()
    for cell, width in zip(cells, widths, strict=False):
        line.append_text(cell)
        line.append(" " * (width - cell.cell_len + GAP))
    line.rstrip()
    return line


def coloured(outcome: str) -> Text:
    return Text(outcome, COLOURS.get(outcome, ""))


def seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
