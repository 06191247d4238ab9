"""What mirrors nothing is called ineffective by mirror, coverage and explain, and takes nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commandline.main import main
from evermirror.policy import compile_policy
from evermirror.reasons import REMEDIES
from tests.worlds import BOTH_DIRECTIONS, a_session, an_interface, attached, eni, instance, tms

from .conftest import Serve, Sweeping
from .growing_pools import FILTER, balancer
from .writers import World

OTHER_FILTER = "tmf-j6c00000000000000002"
SENSOR = 9
ON_SENSOR = {"target": eni(SENSOR), "target_type": "NetworkInterface"}
PINNED = {"targets": [eni(SENSOR)], "filter": FILTER}
DROPS_ALL = {"direction": "ingress", "action": "drop", "priority": 1}
ACCEPTS = {"direction": "ingress", "action": "accept", "priority": 10}


def policy(**pins: Any) -> dict[str, Any]:
    pool = {"sessions": [tms(1)], "sensors": {"instance": instance(77)}, **pins}
    return {"version": 1, "pools": {"ids": pool}, "default": {"pool": "ids"}}


def told_by_explain(world: World, rules: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = folder / "policy.json"
    path.write_text(json.dumps(rules))
    asked = ["explain", eni(1), "--endpoint", world.cloud.endpoint, "--policy", str(path), "--json"]
    told: dict[str, Any] = json.loads(CliRunner().invoke(main, asked).stdout)
    return told


def rules(*of_filter: dict[str, Any]) -> list[dict[str, Any]]:
    numbered = enumerate(of_filter, start=1)
    return [{"id": f"tmr-j6c{n:017}", **one} for n, one in numbered]


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], list[dict[str, Any]] | None]] = {
    # What is wrong, what the session is like, what the policy pins, and the filter's rules.
    "pointed elsewhere": ("wrong_target", {"target": balancer(9)}, PINNED, None),
    "another filter": ("wrong_filter", {**ON_SENSOR, "filter": OTHER_FILTER}, PINNED, None),
    "dropped before": ("filter_accepts_nothing", {}, {}, rules(DROPS_ALL, ACCEPTS)),
    "one direction of two": (
        "filter_accepts_nothing",
        {},
        {"directions": ["ingress", "egress"]},
        rules(ACCEPTS),
    ),
    "target deleted": ("target_gone", {**ON_SENSOR, "target": eni(99)}, {}, None),
    "target detached": ("target_gone", {**ON_SENSOR, "target": eni(8)}, {}, None),
    "sensor stopped": ("target_not_running", ON_SENSOR, {}, None),
}


@pytest.mark.parametrize("case", CASES)
def test_what_mirrors_nothing_is_called_so_by_everybody_and_takes_nobody(
    serve: Serve, sweeping: Sweeping, tmp_path: Path, case: str
) -> None:
    reason, session, pins, filter_rules = CASES[case]
    filters = [
        {"id": FILTER, "rules": filter_rules or BOTH_DIRECTIONS},
        {"id": OTHER_FILTER, "rules": 1},
    ]
    detached = an_interface(8, status="Available", instance=None, type="Secondary")
    world = serve([1, 2, detached, SENSOR], [a_session(1, 1, **session)], filters=filters)
    state = world.cloud.state()
    (sensor,) = (one for one in state["instances"] if one["id"] == instance(SENSOR))
    sensor["status"] = "Stopped" if reason == "target_not_running" else "Running"
    world.cloud.load(state)
    compiled = compile_policy(policy(**pins))

    listed, new = world.writer(compiled).outcomes(attached(1), attached(2))
    counted = sweeping(world, policy=compiled).tick()
    explained = told_by_explain(world, policy(**pins), tmp_path)

    assert (listed["outcome"], listed["reason"], listed["session_id"]) == (
        "ineffective",
        reason,
        tms(1),
    )
    assert listed["remedy"] == REMEDIES[reason]
    assert (new["outcome"], new["reason"]) == ("deferred", "no_session_mirrors")
    assert world.adds() == []
    assert (counted["mirrored"], counted["ineffective_because"]) == (0, {reason: 1})
    assert counted["impossible"]["no_session_mirrors"] >= 1
    assert explained["standing"] == "ineffective"
    assert explained["sessions"][0]["session_id"] == tms(1)


def test_a_session_that_mirrors_both_ways_where_the_policy_wants_it_is_mirrored(
    serve: Serve, sweeping: Sweeping, tmp_path: Path
) -> None:
    """The same world with nothing wrong in it."""
    world = serve([1, 2, SENSOR], [a_session(1, 1, **ON_SENSOR)])
    pinned = policy(**PINNED, directions=["ingress", "egress"])
    compiled = compile_policy(pinned)

    listed, new = world.writer(compiled).outcomes(attached(1), attached(2))
    world.clock.sleep(10)

    assert (listed["outcome"], new["outcome"]) == ("already_mirrored", "mirrored")
    assert new["target_id"] == eni(SENSOR)
    assert sweeping(world, policy=compiled).tick()["status"] == "full"
    assert told_by_explain(world, pinned, tmp_path)["standing"] == "mirrored"
