"""Rules of the repository that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sorted(
    path
    for folder in ("layers", "local", "functions", "tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
)
DOORS = sorted((ROOT / "functions").glob("*/index.py"))
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
LONGEST_FILE = 300


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_module_begins_with_the_reason_why_it_exists() -> None:
    texts = {named(path): path.read_text(encoding="utf-8") for path in PYTHON}

    assert not [n for n, text in texts.items() if text and not ast.get_docstring(ast.parse(text))]


def test_names_come_from_the_field_not_from_a_drawer() -> None:
    assert not [
        named(path)
        for path in PYTHON
        if BANNED_NAMES & {path.stem, *path.relative_to(ROOT).parent.parts}
    ]


def test_a_file_has_one_reason_to_change() -> None:
    lengths = {
        named(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in PYTHON
        if "tests" not in path.relative_to(ROOT).parts
    }

    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


@pytest.mark.parametrize("door", DOORS, ids=named)
def test_a_door_is_thin_and_imports_only_the_library(door: Path) -> None:
    text = door.read_text(encoding="utf-8")
    imported = {
        (node.module or "")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
    }

    assert {name.partition(".")[0] for name in imported} <= {"evermirror", "__future__"}
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
    assert len(text.splitlines()) <= 25


def test_every_function_has_golden_events() -> None:
    for door in DOORS:
        assert list((ROOT / "events" / door.parent.name).glob("*.json"))


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=named)
def test_requirements_hold_names_versions_and_hashes_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pinned = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^]]*\])?==", text, re.MULTILINE)

    assert pinned
    assert "://" not in text
    assert text.count("==") >= len(pinned)
    for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE):
        assert not block.strip() or block.startswith("#") or "--hash=sha256:" in block


def test_sets_that_contain_each_other_agree_on_versions() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        return {line.rstrip(" \\") for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)}

    assert pins("runtime") <= pins("local") <= pins("development")


def test_nothing_committed_names_a_registry_or_a_place_of_one_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    ).stdout.split("\0")
    pattern = re.compile(
        "|".join(
            ("py" + r"pi\.org", "python" + r"hosted", r"registry\." + "npmjs", r"deb\." + "debian")
        )
    )

    for name in filter(None, tracked):
        path = ROOT / name
        if path.is_file():
            assert not pattern.search(path.read_text(encoding="utf-8", errors="replace")), name
