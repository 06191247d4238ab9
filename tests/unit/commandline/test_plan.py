"""`evermirror plan` against served local clouds: what cannot be read, wrong usage, its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evermirror.policy import compile_policy, dump
from localcloud.cloud import LocalCloud
from localcloud.testing import serving
from tests.worlds import a_fleet, a_session, an_interface, eni

from .conftest import Answering, run
from .plans import EVERYTHING, Planned, Told, changed, kinds, ruled


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"action": "ListTrafficMirrorSessions", "do": {"reset": "before"}}, "cut_short"),
        ({"action": "DescribeNetworkInterfaces", "do": {"truncate": 20}}, "cut_short"),
        (
            {"action": "DescribeInstances", "do": {"error": "Forbidden.RAM", "status": 403}},
            "Forbidden.RAM",
        ),
    ],
    ids=str,
)
def test_a_fleet_that_is_not_read_whole_is_unknown(
    planned: Planned, fault: Told, reason: str
) -> None:
    with serving(a_fleet([1], [1])) as cloud:
        cloud.set_faults([fault])
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["status"], told["unknown"]) == (4, "unknown", reason)
    assert told["remedy"]


def test_an_empty_region_is_unknown_not_covered(planned: Planned) -> None:
    with serving(a_fleet([an_interface(1, status="Available")], [1])) as cloud:
        status, told = planned(cloud, EVERYTHING, "--verify")

    assert (status, told["status"], told["unknown"]) == (4, "unknown", "nothing_eligible")
    assert told["verification"] is None


def test_instances_that_nobody_may_see_make_the_plan_unknown(planned: Planned) -> None:
    # As a role without the permission sees it: an empty list and no error.
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "ecs:DescribeInstances", "Resource": "*"}
    fleet = {
        **a_fleet([1, 2], [1]),
        "keys": [
            {
                "access_key_id": "local-access-key-id",
                "access_key_secret": "local-access-key-secret",
                "policies": [{"Version": "1", "Statement": [allowed, denied]}],
            }
        ],
    }
    with serving(fleet) as cloud:
        status, told = planned(cloud, EVERYTHING)

    assert (status, told["unknown"]) == (4, "instances_not_visible")
    assert "instances_unknown" in kinds(told)


def test_nothing_listening_is_exit_status_1(refused_url: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(EVERYTHING))
    asked = run("plan", "--endpoint", refused_url, "--current", policy)

    assert asked.exit_code == 1
    assert f"nothing answers at {refused_url}" in asked.stderr


def test_a_policy_with_mistakes_is_told_with_its_lines_before_anything_is_read(
    answering: Answering, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\npools: {}\nrulez: []\n")
    asked = run("plan", "--endpoint", answering(500, b""), "--current", policy)

    assert asked.exit_code == 1
    assert f"{policy}:3: rulez: unknown key; did you mean `rules`?" in asked.stderr


def test_a_cloud_must_be_named() -> None:
    assert run("plan").exit_code == 2
    assert run("plan", "--policy", "/absent.yaml").exit_code == 2


def test_a_local_cloud_is_asked_for_the_policy_in_use(tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    new.write_text(json.dumps(changed(default="never", rules=[{"match": {}, "pool": "ids"}])))

    async def deploy(cloud: LocalCloud) -> None:
        cloud.policy = dump(compile_policy(EVERYTHING))

    with serving(a_fleet([1], [1]), prepare=deploy) as cloud:
        asked = run("plan", "--endpoint", cloud.endpoint, "--policy", new, "--json")
    told = json.loads(asked.stdout)
    assert told["current"]["policy_digest"] == compile_policy(EVERYTHING).digest
    assert told["policy"] == {
        "from": str(new),
        "policy_digest": compile_policy(json.loads(new.read_text())).digest,
    }


def test_a_local_cloud_without_a_policy_is_wrong_usage_that_says_what_to_name() -> None:
    with serving(a_fleet([1], [1])) as cloud:
        asked = run("plan", "--endpoint", cloud.endpoint)

    assert asked.exit_code == 2
    assert "this local cloud has no policy: name a file with --current" in asked.stderr


def test_people_get_the_verdict_first_and_then_what_it_rests_on(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(ruled({"tags": {"env": "[prod]"}})))
    fleet = a_fleet(range(1, 14), [a_session(1, 1)])
    with serving(fleet) as cloud:
        asked = run("plan", "--endpoint", cloud.endpoint, "--current", policy, "--verify")

    lines = asked.stdout.splitlines()
    assert lines[0] == "plan: not everything that the policy wants can be mirrored"
    assert lines[1] == "cn-hongkong: interfaces: 13, attached: 13, sessions: 1"
    assert (
        """  → pool "ids": without a seat: 3 interfaces; missing: 1 session, 0 targets for them"""
    ) in lines
    assert "  → dry runs: 9 of 9 passed" in lines
    assert any(line.startswith("  → price of a month: CNY 73.00 now, CNY 730.00") for line in lines)
    assert any(line.split()[:3] == ["prod", "ids", "0"] for line in lines)


def test_people_are_told_what_changes_and_what_stays_behind(tmp_path: Path) -> None:
    for name, document in {
        "new": changed(default="never", rules=[{"match": {"zone": "cn-a-b"}, "pool": "ids"}]),
        "old": EVERYTHING,
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    fleet = a_fleet(range(1, 6), [a_session(1, 1)])
    with serving(fleet) as cloud:
        asked = run(
            "plan",
            *("--endpoint", cloud.endpoint),
            *("--current", tmp_path / "old.json", "--policy", tmp_path / "new.json"),
        )

    assert asked.exit_code == 4
    assert asked.stdout.startswith(
        "plan: it cannot be said whether everything fits (nothing_eligible)"
    )
    assert f"stop being wanted  5           {eni(1)} (ids to never), " in asked.stdout
    assert "and 2 more" in asked.stdout
    assert "what is no longer wanted stays a source of its session" in asked.stdout
