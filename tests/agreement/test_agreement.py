"""The five say the same of every interface, and what the promises say: see `oracle`.

Mirror (its dry run, and what it does), `coverage`, `explain` and `plan` are asked about worlds that
are drawn from seeds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .agreeing import disagreements
from .answers import Asking, asking
from .oracle import Oracle
from .worlds import draw_world

HERE = Path(__file__).parent
ASKING = {"answers.py", "test_agreement.py"}
"""Who reaches the product: through its doors alone."""
MOST_SHOWN = 6


@pytest.fixture(scope="module")
def who(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking(tmp_path_factory.mktemp("agreement")) as everybody:
        yield everybody


def told(seed: int, who: Asking) -> str:
    """What is wrong with a world, and how to look at it again; empty where nothing is."""
    found = disagreements(seed, who)
    if not found:
        return ""
    more = len(found) - MOST_SHOWN
    lines = [f"again: .venv/bin/python -m tests.agreement --world --first-seed {seed}"]
    lines += [f"  {one}" for one in found[:MOST_SHOWN]]
    return "\n".join(lines + ([f"  and {more} more"] if more > 0 else []))


def check(first: int, number: int, who: Asking) -> None:
    wrong = list(filter(None, (told(seed, who) for seed in range(first, first + number))))
    assert not wrong, f"{len(wrong)} of {number} worlds\n" + "\n".join(wrong)


@pytest.mark.parametrize("first", range(1, 301, 25))
def test_all_who_are_asked_agree_with_the_promises(first: int, who: Asking) -> None:
    check(first, 25, who)


@pytest.mark.prove
@pytest.mark.parametrize(
    "first",
    [
        *range(301, 1_301, 100),
        *(pytest.param(first, marks=pytest.mark.long) for first in range(1_301, 20_301, 100)),
    ],
)
def test_all_who_are_asked_agree_in_twenty_thousand_worlds(first: int, who: Asking) -> None:
    check(first, 100, who)


def test_the_oracle_and_the_worlds_share_nothing_with_the_product() -> None:
    modules = [one for one in HERE.glob("*.py") if one.name not in ASKING]
    trees = [ast.walk(ast.parse(one.read_text())) for one in modules]
    imported = {
        name
        for node in (node for tree in trees for node in tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }

    assert "random" in imported
    assert not {one for one in imported if one.startswith(("evermirror", "commandline"))}


def test_a_seed_draws_the_same_world_every_time() -> None:
    assert [str(draw_world(seed)) for seed in range(1, 50)] == [
        str(draw_world(seed)) for seed in range(1, 50)
    ]


def test_every_standing_and_every_reason_is_drawn() -> None:
    oracles = [Oracle(draw_world(seed)) for seed in range(1, 301)]
    truths = [truth for oracle in oracles for truth in oracle.truths.values()]
    kinds = {truth.kind for truth in truths}
    words = {truth.reason for truth in truths if truth.reason}
    flaws = {flaw for truth in truths for flaw in truth.listing.values() if flaw}
    safeguards = {truth.eligibility.reason for truth in truths if not truth.eligibility.pool}

    assert kinds == {
        "mirrored",
        "ineffective",
        "pending",
        "missing",
        "impossible",
        "claimed_by_stranger",
        "unattached",
        "excluded",
        "undecided",
    }
    assert words == {
        "pool_full",
        "pool_empty",
        "sessions_not_listed",
        "in_three_sessions",
        "ceiling_reached",
        "growth_not_allowed",
        "no_session_mirrors",
    }
    assert flaws == {
        "session_locked",
        "session_disabled",
        "wrong_target",
        "wrong_filter",
        "target_gone",
        "target_not_running",
        "filter_accepts_nothing",
    }
    assert safeguards == {
        "service_managed",
        "trunk_or_member_interface",
        "target_instance",
        "sensor",
        "instance_unknown",
        "no_instance",
        "excluded_by_rule",
        "excluded_by_default",
    }
