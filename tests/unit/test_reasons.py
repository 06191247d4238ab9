"""One word, one remedy, one place: what is read of a reason is the same wherever it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from evermirror import reasons
from evermirror.engine.alarms import Alarm
from evermirror.policy.decision import Decision, Reason

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "layers/evermirror/python/evermirror/reasons.py"
OTHERS = sorted(
    path
    for folder in ("layers/evermirror/python/evermirror", "local/commandline", "functions")
    for path in (ROOT / folder).rglob("*.py")
    if path != TABLE
)
WORDS = {
    name: value
    for name, value in vars(reasons).items()
    if name.isupper() and isinstance(value, str) and " " not in value
}
DECIDED_BY_RULES = {word for word in get_args(Reason) if "_by_" in word}


@pytest.mark.parametrize("word", sorted(WORDS.values()))
def test_a_reason_has_a_remedy_or_asks_nothing(word: str) -> None:
    remedy = reasons.remedy_for(word)

    assert (remedy is None) is (word in reasons.ASK_NOTHING)
    assert remedy is None or (remedy[0].isupper() and remedy.endswith("."))


def test_each_word_stands_for_one_reason_and_nothing_else_has_sentences() -> None:
    words = set(WORDS.values())

    assert len(words) == len(WORDS)
    for table in (reasons.REMEDIES, reasons.WHY, reasons.MENDING, reasons.ASK_NOTHING):
        assert set(table) <= words


def test_every_reason_that_is_told_is_a_word_of_the_table() -> None:
    """By its constant: a literal would be a word that nobody looks up."""
    told = {
        (path.name, keyword.value.value)
        for path in OTHERS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "reason" and isinstance(keyword.value, ast.Constant)
    }

    assert {(file, word) for file, word in told if word is not None} == set()
    assert set(get_args(Reason)) - DECIDED_BY_RULES - {"instance_unknown"} <= set(WORDS.values())


def test_no_other_module_defines_a_sentence_for_a_reason() -> None:
    assert len(OTHERS) > 150
    assert [
        (path.name, key)
        for path in OTHERS
        for key, value in _entries(ast.parse(path.read_text("utf-8")))
        if key in WORDS or key in WORDS.values()
        if _is_sentence(value)
    ] == []


def _entries(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Every entry of a dictionary by its key, or by the name of the constant that is its key."""
    for node in ast.walk(module):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Name | ast.Attribute):
                    yield ast.unparse(key).rpartition(".")[2], value
                elif isinstance(key, ast.Constant):
                    yield str(key.value), value


def _is_sentence(value: ast.expr) -> bool:
    literals = (node.value for node in ast.walk(value) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and " " in text.strip() for text in literals)


@pytest.mark.parametrize("word", ["service_managed", "trunk_or_member_interface", "sensor"])
def test_a_safeguard_says_why_no_rule_is_asked(word: Reason) -> None:
    assert Decision(None, None, word).sentence == f"{reasons.WHY[word]}, so no rule is asked"


def test_an_alarm_says_why_or_that_the_service_refused() -> None:
    assert Alarm(reasons.HEAL_LIMIT).sentence == reasons.WHY[reasons.HEAL_LIMIT]
    assert Alarm("Forbidden.RAM").sentence == "the service refused"
