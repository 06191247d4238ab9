"""`evermirror policy check` and `policy try`: what they print, and with which exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commandline.policy_commands import policy

VPC = "vpc-j6c00000000000000001"
ROOT = Path(__file__).parents[3]
DEPLOYED = ROOT / "layers" / "policy" / "policy.yaml"
TEXT = f"""\
version: 1
pools:
  ids: {{sessions: [tms-j6c00000000000000001]}}
rules:
  - {{name: opted out, match: {{tags: {{mirror: "off"}}}}, never: true}}
  - {{name: web, match: {{vpc: {VPC}, instance_tags: {{role: web}}}}, pool: ids}}
expect:
  - {{interface: {{vpc: {VPC}, instance_tags: {{role: web}}}}, pool: ids}}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(policy, [str(argument) for argument in arguments])


def test_check_says_that_a_policy_is_good(path: Path) -> None:
    result = run("check", path)
    assert result.exit_code == 0
    assert "1 pool with 1 session, 2 rules, default never; 1 expectation met" in result.stdout


def test_check_tells_programs_that_a_policy_is_good(path: Path) -> None:
    result = run("check", path, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert len(answer.pop("policy_digest")) == 32
    assert answer == {
        "ok": True,
        "file": str(path),
        "pools": {"ids": 1},
        "finding": [],
        "growing": {},
        "rules": ["opted out", "web"],
        "default": None,
        "expectations": 1,
        "problems": [],
        "warnings": [
            {
                "line": 3,
                "key": "pools.ids",
                "warning": (
                    "names no `targets`: a session that somebody points elsewhere still counts as "
                    "mirrored there"
                ),
            }
        ],
    }


def test_check_fails_with_every_problem_and_its_line(path: Path) -> None:
    path.write_text(TEXT.replace("pool: ids", "pool: idz").replace("version: 1", "version: 2"))
    result = run("check", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f'{path}:6: rules.1.pool: no pool is called "idz"; did you mean `ids`?' in result.stderr
    assert result.stderr.startswith(f"{path}:1: version: must be the number 1")
    assert result.stderr.endswith(f"{path}: 3 problems\n")


def test_check_tells_programs_every_problem(path: Path) -> None:
    path.write_text(TEXT.replace("name: web, ", "nam: web, "))
    result = run("check", path, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "ok": False,
        "file": str(path),
        "problems": [
            {
                "line": 6,
                "key": "rules.1.nam",
                "problem": "unknown key; did you mean `name`?",
            }
        ],
    }


def test_check_fails_when_an_expectation_is_not_met(path: Path) -> None:
    path.write_text(
        TEXT.replace("role: web}}, pool: ids}\nexpect", "role: db}}, pool: ids}\nexpect")
    )
    result = run("check", path)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f'{path}:8: expect.0: expected pool "ids", but no rule matches; the default says never',
        f"{path}: 1 problem",
    ]


GROWING = f"""\
version: 1
pools:
  ids: {{sessions: [tms-j6c00000000000000001]}}
  big:
    discover: {{filter: tmf-j6c00000000000000001}}
    sensors: {{instance_tags: {{role: sensor}}}}
    grow:
      filter: tmf-j6c00000000000000001
      targets: [{{id: lb-j6c00000000000000001, type: SLB}}]
      priorities: [1000, 2000]
      max_sessions: 50
rules:
  - {{name: web, match: {{vpc: {VPC}}}, pool: big}}
default: {{pool: ids}}
"""


def test_check_refuses_growth_unless_the_stack_allows_it(path: Path) -> None:
    path.write_text(GROWING + "expect: [{interface: {}, pool: big}]\n")
    result = run("check", path)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        (
            f"{path}:7: pools.big.grow: makes sessions, which the stack does not allow; allow it "
            "there (`AllowGrowth`) and say so here (--allow-growth), or leave `grow` out"
        ),
        (
            f'{path}:15: expect.0: expected pool "big", but no rule matches; the default places it '
            'in pool "ids"'
        ),
        f"{path}: 2 problems",
    ]


@pytest.mark.parametrize(
    ("arguments", "allowed", "status"),
    [
        (["--allow-growth"], None, 0),
        ([], "true", 0),
        ([], "false", 1),
        (["--no-allow-growth"], "true", 1),
    ],
)
def test_growth_is_allowed_by_option_or_by_the_setting_of_the_stack(
    path: Path, arguments: list[str], allowed: str | None, status: int
) -> None:
    path.write_text(GROWING)
    runner = CliRunner(env={"EVERMIRROR_ALLOW_GROWTH": allowed})
    assert runner.invoke(policy, ["check", str(path), *arguments]).exit_code == status


def test_check_says_what_pools_find_and_may_make(path: Path) -> None:
    path.write_text(GROWING)
    said = run("check", path, "--allow-growth").stdout
    assert (
        "2 pools with 1 session and those that 1 pool will find (and up to 50 to be made), 1 rule,"
    ) in said
    told = json.loads(run("check", path, "--allow-growth", "--json").stdout)
    assert (told["pools"], told["finding"]) == ({"ids": 1, "big": 0}, ["big"])
    assert told["growing"] == {"big": 50}


def test_try_places_interfaces_in_pools_that_find_or_make_their_sessions(path: Path) -> None:
    path.write_text(GROWING)
    for interface, told in [
        ({"vpc": VPC}, 'big: rule "web" places it in pool "big"'),
        ({}, 'ids: no rule matches; the default places it in pool "ids"'),
        (
            {"vpc": VPC, "instance_tags": {"role": "sensor"}},
            "never: it is a sensor of a pool, so no rule is asked",
        ),
    ]:
        assert run("try", path, "--interface", json.dumps(interface)).stdout == f"{told}\n"


@pytest.mark.parametrize(
    ("interface", "told"),
    [
        ({"vpc": VPC, "instance_tags": {"role": "web"}}, 'ids: rule "web" places it in pool "ids"'),
        ({"vpc": VPC, "tags": {"mirror": "off"}}, 'never: rule "opted out" says never'),
        ({"vpc": VPC}, "never: no rule matches; the default says never"),
        ({"type": "Trunk"}, "never: it is a trunk or member interface, so no rule is asked"),
        ({"service_managed": True}, "never: another cloud service manages it, so no rule is asked"),
    ],
    ids=str,
)
def test_try_says_where_an_interface_goes_and_which_rule_decides(
    path: Path, interface: object, told: str
) -> None:
    result = run("try", path, "--interface", json.dumps(interface))
    assert result.exit_code == 0
    assert result.stdout == f"{told}\n"


def test_try_tells_programs_the_decision(path: Path) -> None:
    interface = json.dumps({"vpc": VPC, "instance_tags": {"role": "web"}})
    result = run("try", path, "--interface", interface, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer.pop("policy_digest")
    assert answer == {"pool": "ids", "rule": "web", "reason": "placed_by_rule"}


def test_try_takes_an_interface_of_a_fleet_file_as_it_stands(path: Path) -> None:
    interface = {
        "id": "eni-j6c000000000000001",
        "instance": "i-j6c0000000000000001",
        "type": "Primary",
        "status": "InUse",
        "vpc": VPC,
        "vswitch": "vsw-j6c00000000000000001",
        "zone": "cn-hongkong-b",
        "security_groups": ["sg-j6c0000000000000001"],
        "tags": {"mirror": "off"},
        "service_managed": False,
        "bond_without_slave": False,
        "trunk": None,
        "created": "2026-01-01T00:00:00Z",
    }
    result = run("try", path, "--interface", json.dumps(interface))
    assert result.stdout == 'never: rule "opted out" says never\n'


def test_try_works_on_a_policy_whose_expectations_are_not_met(path: Path) -> None:
    path.write_text(TEXT + "  - {interface: {}, pool: ids}\n")
    assert run("check", path).exit_code == 1
    assert run("try", path, "--interface", "{}").exit_code == 0


def test_try_fails_on_a_policy_that_cannot_be_read(path: Path) -> None:
    path.write_text("version: 1\n")
    result = run("try", path, "--interface", "{}")
    assert result.exit_code == 1
    assert "`pools` is missing" in result.stderr
    assert json.loads(run("try", path, "--interface", "{}", "--json").stdout)["ok"] is False


@pytest.mark.parametrize(
    ("interface", "told"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "is a list, but must be a mapping"),
        ('{"vcp": "x"}', "vcp: unknown key; did you mean `vpc`?"),
        ('{"vpc": "x"}', 'vpc: "x" is not a VPC id'),
    ],
    ids=["unfinished", "nested without end", "list", "unknown key", "no id"],
)
def test_an_interface_that_cannot_be_read_is_wrong_usage(
    path: Path, interface: str, told: str
) -> None:
    result = run("try", path, "--interface", interface)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_missing_file_or_option_is_wrong_usage(path: Path) -> None:
    assert run("check", path.parent / "absent.yaml").exit_code == 2
    assert run("check").exit_code == 2
    assert run("try", path).exit_code == 2


@pytest.mark.parametrize("arguments", [[], ["check"], ["try"]], ids=str)
def test_every_command_explains_itself(arguments: list[str]) -> None:
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


def test_the_policy_that_is_deployed_by_default_passes_its_own_check() -> None:
    result = run("check", DEPLOYED, "--json")
    assert result.exit_code == 0, result.stdout
    answer = json.loads(result.stdout)
    assert answer["expectations"] >= len(answer["rules"])


TARGETED = """\
version: 1
pools:
  ids: {sessions: [tms-j6c00000000000000001], targets: eni-j6c000000000000009}
default: {pool: ids}
"""


def test_try_says_that_an_interface_receives_the_traffic(path: Path) -> None:
    path.write_text(TARGETED)
    interface = '{"network_interface": "eni-j6c000000000000009"}'
    result = run("try", path, "--interface", interface)
    assert (
        result.stdout
        == "never: it is a mirror target, or on the instance of one, so no rule is asked\n"
    )
    told = json.loads(run("try", path, "--interface", interface, "--json").stdout)
    assert (told["pool"], told["rule"], told["reason"]) == (None, None, "target_instance")


def test_a_policy_may_expect_that_its_targets_are_left_alone(path: Path) -> None:
    expectation = "{interface: {network_interface: eni-j6c000000000000009}, %s}"
    path.write_text(f"{TARGETED}expect:\n  - {expectation % 'never: true'}\n")
    assert run("check", path).exit_code == 0
    path.write_text(f"{TARGETED}expect:\n  - {expectation % 'pool: ids'}\n")
    assert run("check", path).stderr.splitlines()[0] == (
        f'{path}:6: expect.0: expected pool "ids", but it is a mirror target, or on the instance '
        "of one, so no rule is asked"
    )


UNPINNED = (
    "names no `targets`: a session that somebody points elsewhere still counts as mirrored there"
)


@pytest.mark.parametrize(
    ("pool", "warned"),
    [
        ("sessions: [tms-j6c00000000000000001]", True),
        ("discover: {tags: {mirror: big}}", True),
        ("sessions: [tms-j6c00000000000000001], targets: eni-j6c000000000000009", False),
        ("discover: {tags: {mirror: big}}, targets: [eni-j6c000000000000009]", False),
        ("discover: {target: eni-j6c000000000000009}", False),
        ("discover: {target: eni-j6c000000000000009}, was: large", True),
        (
            (
                "grow: {filter: tmf-j6c00000000000000001, priorities: [1, 9], max_sessions: 9, "
                "targets: [{id: eni-j6c000000000000009, type: NetworkInterface}]}"
            ),
            False,
        ),
    ],
    ids=str,
)
def test_check_warns_where_a_pool_would_not_notice_a_session_that_is_pointed_elsewhere(
    path: Path, pool: str, warned: bool
) -> None:
    path.write_text(f"version: 1\npools:\n  ids: {{{pool}}}\ndefault: {{pool: ids}}\n")
    result = run("check", path, "--allow-growth")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{path}: good, digest ")
    told = [f"{path}:3: warning: pools.ids: {UNPINNED}"] if warned else []
    assert result.stderr.splitlines() == told


def test_the_policies_of_this_repository_pin_their_targets() -> None:
    for example in (DEPLOYED, ROOT / "local/commandline/demonstration/policy.yaml"):
        result = run("check", example)
        assert (result.exit_code, result.stderr) == (0, "")


def test_the_policy_in_the_readme_is_good_and_pins_its_targets(path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(version: 1\n.*?)```", readme, re.DOTALL)
    path.write_text(example)
    result = run("check", path, "--allow-growth")
    assert (result.exit_code, result.stderr) == (0, "")
