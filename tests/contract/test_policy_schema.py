"""The committed JSON Schema and the reader, on the same documents, with `jsonschema` as the judge.

Whatever the reader takes, the schema takes, or an editor would mark a good file. Whatever the
reader refuses, the schema refuses too, except what no schema can say.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from evermirror.policy import InvalidPolicyError, compile_policy

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "layers/policy/policy.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

BEYOND_A_SCHEMA = re.compile(
    r"no (pool|rule) is called|another rule is called|is already a session of"
    r"|can never decide|no rule and no default sends anything"
    r"|^lack |is not the filter of `grow`|is not (the pool's|among the pool's) `"
    r"|is what the pool is called now|is the name of another pool|is a former name of pool"
    r"|finds only sessions whose tag"
    r"|^share \d+ to|write the lower one first|finds (only )?(every )?sessions? that"
    r"|makes names of|the pool's name |nested more than|half of a character"
)
"""Sentences about names that must exist, about two places at once, and about depth."""

VPC = "vpc-j6c00000000000000001"
BALANCER = "lb-j6c00000000000000001"
SENSOR = "eni-j6c000000000000009"
INTERFACE = "eni-j6c000000000000001"
SOUND: dict[str, Any] = {
    "version": 1,
    "pools": {
        "ids": {"sessions": ["tms-j6c00000000000000001", "tms-j6c00000000000000002"]},
        "one": {"sessions": "tms-j6c00000000000000003", "sensors": {"vpc": [VPC]}},
        "big": {
            "discover": {
                "filter": "tmf-j6c00000000000000001",
                "target": BALANCER,
                "tags": {"mirror": "big"},
                "name_prefix": "ids-",
            },
            "targets": [BALANCER, SENSOR],
            "filter": "tmf-j6c00000000000000001",
            "directions": ["ingress", "egress"],
            "was": ["large", "huge"],
            "sensors": {"instance_tags": {"role": "sensor"}},
            "grow": {
                "filter": "tmf-j6c00000000000000001",
                "targets": [
                    {"id": BALANCER, "type": "SLB"},
                    {"id": SENSOR, "type": "NetworkInterface"},
                ],
                "priorities": [1000, 2000],
                "max_sessions": 50,
                "name": "big",
                "packet_length": 1500,
                "resource_group": None,
                "tags": {"team": "security"},
            },
        },
    },
    "members": "try",
    "rules": [
        {"name": "opted out", "match": {"tags": {"mirror": ["off", "no"]}}, "never": True},
        {"name": "one", "match": {"type": ["Primary", "Member"]}, "pool": "one"},
        {
            "name": "web",
            "match": {
                "all": [
                    {"vpc": VPC, "vswitch": "vsw-j6c00000000000000001", "zone": "cn-hongkong-b"},
                    {"any": [{"instance_tags": {"env": "prod"}}, {"instance_family": "ecs.g7"}]},
                    {"not": {"security_group": ["sg-j6c0000000000000001"]}},
                    {"resource_group": "rg-j6c000000000001", "instance": "i-j6c0000000000000001"},
                    {"network_interface": [INTERFACE]},
                ]
            },
            "pool": "big",
        },
        {"match": {}, "pool": "ids"},
    ],
    "default": {"pool": "ids"},
    "expect": [
        {"interface": {"tags": {"mirror": "off"}}, "never": True, "rule": "opted out"},
        {
            "interface": {
                "security_group": ["sg-j6c0000000000000001"],
                "service_managed": False,
                "trunk_network_interface": SENSOR,
                "instance_tags": {},
            },
            "pool": "one",
        },
    ],
}

odd_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 40_000)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: number % 1 != 0)
    | st.sampled_from([VPC, BALANCER, SENSOR, "x" * 129, "never", "skip", "SLB", "https://x", ""])
    | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["vpc", "tags", "not", "pool", "id", "type", "target", "a", "aliyun", "acs:x", ""]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=4,
)


@st.composite
def damaged(draw: st.DrawFn, value: object = SOUND) -> object:
    """The sound document with one part replaced, left out, or something added to it."""
    if not isinstance(value, (dict, list)) or not value or draw(st.integers(0, 5)) == 0:
        return draw(odd_values)
    changed = copy.copy(value)
    step = draw(
        st.sampled_from(sorted(changed) if isinstance(changed, dict) else range(len(changed)))
    )
    how = draw(st.integers(0, 9))
    if how == 0:
        del changed[step]
    elif how == 1 and isinstance(changed, dict):
        changed[draw(st.sampled_from([f"{step}s", "sensors", "pool", "evermirror-pool"]))] = draw(
            odd_values
        )
    elif how == 1 and isinstance(changed, list):
        changed.append(changed[step])
    else:
        changed[step] = draw(damaged(changed[step]))
    return changed


def refusals(document: object) -> list[str]:
    try:
        compile_policy(document)
    except InvalidPolicyError as error:
        return [problem.sentence for problem in error.problems]
    return []


def assert_agreement(document: object) -> None:
    sentences = refusals(document)
    fits = VALIDATOR.is_valid(document)
    if not sentences:
        assert fits, next(VALIDATOR.iter_errors(document)).message
    plain = [sentence for sentence in sentences if not BEYOND_A_SCHEMA.search(sentence)]
    if plain:
        assert not fits, plain


def test_the_committed_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_document_that_is_damaged_below_is_sound() -> None:
    assert refusals(SOUND) == []
    assert VALIDATOR.is_valid(SOUND)


@pytest.mark.parametrize(
    "path", ["layers/policy/policy.yaml", "local/commandline/demonstration/policy.yaml"]
)
def test_policies_of_this_repository_fit_the_schema(path: str) -> None:
    assert_agreement(yaml.safe_load((ROOT / path).read_text("utf-8")))


@settings(max_examples=300, deadline=None)
@given(damaged())
def test_schema_and_reader_agree_on_any_document(document: object) -> None:
    assert_agreement(document)


@pytest.mark.prove
@pytest.mark.timeout(600)
@settings(max_examples=5_000, deadline=None)
@given(damaged())
def test_schema_and_reader_agree_on_very_many_documents(document: object) -> None:
    assert_agreement(document)


REMOVED = object()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", REMOVED),
        ("version", 2),
        ("version", True),
        ("pools", REMOVED),
        ("pools", []),
        ("rulez", []),
        ("members", "both"),
        ("default", "always"),
        ("default", {}),
        ("pools/ids", {}),
        ("pools/ids/sessions", []),
        ("pools/ids/sessions/0", "tms-bp1****"),
        ("pools/ids/sessions/1", "tms-j6c00000000000000001"),
        ("pools/ids/sensors", {}),
        ("pools/big/sensors", REMOVED),
        ("pools/big/discover", {}),
        ("pools/big/discover/target", "i-j6c0000000000000001"),
        ("pools/big/discover/tags", {}),
        ("pools/big/discover/tags", {f"key{number}": "" for number in range(11)}),
        ("pools/big/discover/tags/acs:x", "y"),
        ("pools/big/discover/tags/x", "aliyun"),
        ("pools/big/discover/name_prefix", "https://x"),
        ("pools/big/targets", []),
        ("pools/big/targets", [BALANCER, SENSOR, BALANCER]),
        ("pools/big/targets/1", "i-j6c0000000000000001"),
        ("pools/ids/targets", BALANCER),
        ("pools/ids/targets", [SENSOR, BALANCER]),
        ("pools/big/filter", "tmf"),
        ("pools/big/directions", []),
        ("pools/big/directions", "both"),
        ("pools/big/directions", ["ingress", "ingress"]),
        ("pools/big/was", []),
        ("pools/big/was", ["a", "a"]),
        ("pools/big/was", ""),
        ("pools/big/was", "acs:x"),
        ("pools/big/grow/tags/x", "aliyun"),
        ("pools/big/discover/name_prefix", ""),
        ("pools/big/grow/filter", REMOVED),
        ("pools/big/grow/targets", []),
        ("pools/big/grow/targets/1", {"id": BALANCER, "type": "SLB"}),
        ("pools/big/grow/targets/0/type", "NetworkInterface"),
        ("pools/big/grow/targets/0/type", "ALB"),
        ("pools/big/grow/priorities", [1]),
        ("pools/big/grow/priorities/0", 0),
        ("pools/big/grow/priorities/1", 32767),
        ("pools/big/grow/max_sessions", 20_001),
        ("pools/big/grow/name", "http://x"),
        ("pools/big/grow/name", ""),
        ("pools/big/grow/packet_length", 63),
        ("pools/big/grow/resource_group", "default"),
        ("pools/big/grow/tags/evermirror-pool", "big"),
        ("pools/big/grow/tags/aliyun-x", "y"),
        ("pools/big/grow/tags/x", "see http://y"),
        ("pools/big/grow/tags", {f"key{number}": "" for number in range(21)}),
        ("pools/ /sessions", "tms-j6c00000000000000009"),
        ("rules/0/never", REMOVED),
        ("rules/0/never", False),
        ("rules/0/pool", "ids"),
        ("rules/1/match", REMOVED),
        ("rules/1/match/type", "Third"),
        ("rules/1/match/tags", {"a": "*"}),
        ("rules/1/match/tags", {"": "a"}),
        ("rules/1/match/any", []),
        ("rules/1/match/not", {}),
        ("expect/0/interface", REMOVED),
        ("expect/1/interface/vpc", [VPC]),
        ("expect/1/interface/service_managed", "no"),
    ],
)
def test_a_mistake_that_a_schema_can_tell_is_told_by_both(path: str, value: object) -> None:
    document = copy.deepcopy(SOUND)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    part: Any = document
    for step in way:
        part = part.setdefault(step, {}) if isinstance(part, dict) else part[step]
    if value is REMOVED:
        del part[last]
    else:
        part[last] = value
    assert refusals(document)
    assert not VALIDATOR.is_valid(document)


def test_a_good_change_of_every_limit_is_taken_by_both() -> None:
    document = copy.deepcopy(SOUND)
    document["pools"]["big"]["grow"].update(
        priorities=[1, 32766], max_sessions=20_000, packet_length=8500, name="x" * 120
    )
    document["pools"]["big"]["grow"]["tags"] = {f"key{number}": "x" for number in range(20)}
    document["pools"]["big"]["discover"]["tags"] = {f"key{number}": "x" for number in range(10)}
    assert refusals(document) == []
    assert VALIDATOR.is_valid(document)
