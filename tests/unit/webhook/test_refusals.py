"""What the webhook answers to anything but a good request: a problem that names what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evermirror.errors import SettingsError
from tests.webhooks import an_event, body, right_now, signed
from tests.worlds import eni, instance

ROOT = Path(__file__).parents[3]
DOOR = "import index, sys; print(index.handler(sys.argv[1].encode(), None))"

Problem = dict[str, Any]


def kind(problem: Problem) -> str:
    assert problem.keys() - {"errors"} == {"type", "title", "status", "detail"}
    found: str = problem["type"].removeprefix("urn:evermirror:problem:")
    return found


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        ("{}", [("#", "must have exactly one of network_interface_ids, instance_ids")]),
        ("null", [("#", "must be an object")]),
        ("[]", [("#", "must be an object")]),
        (f"[{body().decode()}]", [("#", "must be an object")]),
        (
            json.dumps({"network_interface_ids": [eni(1)], "instance_ids": [instance(1)]}),
            [("#", "must have exactly one of network_interface_ids, instance_ids")],
        ),
        (
            json.dumps({"network_interface_ids": []}),
            [
                (
                    "#/network_interface_ids",
                    "list should have at least 1 item after validation, not 0",
                )
            ],
        ),
        (
            json.dumps({"instance_ids": [instance(1)] * 101}),
            [("#/instance_ids", "list should have at most 100 items after validation, not 101")],
        ),
        (
            json.dumps({"network_interface_ids": [eni(1), "eni-j6c****", 7, None]}),
            [
                (
                    "#/network_interface_ids/1",
                    "string should match pattern '^eni-[a-z0-9]{8,40}$'",
                ),
                ("#/network_interface_ids/2", "input should be a valid string"),
                ("#/network_interface_ids/3", "input should be a valid string"),
            ],
        ),
        (
            json.dumps({"network_interface_ids": [f"{eni(1)}\n"]}),
            [("#/network_interface_ids/0", "string should match pattern '^eni-[a-z0-9]{8,40}$'")],
        ),
        (
            json.dumps({"network_interface_ids": eni(1)}),
            [("#/network_interface_ids", "input should be a valid list")],
        ),
        (
            json.dumps({"instance_ids": [instance(1)], "dry_run": "true", "pool": "ids"}),
            [
                ("#/dry_run", "input should be a valid boolean"),
                ("#/pool", "is no key of a request"),
            ],
        ),
        (
            json.dumps({"instance_ids": [instance(1)], "a/b~c d": 1}),
            [("#/a~1b~0c%20d", "is no key of a request")],
        ),
        (
            json.dumps({"instance_ids": [instance(1)], "reason": "x" * 1001}),
            [("#/reason", "string should have at most 1000 characters")],
        ),
        (
            json.dumps({"instance_ids": [instance(1)], "reason": None}),
            [("#/reason", "input should be a valid string")],
        ),
        (
            json.dumps({"instance_ids": [instance(1)], "reason": "half \ud800"}),
            [
                (
                    "#/reason",
                    "input should be a valid string, unable to parse raw data as a unicode string",
                )
            ],
        ),
    ],
)
def test_a_field_that_is_wrong_is_named(
    webhook: Any, content: str, errors: list[tuple[str, str]]
) -> None:
    status, problem = webhook.ask(content.encode())

    assert (status, kind(problem)) == (422, "invalid")
    assert [(one["pointer"], one["detail"]) for one in problem["errors"]] == errors


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "The body is empty."),
        (b"  ", "The body is empty."),
        (b"{", "The body is not JSON (Expecting property name enclosed in double quotes"),
        (b"[" * 60_000, "The body nests deeper than 64 levels."),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "The body nests deeper than 64 levels."),
        (b'{"dry_run": true, "dry_run": false}', 'The body names the key "dry_run" twice.'),
        (b"\xff\xfe", "The body is not UTF-8 (at byte 0)."),
    ],
)
def test_a_body_that_is_no_json_is_not_guessed_at(
    webhook: Any, content: bytes, detail: str
) -> None:
    status, problem = webhook.ask(content)

    assert (status, kind(problem)) == (400, "unreadable")
    assert problem["detail"].startswith(detail)


def test_a_thousand_wrong_fields_are_counted_and_twenty_named(webhook: Any) -> None:
    _, problem = webhook.ask(json.dumps({f"key {n}": n for n in range(1000)}).encode())

    assert problem["detail"] == "1000 fields are wrong; nothing was done."
    assert len(problem["errors"]) == 20


def test_a_body_above_64_kib_is_refused_before_its_signature_is_looked_at(webhook: Any) -> None:
    largest = b" " * (64 * 1024 - len(body())) + body()
    assert webhook.ask(largest)[0] == 503

    status, problem = webhook.ask(b" " + largest, headers={})
    assert (status, kind(problem)) == (413, "too-large")


@pytest.mark.parametrize("sent", [None, "", "text/plain", "application/jsonp", "application"])
def test_only_json_is_taken(webhook: Any, sent: str | None) -> None:
    headers = signed(body())
    del headers["Content-Type"]
    if sent is not None:
        headers["content-type"] = sent

    status, problem = webhook.ask(body(), headers=headers)
    assert (status, kind(problem)) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/mirror", 405, "POST"),
        ("DELETE", "/mirror", 405, "POST"),
        ("POST", "/health", 405, "GET"),
        ("HEAD", "/openapi.json", 405, "GET"),
        ("POST", "/", 404, None),
        ("GET", "/mirror/", 404, None),
        ("POST", "/mirror/..", 404, None),
        ("POST", "/Mirror", 404, None),
        ("GET", "", 404, None),
        ("post", "/mirror", 401, None),
        ("POST", "/mirror\n", 401, None),
    ],
)
def test_other_paths_and_methods(
    webhook: Any, method: str, path: str, status: int, allowed: str | None
) -> None:
    answer = webhook.answer(json.dumps(an_event(method, path, body())).encode())

    assert (answer["statusCode"], answer["headers"].get("allow")) == (status, allowed)
    assert answer["headers"]["content-type"] == "application/problem+json"


def test_health_says_that_it_takes_requests(webhook: Any) -> None:
    answer = webhook.answer(json.dumps(an_event("GET", "/health")).encode())

    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})


def test_while_nobody_answers_the_caller_is_asked_to_come_again(webhook: Any) -> None:
    event = an_event("POST", "/mirror", body(), signed(body()))
    answer = webhook.answer(json.dumps(event).encode())

    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "30")
    assert kind(json.loads(answer["body"])) == "unavailable"


def test_while_paused_the_caller_keeps_the_work(webhook_with: Callable[..., Any]) -> None:
    status, problem = webhook_with(EVERMIRROR_MODE="paused").ask(body())

    assert (status, kind(problem)) == (503, "paused")


@pytest.mark.parametrize(
    "changes",
    [
        {"EVERMIRROR_MIRROR": ""},
        {"ALIBABA_CLOUD_ACCESS_KEY_ID": ""},
    ],
)
def test_what_is_not_set_up_is_told_to_the_log_and_not_to_strangers(
    webhook_with: Callable[..., Any], changes: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, problem = webhook_with(**changes).ask(body())

    assert (status, kind(problem)) == (503, "not-configured")
    assert next(iter(changes)).partition("_ID")[0] not in json.dumps(problem)
    (line,) = [json.loads(one) for one in capsys.readouterr().out.splitlines() if "ERROR" in one]
    assert line["message"] == "not configured"


@pytest.mark.parametrize("secret", ["", "whsec_short", "secret"])
def test_without_a_secret_there_is_no_webhook(
    webhook_with: Callable[..., Any], secret: str
) -> None:
    with pytest.raises(SettingsError, match="EVERMIRROR_WEBHOOK_SECRET"):
        webhook_with(EVERMIRROR_WEBHOOK_SECRET=secret)


def test_neither_secret_nor_signature_reaches_the_log(
    capsys: pytest.CaptureFixture[str], webhook_with: Callable[..., Any]
) -> None:
    webhook = webhook_with()
    headers = signed(body(), timestamp=right_now() - 1000)
    webhook.ask(body(), headers=headers)
    webhook.ask(body())

    logged = capsys.readouterr().out
    assert "msg_2f9c" in logged
    assert headers["Webhook-Signature"][3:] not in logged
    assert "whsec_" not in logged


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        (
            {"EVERMIRROR_WEBHOOK_SECRET": "whsec_c2hvcnQ="},
            "EVERMIRROR_WEBHOOK_SECRET: number 1 is no secret",
        ),
        ({"EVERMIRROR_MIRROR": "c2hvcnQ"}, "EVERMIRROR_MIRROR: 'c2hvcnQ' is no function's ARN"),
    ],
)
def test_the_door_itself_answers_where_the_environment_is_wrong(
    environment: dict[str, str], told: str
) -> None:
    """A process of its own, because only the door reads the environment."""
    event = json.dumps(an_event("POST", "/mirror", body(), signed(body())))
    ran = subprocess.run(
        [sys.executable, "-c", DOOR, event],
        cwd=ROOT / "functions/webhook",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    *logged, answered = ran.stdout.splitlines()
    answer = json.loads(answered)
    assert (answer["statusCode"], kind(json.loads(answer["body"]))) == (503, "not-configured")
    assert told in logged[0]
    assert "c2hvcnQ=" not in ran.stdout + ran.stderr
    assert ran.stderr == ""
