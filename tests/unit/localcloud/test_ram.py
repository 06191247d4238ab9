"""Policies of RAM: what they allow, what they deny, and which documents are none."""

from __future__ import annotations

import time
from typing import Any

import pytest

from localcloud.ram import Decision, Policy, PolicyError

SESSION = "acs:vpc:cn-hongkong:1234567890123456:trafficmirrorsession/tms-1"
ADD, LIST = "vpc:AddSourcesToTrafficMirrorSession", "vpc:ListTrafficMirrorSessions"


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    chosen = {"Action": "*"} if not {"Action", "NotAction"} & set(elements) else {}
    if not {"Resource", "NotResource"} & set(elements):
        chosen["Resource"] = "*"
    return {"Effect": effect, **chosen, **elements}


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.read({"Version": "1", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("written", "action", "is_allowed"),
    [
        ("*", ADD, True),
        ("*:*", ADD, True),
        ("vpc:*", ADD, True),
        ("vpc:Add*", ADD, True),
        ("VPC:addsources*", ADD, True),
        ("vpc:*TrafficMirrorSession?", LIST, True),
        ("vpc:*TrafficMirrorSession?", ADD, False),
        (["ecs:*", ADD], ADD, True),
        ("ecs:*", ADD, False),
        ("vpc:Add", ADD, False),
        ("vpc:[AB]dd*", ADD, False),
    ],
)
def test_an_action_fits_by_wildcards_and_in_any_case(
    written: Any, action: str, is_allowed: bool
) -> None:
    assert policy(statement(Action=written)).allows(action, SESSION) is is_allowed


@pytest.mark.parametrize(
    ("written", "is_allowed"),
    [
        ("*", True),
        (SESSION, True),
        ("acs:vpc:*:*:*", True),
        ("acs:vpc:cn-hongkong:*:trafficmirrorsession/*", True),
        ("acs:vpc:*:*:trafficmirrorsession/tms-?", True),
        (["acs:ecs:*:*:*", SESSION], True),
        ("acs:vpc:*:*:TrafficMirrorSession/*", False),
        ("acs:vpc:*:*:trafficmirrorsession/tms-", False),
        ("acs:vpc:*:*:trafficmirrorfilter/*", False),
        ("acs:vpc:cn-hangzhou:*:*", False),
    ],
)
def test_a_resource_fits_by_wildcards_and_letter_by_letter(written: Any, is_allowed: bool) -> None:
    assert policy(statement(Resource=written)).allows(ADD, SESSION) is is_allowed


def test_a_deny_wins_wherever_it_stands_and_whatever_document_it_is_in() -> None:
    allow, deny = statement(), statement("Deny", Action="vpc:Add*")
    for order in ((allow, deny), (deny, allow)):
        assert policy(*order).decide(ADD, SESSION) is Decision.EXPLICIT_DENY
        assert policy(*order).allows(LIST, SESSION)
        apart = Policy.together(policy(one) for one in order)
        assert apart.decide(ADD, SESSION) is Decision.EXPLICIT_DENY


def test_what_no_statement_allows_is_denied() -> None:
    assert policy(statement(Action=LIST)).decide(ADD, SESSION) is Decision.IMPLICIT_DENY
    assert Policy().decide(LIST, SESSION) is Decision.IMPLICIT_DENY


def test_not_action_and_not_resource_mean_everything_but() -> None:
    all_but_add = policy(statement(NotAction="vpc:Add*"))
    assert (all_but_add.allows(LIST, SESSION), all_but_add.allows(ADD, SESSION)) == (True, False)
    elsewhere = policy(statement(), statement("Deny", NotResource="acs:vpc:*:*:*"))
    assert elsewhere.allows(ADD, SESSION)
    assert not elsewhere.allows("ecs:DescribeInstances", "acs:ecs:*:*:instance/*")


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "policy: Input should be a valid dictionary"),
        ({"Statement": [statement()]}, "Version: Field required"),
        ({"Version": "2", "Statement": [statement()]}, "Version: Input should be '1'"),
        ({"Version": "1", "Statement": []}, "Statement: is an empty list"),
        ({"Version": "1", "Statement": [{}]}, "Statement[0].Effect: Field required"),
        ({"Version": "1", "Statement": [statement("allow")]}, "Statement[0].Effect: Input should"),
        (
            {"Version": "1", "Statement": [{"Effect": "Allow", "Resource": "*"}]},
            "Statement[0]: needs either Action or NotAction",
        ),
        (
            {"Version": "1", "Statement": [statement(Action="a:b", NotAction="c:d")]},
            "Statement[0]: needs either Action or NotAction",
        ),
        (
            {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*"}]},
            "Statement[0]: needs either Resource or NotResource",
        ),
        (
            {"Version": "1", "Statement": [statement(), statement(Condition={})]},
            "Statement[1]: Condition is not understood here; leave the statement's condition out",
        ),
        (
            {"Version": "1", "Statement": [statement(Principal={"RAM": ["*"]})]},
            "Statement[0]: Principal belongs to policies of resources, not of principals",
        ),
        (
            {"Version": "1", "Statement": [statement(Action="ListSessions")]},
            "Statement[0].Action[0]: 'ListSessions' is not of the form service:Action",
        ),
        (
            {"Version": "1", "Statement": [statement(Resource=["*", "tms-1"])]},
            "Statement[0].Resource[1]: 'tms-1' is not of the form acs:service:region:account:",
        ),
        ({"Version": "1", "Statement": [statement(Action=[])]}, "Statement[0].Action: is an empty"),
        (
            {"Version": "1", "Statement": [statement(Resources="*")]},
            "Statement[0].Resources: Extra inputs are not permitted",
        ),
    ],
)
def test_what_is_no_policy_is_refused_with_the_place_named(document: Any, sentence: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.read(document)
    assert sentence in str(caught.value)


def test_a_pattern_full_of_wildcards_is_still_decided_at_once() -> None:
    hard = policy(statement(Resource="acs:" + "*a" * 60 + "b"))
    began = time.perf_counter()
    assert not hard.allows(ADD, "acs:" + "a" * 5000)
    assert time.perf_counter() - began < 1.0
