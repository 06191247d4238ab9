"""The schema that editors read is the one that the reader's own words make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commandline.policy_commands import policy
from commandline.policy_schema import policy_schema
from commandline.policy_words import WORDS
from evermirror.policy import discovering, document, growing, matching, pools

FOLDER = Path(__file__).parents[3] / "layers" / "policy"
SCHEMA: dict[str, Any] = policy_schema()


def test_the_committed_schema_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(policy, ["schema"])
    assert printed.exit_code == 0
    assert (FOLDER / "policy.schema.json").read_text("utf-8") == printed.stdout, (
        "put right with: evermirror policy schema > layers/policy/policy.schema.json"
    )


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        (SCHEMA, document.KEYS),
        (SCHEMA["$defs"]["pool"], pools.POOL_KEYS),
        (SCHEMA["$defs"]["discover"], discovering.DISCOVERY_KEYS),
        (SCHEMA["$defs"]["grow"], growing.GROWTH_KEYS),
        (SCHEMA["$defs"]["rule"], document.RULE_KEYS),
        (SCHEMA["$defs"]["expectation"], document.EXPECTATION_KEYS),
        (SCHEMA["$defs"]["matchers"], matching.MATCH_KEYS),
        (SCHEMA["$defs"]["interface"], matching.EXAMPLE_KEYS),
    ],
    ids=["policy", "pool", "discover", "grow", "rule", "expectation", "match", "interface"],
)
def test_the_schema_has_the_keys_of_the_reader_each_with_a_description(
    part: dict[str, Any], keys: tuple[str, ...]
) -> None:
    assert set(part["properties"]) == set(keys)
    assert all(schema["description"] for schema in part["properties"].values())


def test_no_description_is_left_over() -> None:
    text = json.dumps(SCHEMA, ensure_ascii=False)
    assert [key for key, words in WORDS.items() if json.dumps(words)[1:-1] not in text] == []


def test_the_deployed_policy_names_its_schema() -> None:
    first = (FOLDER / "policy.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=policy.schema.json"
