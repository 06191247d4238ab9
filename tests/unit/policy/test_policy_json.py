"""A compiled policy is read like the file that it was made of, and one that is spoilt is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commandline.policy_file import read_policy
from evermirror.errors import PolicyError
from evermirror.policy import dump, load

from .policy_files import HEAD, problems_of, written


def test_a_compiled_policy_is_read_too(tmp_path: Path) -> None:
    rules = 'rules:\n- name: "webs \\U0001F578"\n  match: {type: Primary}\n  never: true\n'
    policy = read_policy(written(tmp_path, HEAD + rules))
    compiled = written(tmp_path, dump(policy), "policy.json")
    assert read_policy(compiled) == load(compiled) == policy


def test_json_indented_with_tabs_is_read_too(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, HEAD))
    text = json.dumps(json.loads(dump(policy)), indent="\t")
    assert read_policy(written(tmp_path, text, "policy.json")) == policy


def test_json_with_a_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    document = json.loads(dump(read_policy(written(tmp_path, HEAD))))
    document["default"]["pool"] = "idz"
    path = written(tmp_path, json.dumps(document, indent=2), "policy.json")
    assert problems_of(path) == ['3: default.pool: no pool is called "idz"; did you mean `ids`?']


def test_json_that_is_no_yaml_is_told_its_mistakes_without_their_lines(tmp_path: Path) -> None:
    text = '{"pools": {},\n "version": 2, "default": "\x7f"}'
    path = written(tmp_path, text, "policy.json")
    default, version = problems_of(path)
    assert default.startswith("1: default: must be `never`")
    assert version.startswith("1: version: must be the number 1")


@pytest.mark.parametrize("other", ["x", r"\ud83d\ude00", "\x7f"])
def test_a_second_rules_in_json_is_a_mistake_whether_or_not_yaml_reads_the_file(
    tmp_path: Path, other: str
) -> None:
    rules = f'[{{"name": "{other}", "match": {{}}, "never": true}}]'
    text = (
        '{"version": 1, "pools": {"ids": {"sessions": ["tms-j6c00000000000000001"]}},\n'
        f'"default": {{"pool": "ids"}}, "rules": [],\n"rules": {rules}}}'
    )
    (problem,) = [
        one for one in problems_of(written(tmp_path, text, "policy.json")) if "twice" in one
    ]
    assert "rules: is given twice in one mapping" in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not a compiled policy: "),
        ("\xff", "is not a compiled policy: "),
        ("[" * 100_000, "is not a compiled policy: "),
        ("{}", "`version` is missing; write `version: 1`"),
        (
            '{"version": 1, "pools": {}, "default": {"pool": "ids"}}',
            'default.pool: no pool is called "ids"; known here: none',
        ),
        (
            '{"version": 1, "pools": {}, "default": {"pool": "ids", "pool": "big"}}',
            "default.pool: is given twice in one mapping",
        ),
    ],
)
def test_a_function_refuses_a_compiled_policy_that_it_cannot_use_and_names_the_file(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = written(tmp_path, text.encode("latin-1"), "policy.json")
    with pytest.raises(PolicyError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: {problem}")


def test_a_function_without_its_policy_says_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"policy\.json: cannot be read: No such file"):
        load(tmp_path / "policy.json")


def test_the_digest_depends_on_the_decisions_and_their_names_not_on_the_spelling(
    tmp_path: Path,
) -> None:
    def digest(rules: str) -> str:
        return read_policy(written(tmp_path, f"{HEAD}rules:\n{rules}")).digest

    one = digest("- {name: a, match: {type: [Primary, Secondary], zone: cn-hongkong-b}, pool: ids}")
    assert len(one) == 32
    assert one == digest(
        "- pool: ids\n  match: {all: [{zone: [cn-hongkong-b]}, {type: [Secondary, Primary]}]}\n"
        "  name: a\nexpect: [{interface: {}, pool: ids}]\n"
    )
    assert one != digest("- {name: b, match: {type: Primary, zone: cn-hongkong-b}, pool: ids}")
    assert one != digest("- {name: a, match: {type: Primary, zone: cn-hongkong-b}, pool: ids}")
