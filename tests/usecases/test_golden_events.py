"""Every golden event leads where its golden file says, on the demonstration's fleet and policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from commandline.assembly import TEMPLATE
from commandline.policy_file import read_policy
from localcloud.eventbridge.patterns import Pattern
from localcloud.functioncompute.stack import read_stack
from localcloud.functioncompute.template import Deployment
from localcloud.testing import serving
from tests.worlds import ACCOUNT, REGION

from .writers import World, Writer

ROOT = Path(__file__).parents[2]
DEMONSTRATION = ROOT / "local" / "commandline" / "demonstration"
FILES = sorted((ROOT / "events/mirror").glob("*.json"), key=lambda path: path.stem)
EVENTS = {path.stem: path.read_bytes() for path in FILES}
GOLDEN: dict[str, Any] = json.loads((ROOT / "tests/golden/mirror.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, list[dict[str, Any]]]]:
    """What mirror answers to each event, when all are delivered once, in the order of names."""
    fleet = json.loads((DEMONSTRATION / "fleet.json").read_text("utf-8"))
    with ExitStack() as stack:
        world = World(stack.enter_context(serving(fleet, speed=0)), stack)
        writer: Writer = world.writer(read_policy(DEMONSTRATION / "policy.yaml")).healing()
        yield {name: writer.deliver_bytes(event)["outcomes"] for name, event in EVENTS.items()}


def fits(told: dict[str, Any], golden: dict[str, Any]) -> bool:
    return all(
        told[key] in value if isinstance(value, list) else told[key] == value
        for key, value in golden.items()
    )


def test_every_golden_event_has_its_expectation_and_the_other_way_round() -> None:
    assert set(EVENTS) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_golden_event_leads_where_its_golden_file_says(
    told: dict[str, list[dict[str, Any]]], name: str
) -> None:
    outcomes = list(told[name])

    for golden in GOLDEN[name]["outcomes"]:
        fitting = [one for one in outcomes if fits(one, golden)]
        assert fitting, (golden, outcomes)
        outcomes.remove(fitting[0])
    assert outcomes == []


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_template_lets_through_what_the_golden_file_says(name: str) -> None:
    stack = read_stack(TEMPLATE, Deployment(ACCOUNT, REGION), {})
    event = json.loads(EVENTS[name])
    events = event if isinstance(event, list) else [event]

    let_through = [
        isinstance(one, dict) and any(Pattern(rule.pattern).matches(one) for rule in stack.rules)
        for one in events
    ]

    assert all(let_through) == any(let_through) == GOLDEN[name]["reaches_mirror"]
