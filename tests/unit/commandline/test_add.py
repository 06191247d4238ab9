"""`evermirror add`: what it makes of each kind of answer, and which key it uses where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from commandline.asking import requests_for
from commandline.connecting import advice_at
from tests.worlds import eni, instance, tms

from .conftest import Answering, run


def outcome(number: int, word: str = "mirrored", **changes: Any) -> dict[str, Any]:
    return {
        "outcome": word,
        "network_interface_id": eni(number),
        "instance_id": None,
        "session_id": tms(1),
        "attached_to_mirrored_s": 2.04,
        "reason": None,
        "rule": "[web]",
        "remedy": None,
        **changes,
    }


def answer(*outcomes: dict[str, Any], handed_over: int = 0) -> bytes:
    return json.dumps({"outcomes": outcomes, "handed_over": handed_over}).encode()


def test_a_mirrored_interface_is_a_row_of_the_table(answering: Answering) -> None:
    asked = run("add", eni(1), "--endpoint", answering(200, answer(outcome(1))))

    assert asked.exit_code == 0
    assert asked.stdout.splitlines()[1].split() == [eni(1), "mirrored", tms(1), "2.0", "[web]"]


def test_interfaces_and_instances_are_asked_for_in_a_request_each() -> None:
    ids = [eni(1), instance(2), eni(3)]
    kind = {"request": 1, "reason": "why", "dry_run": True}

    assert requests_for(ids, dry_run=True, reason="why") == [
        {**kind, "network_interface_ids": [eni(1), eni(3)]},
        {**kind, "instance_ids": [instance(2)]},
    ]
    assert requests_for([instance(2)], dry_run=True, reason="why") == [
        {**kind, "instance_ids": [instance(2)]}
    ]


def test_an_instance_is_covered_when_all_that_is_told_of_it_is(answering: Answering) -> None:
    covered = answering(200, answer(outcome(1, instance_id=instance(1))))
    half = [outcome(1, instance_id=instance(1)), outcome(2, "deferred", instance_id=instance(1))]

    assert run("add", instance(1), "--endpoint", covered).exit_code == 0
    assert run("add", instance(2), "--endpoint", covered).exit_code == 1
    assert run("add", instance(1), "--endpoint", answering(200, answer(*half))).exit_code == 1


def test_the_answers_of_both_requests_are_shown_as_one(answering: Answering) -> None:
    both = answering(200, answer(outcome(1, instance_id=instance(1)), handed_over=1))

    asked = run("add", eni(1), instance(1), "--json", "--endpoint", both)

    told = json.loads(asked.stdout)
    assert (len(told["outcomes"]), told["handed_over"]) == (2, 2)


def test_programs_get_mirrors_own_answer(answering: Answering) -> None:
    asked = run("add", eni(1), "--json", "--endpoint", answering(200, answer(outcome(1))))

    assert json.loads(asked.stdout) == {"outcomes": [outcome(1)], "handed_over": 0}


@pytest.mark.parametrize(
    "told",
    [
        answer(outcome(1), outcome(2, "deferred", reason="pool_full", remedy="add a session")),
        answer(outcome(1), outcome(2, "skipped")),
        answer(outcome(1), handed_over=1),
        answer(outcome(1), outcome(2), handed_over=1),
        answer(outcome(1)),
    ],
    ids=["deferred", "skipped", "handed over", "told and handed over", "nothing told about one"],
)
def test_whatever_is_not_covered_is_exit_status_1(answering: Answering, told: bytes) -> None:
    assert run("add", eni(1), eni(2), "--endpoint", answering(200, told)).exit_code == 1


def test_each_remedy_is_told_once_and_waiting_work_is_counted(answering: Answering) -> None:
    full = {"word": "deferred", "reason": "pool_full", "remedy": "add a session"}
    told = answer(outcome(1, **full), outcome(2, **full), handed_over=3)

    asked = run("add", eni(1), eni(2), "--endpoint", answering(200, told))

    assert asked.stdout.count("→ add a session") == 1
    assert "3 interface(s) are still waiting" in asked.stdout


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the credentials are not accepted"),
        (403, "lack the permission fc:InvokeFunction"),
        (404, "name it with --function"),
        (500, "mirror: 500: oh"),
    ],
)
def test_a_refusal_says_what_to_do(answering: Answering, status: int, said: str) -> None:
    asked = run("add", eni(1), "--endpoint", answering(status, b"oh"))

    assert asked.exit_code == 1
    assert asked.stderr.startswith(f"Error: mirror: {status}")
    assert said in asked.stderr


def test_a_function_that_failed_is_told_with_its_error(answering: Answering) -> None:
    failed = answering(200, b'{"errorMessage": "no"}', X_Fc_Error_Type="UnhandledInvocationError")

    asked = run("add", eni(1), "--endpoint", failed)

    assert asked.exit_code == 1
    assert "mirror failed, UnhandledInvocationError" in asked.stderr


FAILED = {"X_Fc_Error_Type": "UnhandledInvocationError"}


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, {"errorMessage": "no", "errorType": "E", "stackTrace": [["index.py"]]}, FAILED),
        (500, {"errorMessage": "no", "errorType": "E", "stackTrace": [["index.py"]]}, {}),
        (500, {"RequestId": "1-2", "ErrorCode": "E", "ErrorMessage": "no"}, {}),
        (400, {"RequestId": "1-2", "Code": "E", "Message": "no"}, {}),
    ],
    ids=["a function's", "as a refusal", "the platform's", "the platform's of 3.0"],
)
def test_of_an_error_only_its_sentence_is_shown(
    answering: Answering, status: int, body: dict[str, Any], headers: dict[str, str]
) -> None:
    asked = run(
        "add", eni(1), "--endpoint", answering(status, json.dumps(body).encode(), **headers)
    )

    assert asked.exit_code == 1
    assert asked.stderr.startswith("Error: mirror")
    assert asked.stderr.endswith(": no\n")


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["foo"], "'foo' is no network interface id and no instance id"),
        ([eni(1), "eni-j6c****"], "'eni-j6c****' is no network interface id"),
        ([eni(number) for number in range(501)], "501 are more than one request takes: 500"),
    ],
    ids=["a word", "one is masked", "too many"],
)
def test_what_no_request_can_carry_is_wrong_usage(ids: list[str], said: str) -> None:
    asked = run("add", *ids, "--endpoint", "http://127.0.0.1:9")

    assert asked.exit_code == 2
    assert said in asked.stderr


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b"[]",
        b"{}",
        b'{"outcomes": 1}',
        b'{"outcomes": [1]}',
        b'{"outcomes": [{}]}',
        b"\xff",
    ],
)
def test_something_else_than_mirror_is_told_as_such(answering: Answering, body: bytes) -> None:
    asked = run("add", eni(1), "--endpoint", answering(200, body))

    assert asked.exit_code == 1
    assert asked.stderr.startswith("Error: mirror is no mirror: it answers ")


def test_where_nobody_listens_it_says_how_to_start_a_local_cloud() -> None:
    asked = run("add", eni(1), "--endpoint", "http://127.0.0.1:9")

    assert asked.exit_code == 1
    assert "evermirror up --fleet FILE" in asked.stderr


def test_elsewhere_than_on_loopback_no_local_cloud_is_advised() -> None:
    assert advice_at("https://1234567890123456.cn-hongkong.fc.aliyuncs.com") == ""


@pytest.mark.parametrize("endpoint", ["https://203.0.113.1", "http://127.0.0.1.example:1"])
def test_the_key_of_the_local_cloud_stays_on_loopback(endpoint: str) -> None:
    asked = run("add", eni(1), "--endpoint", endpoint)

    assert asked.exit_code == 1
    assert "is no local cloud: set ALIBABA_CLOUD_ACCESS_KEY_ID" in asked.stderr


@pytest.mark.parametrize("endpoint", ["http://[", "127.0.0.1:4391", "ftp://127.0.0.1"])
@pytest.mark.parametrize("command", ["add", "coverage", "explain", "plan", "sweep"])
def test_an_endpoint_that_is_no_address_is_wrong_usage(command: str, endpoint: str) -> None:
    interface = (eni(1),) if command in {"add", "explain"} else ()
    asked = run(command, *interface, "--endpoint", endpoint)

    assert asked.exit_code == 2
    assert f"{endpoint!r} is no http:// or https:// address" in asked.stderr


def test_a_wrong_environment_is_one_sentence() -> None:
    asked = run("add", eni(1), EVERMIRROR_MODE="dream")

    assert asked.exit_code == 1
    assert asked.stderr.startswith("Error: EVERMIRROR_MODE must be one of")


def test_without_an_interface_there_is_nothing_to_ask() -> None:
    assert run("add").exit_code == 2
