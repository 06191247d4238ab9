"""What `evermirror plan` says has room, mirror mirrors; what it says has none, mirror defers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from commandline.main import main
from evermirror.policy import compile_policy
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve

SENSOR = 99
ON_INTERFACE = {"target": eni(SENSOR), "target_type": "NetworkInterface"}


def planned(endpoint: str, policy: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = folder / "policy.json"
    path.write_text(json.dumps(policy))
    asked = CliRunner().invoke(
        main, ["plan", "--endpoint", endpoint, "--current", str(path), "--json", "--verify"]
    )
    told: dict[str, Any] = json.loads(asked.stdout)
    assert asked.exit_code == {"fits": 0, "gaps": 3}[told["status"]]
    return told


@pytest.mark.parametrize("seed", range(6))
def test_the_plan_tells_how_many_mirror_will_mirror(
    serve: Serve, tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)
    interfaces = range(1, chance.randint(8, 26))
    listed = chance.sample(interfaces, chance.randint(0, 5))
    kind: dict[str, Any] = ON_INTERFACE if seed % 2 else {}  # or a load balancer
    sessions = [a_session(1, *listed, **kind), a_session(2, **kind), a_session(3)]
    opted_out = [eni(number) for number in chance.sample(interfaces, 2)]
    policy = {
        "version": 1,
        "pools": {
            "ids": {
                "sessions": [tms(1), tms(2)][: chance.randint(1, 2)],
                "sensors": {"instance": "i-j6c0000000000000077"},
            }
        },
        "rules": [{"match": {"network_interface": opted_out}, "never": True}],
        "default": {"pool": "ids"},
    }
    world = serve([*interfaces, SENSOR] if kind else interfaces, sessions)

    (pool,) = planned(world.cloud.endpoint, policy, tmp_path)["pools"]
    outcomes = world.writer(compile_policy(policy)).outcomes(*map(attached, interfaces))

    counted = Counter(one["outcome"] for one in outcomes)
    assert counted["mirrored"] == len(pool["to_add"]) - pool["missing_seats"]
    assert counted["deferred"] == pool["missing_seats"]
    assert counted["already_mirrored"] == pool["mirrored"]


def test_what_the_plan_calls_without_effect_mirror_calls_so_and_adds_nothing_to_it(
    serve: Serve, tmp_path: Path
) -> None:
    sensors = {"instance": "i-j6c0000000000000077"}
    pools = {"ids": {"sessions": [tms(1), tms(2), tms(3)], "sensors": sensors}}
    policy = {"version": 1, "pools": pools, "default": {"pool": "ids"}}
    world = serve(range(1, 16), [a_session(1, 1, 2, enabled=False), a_session(2), a_session(3, 3)])

    told = planned(world.cloud.endpoint, policy, tmp_path)
    outcomes = world.writer(compile_policy(policy)).outcomes(*map(attached, range(1, 16)))

    (pool,) = told["pools"]
    in_vain = {(one["network_interface_id"], one["session_id"]) for one in pool["ineffective"]}
    assert (
        in_vain
        == {(eni(1), tms(1)), (eni(2), tms(1))}
        == {
            (one["network_interface_id"], one["session_id"])
            for one in outcomes
            if one["outcome"] == "ineffective"
        }
    )
    assert told["status"] == "gaps"
    assert [i for i, places in world.placements().items() if tms(1) in places] == [eni(1), eni(2)]
