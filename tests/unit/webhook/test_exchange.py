"""Events of Function Compute's HTTP trigger, documented, captured and maimed."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evermirror.settings import Settings
from evermirror.webhook.exchange import read
from evermirror.webhook.problems import ProblemError
from evermirror.webhook.wiring import Application
from tests.webhooks import SECRET, an_event, body, signed

ROOT = Path(__file__).parents[3]
GOLDEN = sorted((ROOT / "events/webhook").glob("*.json"))
EXPECTED = json.loads((ROOT / "tests/golden/webhook.json").read_text())
CAPTURES = json.loads((ROOT / "tests/data/http_trigger_events.json").read_text())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_events_are_answered_as_written_down(webhook: Any, path: Path) -> None:
    answer = webhook.answer(path.read_bytes())
    problem = json.loads(answer["body"]).get("type", "")

    assert [answer["statusCode"], problem] == EXPECTED[path.stem]


@pytest.mark.parametrize("name", CAPTURES)
def test_events_as_documented_and_as_captured_are_requests(webhook: Any, name: str) -> None:
    event = CAPTURES[name]
    request = read(json.dumps(event).encode())

    assert request.method == event["requestContext"]["http"]["method"]
    assert request.path == event["requestContext"]["http"]["path"]
    assert request.body == event["body"].encode()
    assert set(request.headers) == {key.lower() for key in event["headers"]}
    assert webhook.answer(json.dumps(event).encode())["statusCode"] == 404


def ask(**changes: Any) -> dict[str, Any]:
    """A signed request's event; a change to None leaves the key out."""
    event = {**an_event("POST", "/mirror", body(), signed(body())), **changes}
    return {key: value for key, value in event.items() if value is not None}


def status(webhook: Any, event: object) -> int:
    found: int = webhook.answer(json.dumps(event).encode())["statusCode"]
    return found


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
def test_header_names_may_come_in_any_case(webhook: Any, spelled: Any) -> None:
    headers = {spelled(name): value for name, value in signed(body()).items()}

    # Nobody listens where mirror should be, which only a verified request gets to know.
    assert status(webhook, ask(headers=headers)) == 503


def test_a_header_in_two_spellings_was_sent_twice(webhook: Any) -> None:
    headers = {**signed(body()), "webhook-id": "msg_other"}

    assert status(webhook, ask(headers=headers)) == 401


def test_a_body_may_come_as_text_or_in_base64(webhook: Any) -> None:
    assert status(webhook, ask(body=body().decode(), isBase64Encoded=False)) == 503
    assert status(webhook, ask()) == 503


def test_keys_that_nobody_documented_and_keys_left_out_do_no_harm(webhook: Any) -> None:
    assert status(webhook, ask(surprise={"a": [1]}, version=None, queryParameters=None)) == 503
    context = {"http": {"method": "POST", "path": "/mirror"}}
    assert status(webhook, ask(requestContext=context, rawPath=None)) == 503
    assert (
        status(webhook, ask(requestContext={"http": {"method": "POST"}}, rawPath="/mirror")) == 503
    )


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        {},
        {"requestContext": None},
        {"requestContext": {"http": None}},
        {"requestContext": {"http": {"method": 1, "path": "/"}}},
        {"requestContext": {"http": {"method": "GET", "path": None}}},
        {"triggerTime": "2026-01-01T00:00:00Z", "triggerName": "t", "payload": ""},
        {"specversion": "1.0", "id": "1", "source": "acs.ecs", "data": {}},
        {"request": 1, "network_interface_ids": ["eni-j6c000000000000001"]},
        {**an_event("POST", "/mirror"), "body": ["text"]},
        {**an_event("POST", "/mirror"), "body": "no Base64!", "isBase64Encoded": True},
        {**an_event("POST", "/mirror"), "body": "Grüße", "isBase64Encoded": True},
        {**an_event("POST", "/mirror"), "body": "half \ud800", "isBase64Encoded": False},
    ],
)
def test_what_no_http_trigger_sends_is_told_so(webhook: Any, event: object) -> None:
    answer = webhook.answer(json.dumps(event).encode())
    problem = json.loads(answer["body"])

    assert answer["statusCode"] == 400
    assert problem["type"] == "urn:evermirror:problem:not-http"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    for key, inner in value.items() if isinstance(value, dict) else ():
        found += places(inner, (*here, key))
    return found


def put(value: Any, place: tuple[Any, ...], what: object) -> Any:
    """The value with `what` at this place; Ellipsis takes out what is there."""
    if not place:
        return None if what is ... else what
    changed = copy.copy(value)
    if what is ... and len(place) == 1:
        changed.pop(place[0])
    else:
        changed[place[0]] = put(value[place[0]], place[1:], what)
    return changed


PATTERN = ask()
MAIMED = st.builds(put, st.just(PATTERN), st.sampled_from(places(PATTERN)), ANYTHING | st.just(...))
BYTES = st.one_of(
    MAIMED.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=200),
    st.tuples(st.integers(0, 700), st.binary(max_size=3)).map(
        lambda cut: json.dumps(PATTERN).encode()[: cut[0]] + cut[1]
    ),
)
APPLICATION = Application(
    Settings.from_environment({"EVERMIRROR_WEBHOOK_SECRET": SECRET, "EVERMIRROR_MODE": "paused"})
)


def answered(event: bytes) -> None:
    """An answer that the trigger takes and that is no failure of the function's own."""
    from .conftest import CONTEXT  # noqa: PLC0415 - hypothesis takes no fixtures of one test

    answer = json.loads(APPLICATION.webhook(event, CONTEXT))
    assert answer.keys() == {"statusCode", "headers", "isBase64Encoded", "body"}
    problem = json.loads(answer["body"])
    # Without a mirror to pass it on to, a request that is let in ends as not set up.
    assert answer["statusCode"] < 500 or problem["type"].endswith(":not-configured"), problem
    assert all(isinstance(value, str) for value in answer["headers"].values())


@given(event=BYTES)
def test_any_event_gets_an_answer(event: bytes) -> None:
    answered(event)


@pytest.mark.prove
@settings(max_examples=20_000, deadline=None)
@given(event=BYTES)
@pytest.mark.timeout(600)
def test_twenty_thousand_events_get_an_answer(event: bytes) -> None:
    answered(event)


@given(content=st.binary(max_size=300))
def test_a_body_comes_out_as_it_went_in(content: bytes) -> None:
    event = {**an_event("POST", "/mirror"), "body": base64.b64encode(content).decode()}
    assert read(json.dumps(event).encode()).body == content


def test_an_event_that_is_no_json_is_refused_and_not_raised() -> None:
    with pytest.raises(ProblemError, match="not-http: The event is not JSON"):
        read(b"{")


def test_a_body_that_makes_the_event_too_large_is_told_as_one_that_is(webhook: Any) -> None:
    content = b" " * 9_000_000 + body()
    event = an_event("POST", "/mirror", content, signed(content))

    answer = webhook.answer(json.dumps(event).encode())

    assert answer["statusCode"] == 413
    assert json.loads(answer["body"])["type"] == "urn:evermirror:problem:too-large"
