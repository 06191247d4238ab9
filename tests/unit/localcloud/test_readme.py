"""The local cloud's README documents every key of `behaviour`, in the words of the code."""

from __future__ import annotations

import json
from pathlib import Path

from localcloud.world.settings import Behaviour

README = Path(__file__).parents[3] / "local/README.md"


def behaviour_table() -> str:
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in Behaviour.model_fields.items():
        assert field.description, f"behaviour.{name} has no description"
        default = json.dumps(field.default)
        lines.append(f"| `{name}` | `{default}` | {field.description} |")
    return "\n".join(lines)


def test_every_key_of_behaviour_is_documented_as_it_is() -> None:
    table = behaviour_table()

    assert table in README.read_text(encoding="utf-8"), f"put this into local/README.md:\n{table}"
