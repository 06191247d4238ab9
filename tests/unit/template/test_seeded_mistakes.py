"""Mistakes that people make in a template, one at a time, are each found and named."""

from __future__ import annotations

from typing import Any

import pytest

from .ros_schema import document, findings


def _typo(resources: dict[str, Any]) -> None:
    destination = resources["NotifyAsynchronous"]["Properties"]["DestinationConfig"]
    destination["OnFail"] = destination.pop("OnFailure")


def _nine_retries(resources: dict[str, Any]) -> None:
    resources["MirrorAsynchronous"]["Properties"]["MaxAsyncRetryAttempts"] = 9


def _missing(resources: dict[str, Any]) -> None:
    del resources["AttachRule"]["Properties"]["FilterPattern"]


def _no_reference(resources: dict[str, Any]) -> None:
    del resources["DeadLetterQueue"]


def _wrong_type(resources: dict[str, Any]) -> None:
    resources["MirrorFunction"]["Properties"]["Timeout"] = "240"


def _unknown_condition(resources: dict[str, Any]) -> None:
    resources["EventQueue"]["Condition"] = "Listens"


def _unknown_type(resources: dict[str, Any]) -> None:
    resources["LogStore"]["Type"] = "ALIYUN::SLS::LogStore"


def _short_visibility(resources: dict[str, Any]) -> None:
    resources["EventQueue"]["Properties"]["VisibilityTimeout"] = 200


def _long_timeout(resources: dict[str, Any]) -> None:
    resources["MirrorFunction"]["Properties"]["Timeout"] = 301


def _statements(resources: dict[str, Any], role: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = resources[role]["Properties"]["Policies"][0]["PolicyDocument"][
        "Statement"
    ]
    return found


def _role_without_its_action(resources: dict[str, Any]) -> None:
    statements = _statements(resources, "ReconcileRole")
    statements[:] = [one for one in statements if "ecs:DescribeInstances" not in one["Action"]]


def _role_with_too_much(resources: dict[str, Any]) -> None:
    _statements(resources, "WebhookRole")[0]["Action"].append("vpc:DeleteTrafficMirrorSession")


def _wildcard(resources: dict[str, Any]) -> None:
    _statements(resources, "MirrorRole")[0]["Action"] = ["vpc:*"]


def _effect(resources: dict[str, Any]) -> None:
    _statements(resources, "NotifyRole")[0]["Effect"] = "allow"


def _no_file(resources: dict[str, Any]) -> None:
    resources["NotifyFunction"]["Properties"]["Handler"] = "main.handler"


def _trigger_key(resources: dict[str, Any]) -> None:
    config = resources["SweepTrigger"]["Properties"]["TriggerConfig"]
    config["CronExpression"] = config.pop("cronExpression")


def _old_runtime(resources: dict[str, Any]) -> None:
    resources["MirrorFunction"]["Properties"]["Runtime"] = "python3.11"


def _lost_failures(resources: dict[str, Any]) -> None:
    del resources["NotifyAsynchronous"]["Properties"]["DestinationConfig"]


@pytest.mark.parametrize(
    ("mistake", "finding"),
    [
        (_typo, "NotifyAsynchronous.DestinationConfig.OnFail: there is no such property"),
        (_nine_retries, "MirrorAsynchronous.MaxAsyncRetryAttempts: 9 is not within"),
        (_missing, "AttachRule.FilterPattern: this property is required"),
        (_no_reference, "there is no resource named DeadLetterQueue"),
        (_wrong_type, "MirrorFunction.Timeout: '240' is no number"),
        (_unknown_condition, "there is no condition named Listens"),
        (_unknown_type, "LogStore: there is no resource type ALIYUN::SLS::LogStore"),
        (_short_visibility, "a message is visible again after 200 s, while mirror may work on it"),
        (_long_timeout, "a timeout of 301 s outlasts a push of EventBridge"),
        (_role_without_its_action, "ReconcileRole: its function calls ecs:DescribeInstances"),
        (_role_with_too_much, "WebhookRole: it allows vpc:DeleteTrafficMirrorSession"),
        (_wildcard, "'vpc:*' is not one action of one product"),
        (_effect, "Effect: neither Allow nor Deny"),
        (_no_file, "main.handler is in no file of notify"),
        (_trigger_key, "TriggerConfig.CronExpression: a trigger of type timer has no such key"),
        (_old_runtime, "MirrorFunction.Runtime: 'python3.11' is none of"),
        (_lost_failures, "notify: invocations that fail are lost"),
    ],
)
def test_a_seeded_mistake_is_found(mistake: Any, finding: str) -> None:
    source = document()
    mistake(source["Resources"])
    found = findings(source, WebhookSecret="whsec_bG9jYWw=", Mode="act")
    assert any(finding in one for one in found), found


def test_a_condition_that_is_not_there_is_found() -> None:
    source = document()
    del source["Conditions"]["Paused"]
    assert any("there is no condition named Paused" in one for one in findings(source))


def test_an_attribute_that_is_not_there_is_found() -> None:
    source = document()
    source["Outputs"]["MirrorArn"]["Value"] = {"Fn::GetAtt": ["MirrorFunction", "Arn"]}
    assert any(
        "MirrorFunction (ALIYUN::FC3::Function) has no attribute Arn" in one
        for one in findings(source)
    )
