"""The event table, over a copy of every shape that has been published or seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evermirror.model import Parsed, Verdict

Read = Callable[[object], Parsed]

SHAPES = Path(__file__).parents[2] / "data" / "events"
ENI = "eni-j6c000000000000001"
INSTANCE = "i-j6c0000000000000001"

LOOKS = {
    "cloudmonitor-instance-statechange": [INSTANCE],
    "cloudmonitor-interface-attach-completed": [ENI],
    "cloudmonitor-to-fc-statechange": [INSTANCE],
    "eventbridge-ecs-actiontrail-attach-interface": [ENI],
    "eventbridge-ecs-actiontrail-attach-member-interface-terway": ["eni-j6c000000000000002"],
    "eventbridge-ecs-instance-statechange-running": [INSTANCE],
    "eventbridge-ecs-interface-attach-completed": [ENI],
    "eventbridge-list-of-two": [ENI, INSTANCE],
}
ANSWERS = {
    "actiontrail-bare-deletedisk-system": "not_for_us",
    "cloudmonitor-placeholder": "test_placeholder",
    "eventbridge-ecs-actiontrail-attach-interface-failed": "failed_call",
    "eventbridge-ecs-actiontrail-create-buy-page": "covered_by_state_change",
    "eventbridge-ecs-actiontrail-create-interface": "not_attached",
    "eventbridge-ecs-actiontrail-runinstances-api": "covered_by_state_change",
    "eventbridge-ecs-actiontrail-runinstances-console": "covered_by_state_change",
    "eventbridge-ecs-actiontrail-startinstance": "covered_by_state_change",
    "eventbridge-ecs-config-item-change-interface": "covered_by_other_events",
    "eventbridge-ecs-instance-statechange-created": "other_state",
    "eventbridge-ecs-instance-statechange-deleted": "other_state",
    "eventbridge-ecs-instance-statechange-stopped": "other_state",
    "eventbridge-ecs-instance-vswitchchanged": "not_for_us",
    "eventbridge-ecs-interface-detach-completed": "not_attached",
    "eventbridge-ecs-masked-ids": "invalid_event",
    "eventbridge-ecs-privateip-assigned": "not_for_us",
    "eventbridge-ess-lifecyclehook-scaleout": "covered_by_other_events",
    "eventbridge-ess-scaleout-success": "covered_by_other_events",
    "eventbridge-unrelated-oss": "not_for_us",
}


def test_every_shape_has_its_row_here() -> None:
    assert {path.stem for path in SHAPES.glob("*.json")} == LOOKS.keys() | ANSWERS.keys()


@pytest.mark.parametrize("shape", LOOKS)
def test_a_shape_that_names_something_leads_to_a_look_at_exactly_that(
    shape: str, read: Read
) -> None:
    parsed = read((SHAPES / f"{shape}.json").read_bytes())
    named = [intent.network_interface_id or intent.instance_id for intent in parsed.intents]
    assert named == LOOKS[shape]
    assert parsed.outcomes == ()


@pytest.mark.parametrize("shape", ANSWERS)
def test_every_other_shape_is_answered_with_its_reason_and_no_work(shape: str, read: Read) -> None:
    parsed = read((SHAPES / f"{shape}.json").read_bytes())
    assert parsed.intents == ()
    assert [outcome.reason for outcome in parsed.outcomes] == [ANSWERS[shape]]
    rejected = ANSWERS[shape] == "invalid_event"
    assert parsed.outcomes[0].verdict is (Verdict.REJECTED if rejected else Verdict.IGNORED)
