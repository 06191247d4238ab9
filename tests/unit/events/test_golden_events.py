"""The golden events, their expected outcomes, and the world they are shown on fit each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from evermirror.events import parse
from evermirror.model import Instance, NetworkInterface, Parsed, Place
from evermirror.placement.eligibility import eligibility, targets
from evermirror.placement.membership import Membership
from evermirror.placement.snapshot import Lookup
from evermirror.policy import Decision, Policy, compile_policy
from evermirror.policy.expectations import unmet

ROOT = Path(__file__).parents[3]
EVENTS = {path.stem: path for path in (ROOT / "events" / "mirror").glob("*.json")}
GOLDEN: dict[str, Any] = json.loads((ROOT / "tests" / "golden" / "mirror.json").read_bytes())
DEMONSTRATION = ROOT / "local" / "commandline" / "demonstration"
FLEET: dict[str, Any] = json.loads((DEMONSTRATION / "fleet.json").read_bytes())
POLICY: Policy = compile_policy(yaml.safe_load((DEMONSTRATION / "policy.yaml").read_bytes()))
INSTANCES = {one["id"]: Instance(one["id"], tags=one["tags"]) for one in FLEET["instances"]}
INTERFACES = {one["id"]: one for one in FLEET["network_interfaces"]}


def _parsed(case: str) -> Parsed:
    place = Place(FLEET["account_id"], FLEET["region"])
    return parse(EVENTS[case].read_bytes(), place, 1767600000.0, "request-1")


def _decided(network_interface_id: str) -> Decision:
    interface = _interface(network_interface_id)
    known = Lookup({one: _interface(one) for one in INTERFACES}, None)
    receiving = targets(POLICY, Membership(POLICY, {}), known)
    instance = INSTANCES[interface.instance_id or ""]
    return eligibility(POLICY, interface, instance, receiving)


def _interface(network_interface_id: str) -> NetworkInterface:
    one = INTERFACES[network_interface_id]
    return NetworkInterface(
        one["id"],
        one.get("status", "InUse"),
        type=one["type"],
        instance_id=one["instance"],
        vpc_id=one["vpc"],
        security_group_ids=frozenset(one["security_groups"]),
        tags=one.get("tags", {}),
        service_managed=one.get("service_managed", False),
        trunk_network_interface_id=one.get("trunk"),
    )


def test_every_golden_event_has_an_expected_outcome() -> None:
    assert EVENTS.keys() == GOLDEN.keys()


@pytest.mark.parametrize("case", GOLDEN)
def test_the_parser_agrees_with_the_expected_outcomes(case: str) -> None:
    parsed = _parsed(case)
    named: set[str] = set()
    for intent in parsed.intents:
        if intent.network_interface_id is not None:
            named.add(intent.network_interface_id)
        named |= {i for i, one in INTERFACES.items() if one["instance"] == intent.instance_id}
    expected = GOLDEN[case]["outcomes"]
    assert named == {one["network_interface_id"] for one in expected} - {None}
    final = [(outcome.verdict.value, outcome.reason) for outcome in parsed.outcomes]
    # What is told of a session, only a look can tell.
    without_a_look = [
        one for one in expected if one["network_interface_id"] is None and "session_id" not in one
    ]
    assert final == [(one["outcome"], one["reason"]) for one in without_a_look]


@pytest.mark.parametrize("case", GOLDEN)
def test_the_policy_agrees_with_the_expected_outcomes(case: str) -> None:
    for expected in GOLDEN[case]["outcomes"]:
        if expected["network_interface_id"] is None:
            continue
        decision = _decided(expected["network_interface_id"])
        assert decision.pool == expected.get("pool", decision.pool)
        assert decision.rule == expected.get("rule", decision.rule)
        if expected["outcome"] == "skipped":
            assert decision.reason == expected["reason"]


def test_the_policy_of_the_demonstration_keeps_its_own_promises() -> None:
    assert list(unmet(POLICY)) == []


def test_the_demonstration_begins_with_a_third_covered_and_ends_with_gaps_to_see() -> None:
    wanted = {one for one in INTERFACES if _decided(one).pool is not None}
    before = {source for session in FLEET["sessions"] for source in session["sources"]}
    named = {
        expected["network_interface_id"]
        for case in GOLDEN.values()
        for expected in case["outcomes"]
        if case["reaches_mirror"] and expected["outcome"] != "rejected"
    }
    after = before | (named & wanted)
    assert before <= wanted
    assert (len(before), len(after), len(wanted)) == (12, 30, 38)


def test_the_event_delivered_again_is_the_same_event() -> None:
    assert EVENTS["attach-by-api"].read_bytes() == EVENTS["attach-by-api-again"].read_bytes()


def test_the_world_of_the_demonstration_is_large_enough_and_holds_together() -> None:
    mirrored = [source for session in FLEET["sessions"] for source in session["sources"]]
    assert len(INTERFACES) >= 40
    assert len({one["vpc"] for one in INTERFACES.values()}) >= 3
    assert len(FLEET["sessions"]) == 4
    assert len(mirrored) == len(set(mirrored))
    assert INTERFACES.keys() >= set(mirrored)
    assert {one["id"] for one in FLEET["instances"]} >= {
        one["instance"] for one in INTERFACES.values()
    }


def test_the_delivery_for_notify_has_the_documented_keys() -> None:
    path = ROOT / "events" / "notify" / "three-outcomes.json"
    delivery = json.loads(path.read_bytes())
    assert delivery["schema_version"] == 1
    for outcome in delivery["outcomes"]:
        assert list(outcome) == [
            "outcome_id", "outcome", "network_interface_id", "instance_id", "session_id", "pool",
            "rule", "cause", "reason", "remedy", "client_token", "request_id", "attempts",
            "attached_to_mirrored_s", "policy_digest", "time",
        ]  # fmt: skip
