"""The local cloud's README documents every switch, in the words of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from localcloud.functioncompute.behaviour import Behaviour as PlatformBehaviour
from localcloud.world.settings import Behaviour

README = Path(__file__).parents[3] / "local/README.md"


def table_of(behaviour: type[BaseModel]) -> str:
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in behaviour.model_fields.items():
        assert field.description, f"{name} has no description"
        default = json.dumps(field.default)
        lines.append(f"| `{name}` | `{default}` | {field.description} |")
    return "\n".join(lines)


@pytest.mark.parametrize("behaviour", [Behaviour, PlatformBehaviour])
def test_every_switch_is_documented_as_it_is(behaviour: type[BaseModel]) -> None:
    table = table_of(behaviour)

    assert table in README.read_text(encoding="utf-8"), f"put this into local/README.md:\n{table}"


def test_the_simulation_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (simulation,) = [block for block in blocks if "events_due" in block]
    exec(compile(simulation, str(README), "exec"), {})  # noqa: S102 - our own words, as read

    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in printed] == ["Created", "None", "Starting", "Running"]
