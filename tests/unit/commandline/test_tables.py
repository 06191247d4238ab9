"""Tables and sentences on paper and on a narrow screen: every id and word stays whole."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from commandline.tables import Cell, say, show, show_outcomes
from tests.worlds import eni, instance, tms

HEADINGS = ("interface", "session", "because")
ROW = (eni(1), tms(1), f"production, and a source of {tms(2)} and {tms(3)}")


def printed(rows: Sequence[Sequence[Cell]], *, width: int, on_screen: bool) -> list[str]:
    paper = io.StringIO()
    console = Console(file=paper, width=width, force_terminal=on_screen, color_system=None)
    show(HEADINGS, rows, console)
    return paper.getvalue().splitlines()


@pytest.mark.parametrize("on_screen", [True, False])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_id_and_no_word_is_ever_broken(width: int, on_screen: bool) -> None:
    lines = printed([ROW, (eni(2), "", "")], width=width, on_screen=on_screen)

    words = " ".join((*HEADINGS, *ROW, eni(2))).split()
    assert " ".join(lines).split() == words
    assert all(line == line.rstrip() for line in lines)


def test_a_pipe_gets_a_line_a_row_whatever_its_length() -> None:
    lines = printed([ROW], width=20, on_screen=False)

    assert len(lines) == 2
    assert lines[1].split() == " ".join(ROW).split()


def test_on_a_narrow_screen_the_last_column_goes_below_its_row() -> None:
    lines = printed([ROW], width=60, on_screen=True)

    assert lines[1].split() == [eni(1), tms(1)]
    assert all(line.startswith("    ") and len(line) <= 60 for line in lines[2:])


def test_on_a_wider_one_it_wraps_in_its_column() -> None:
    lines = printed([ROW], width=85, on_screen=True)

    assert lines[1].split()[:3] == [eni(1), tms(1), "production,"]
    assert all(line.startswith(" " * lines[0].index("because")) for line in lines[2:])


def test_a_sentence_is_one_line() -> None:
    paper = io.StringIO()

    say(f"evermirror add {eni(1)} [web]", Console(file=paper, width=20, force_terminal=True))

    assert paper.getvalue() == f"evermirror add {eni(1)} [web]\n"


def test_what_a_rule_excludes_is_shown_with_the_rule() -> None:
    paper = io.StringIO()
    told = {
        "network_interface_id": eni(1),
        "instance_id": instance(1),
        "outcome": "skipped",
        "session_id": None,
        "attached_to_mirrored_s": None,
        "reason": "excluded_by_rule",
        "rule": "[lab]",
        "remedy": None,
    }

    show_outcomes([told], Console(file=paper, width=80))

    assert paper.getvalue().splitlines()[1].split() == [
        eni(1),
        "skipped",
        "excluded_by_rule:",
        "[lab]",
    ]
