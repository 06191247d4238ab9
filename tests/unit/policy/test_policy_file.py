"""Whatever is wrong with a policy file is told as `file:line: key.path: sentence`."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline.policy_file import read_policy, read_policy_file

from .policy_files import HEAD, problems_of, written


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    assert read_policy(written(tmp_path, HEAD)).default == "ids"


def test_problems_are_told_with_their_lines_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
version: 1
pools:
  ids:
    sessions:
      - tms-j6c00000000000000001
      - tms-bp1****
rules:
  - name: opted out
    match:
      tags:
        mirror: off
    never: true
  - name: web
    match:
      vcp: vpc-j6c00000000000000001
    pool: idz
defalt: never
"""
    assert problems_of(written(tmp_path, text)) == [
        (
            '6: pools.ids.sessions.1: "tms-bp1****" is not a traffic mirror session id; '
            "one looks like tms-j6c00000000000000001"
        ),
        (
            "11: rules.0.match.tags.mirror: is read as the boolean false, but must be a tag value "
            'as text: write "off" in quotes'
        ),
        "15: rules.1.match.vcp: unknown key; did you mean `vpc`?",
        '16: rules.1.pool: no pool is called "idz"; did you mean `ids`?',
        "17: defalt: unknown key; did you mean `default`?",
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("off", "the boolean false"),
        ("Yes", "the boolean true"),
        ("007", "a number"),
        ("1.10", "a number"),
        ("2026-01-01", "a date"),
        ("12:30:45", "a number"),
    ],
)
def test_a_word_that_yaml_takes_for_something_else_is_quoted_as_written(
    tmp_path: Path, word: str, kind: str
) -> None:
    path = written(tmp_path, f"{HEAD}rules:\n- match: {{tags: {{a: {word}}}}}\n  never: true\n")
    assert problems_of(path) == [
        (
            f"6: rules.0.match.tags.a: is read as {kind}, but must be a tag value as text: "
            f'write "{word}" in quotes'
        )
    ]


def test_what_is_missing_is_told_at_the_line_of_what_lacks_it(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}rules:\n\n- name: web\n  match: {{type: Primary}}\n")
    assert problems_of(path) == [
        "7: rules.0: needs a result: `pool` with the name of a pool, or `never: true`"
    ]


def test_an_empty_value_is_told_where_its_key_stands(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}rules:\n- name: web\n  match:\n  pool: ids\n")
    (problem,) = problems_of(path)
    assert problem.startswith("7: rules.0.match: is empty, but must be a mapping with the keys vpc")


def test_an_expectation_that_is_not_met_is_told_with_what_is_decided_instead(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        f"{HEAD}rules:\n- {{name: no web, match: {{tags: {{role: web}}}}, never: true}}\nexpect:\n"
        "- {interface: {tags: {role: web}}, pool: ids}\n"
        "- {interface: {tags: {role: web}}, never: true}\n"
        "- {interface: {}, pool: ids, rule: no web}\n"
        "- {interface: {service_managed: true}, pool: ids}\n",
    )
    problems = [
        '8: expect.0: expected pool "ids", but rule "no web" says never',
        (
            '10: expect.2: expected pool "ids" by rule "no web", but no rule matches; the default '
            'places it in pool "ids"'
        ),
        (
            '11: expect.3: expected pool "ids", but another cloud service manages it, so no rule '
            "is asked"
        ),
    ]
    assert problems_of(path) == problems
    file = read_policy_file(path)
    assert [str(problem).removeprefix(f"{path}:") for problem in file.unmet] == problems
    assert file.policy.default == "ids"


def test_a_key_given_twice_is_told_at_its_second_line(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}members: skip\nmembers: try\n")
    assert problems_of(path) == ["6: members: is given twice in one mapping, first on line 5"]


def test_equal_keys_in_different_mappings_are_no_problem(tmp_path: Path) -> None:
    rules = (
        "rules:\n- match: {tags: {a: b}}\n  never: true\n- match: {tags: {a: c}}\n  never: true\n"
    )
    assert len(read_policy(written(tmp_path, HEAD + rules)).rules) == 2


def test_a_key_that_yaml_takes_for_something_else_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}rules:\n- match: {{tags: {{on: b}}}}\n  never: true\n")
    assert problems_of(path) == [
        '6: rules.0.match.tags.on: is a key that YAML does not read as text: write "on" in quotes'
    ]


def test_anchors_aliases_and_merges_are_read(tmp_path: Path) -> None:
    text = f"""{HEAD}rules:
- name: one
  match: &prod {{vpc: vpc-j6c00000000000000001, type: Primary}}
  pool: ids
- name: two
  match: {{<<: *prod, type: Secondary}}
  pool: ids
- name: three
  match: {{not: *prod, <<: [{{zone: cn-hongkong-b}}, {{zone: cn-hongkong-c}}]}}
  pool: ids
"""
    rules = read_policy(written(tmp_path, text)).rules
    assert [rule.match.plain() for rule in rules] == [
        {"all": [{"type": ["Primary"]}, {"vpc": ["vpc-j6c00000000000000001"]}]},
        {"all": [{"type": ["Secondary"]}, {"vpc": ["vpc-j6c00000000000000001"]}]},
        {"all": [{"not": rules[0].match.plain()}, {"zone": ["cn-hongkong-b"]}]},
    ]


def test_a_mistake_in_something_merged_is_told_where_it_stands(tmp_path: Path) -> None:
    rules = "rules:\n- match:\n    <<: {vcp: x}\n    type: Primary\n  never: true\n"
    assert problems_of(written(tmp_path, HEAD + rules)) == [
        "7: rules.0.match.vcp: unknown key; did you mean `vpc`?"
    ]


NESTED = 60
LAUGHS = "a: &l0 [x, x]\n" + "".join(
    f"b{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9)
)
ENDLESS_MERGE = "a: &m0 {x: 1}\n" + "".join(
    f"b{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: is empty; a policy begins with `version: 1`"),
        ("\n \n", "1: is empty; a policy begins with `version: 1`"),
        (f"{HEAD}rules:\n\t- match: {{}}\n", "6: contains a tab where YAML allows only spaces"),
        (b"version: 1\nname: \xff\n", "2: is not UTF-8; save the file as UTF-8"),
        ("version: 1\n".encode("utf-16"), "1: is not UTF-8; save the file as UTF-8"),
        (b"version: 1\na: \x00\n", "2: contains the character U+0000, which YAML forbids"),
        (f"{HEAD}rules:\n- [\n", "7: is not YAML: "),
        (f"{HEAD}---\nversion: 1\n", "5: is not YAML: expected a single document"),
        (f"{HEAD}members: *nobody\n", "5: is not YAML: found undefined alias"),
        (f"{HEAD}members: !python/name:os.system x\n", "5: has the tag !python/name:os.system; "),
        (f"{HEAD}members: !!binary aGk=\n", "5: has the tag tag:yaml.org,2002:binary; "),
        (f"{HEAD}members: !Ref {{a: b}}\n", "5: has the tag !Ref; "),
        (f"{HEAD}members: 2026-13-45\n", '5: "2026-13-45" is no timestamp, '),
        (f"{HEAD}members: !!int many\n", '5: "many" is no int, '),
        (f"{HEAD}? [a, b]\n: c\n", "5: has a key that is not text"),
        (f"{HEAD}<<: x\n", "5: merges something that is not a mapping"),
        (f"{HEAD}members: {'[' * NESTED}{']' * NESTED}\n", "5: is nested more than 50 deep"),
        (f"{HEAD}members: {'[' * 300_000}\n", "5: is nested more than 50 deep"),
        (f"{HEAD}members: &me [*me]\n", "5: contains itself by an alias"),
        (f"{HEAD}members: &me {{<<: *me}}\n", "5: contains itself by an alias"),
        (LAUGHS, "has more than 200000 values once aliases are expanded"),
        (ENDLESS_MERGE, "has more than 200000 values once aliases are expanded"),
        ("#" * 10_000_000, "1: is larger than 1,000,000 bytes, the most a policy may have"),
    ],
    ids=[
        "empty", "blank", "tab", "not UTF-8", "UTF-16", "control character", "unfinished",
        "two documents", "unknown alias", "python tag", "binary", "tagged mapping", "no date",
        "no integer", "key is a list", "merge of text", "nested", "nested without end",
        "contains itself", "merges itself", "billion laughs", "billion merges", "10 MB",
    ],
)  # fmt: skip
def test_what_is_no_readable_yaml_is_one_problem(
    tmp_path: Path, text: str | bytes, problem: str
) -> None:
    (told,) = problems_of(written(tmp_path, text))
    assert problem in told


def test_a_file_that_cannot_be_opened_is_one_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "absent.yaml") == ["1: cannot be read: No such file or directory"]
    assert problems_of(tmp_path) == ["1: cannot be read: Is a directory"]


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    assert read_policy(written(tmp_path, b"\xef\xbb\xbf" + HEAD.encode())).default == "ids"


def test_ten_thousand_sessions_are_read(tmp_path: Path) -> None:
    ids = "\n".join(f"      - tms-j6c{number:017d}" for number in range(10_000))
    text = f"version: 1\npools:\n  ids:\n    sessions:\n{ids}\ndefault: {{pool: ids}}\n"
    assert len(read_policy(written(tmp_path, text)).pools["ids"].session_ids) == 10_000
