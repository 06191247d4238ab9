"""Log lines are JSON, carry what was bound, and never a secret."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.log import Log, redacted
from evermirror.model import Cause, Outcome, Place, Verdict
from evermirror.outcomes import to_wire


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> Log:
    return Log(stream)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_outcome_is_one_line_with_all_its_keys(log: Log, stream: io.StringIO) -> None:
    outcome = Outcome(Verdict.MIRRORED, Cause("s", "1"), "eni-1", client_token="em1-abc")
    wire = to_wire(outcome, Place("1234567890123456", "cn-hongkong"), "d", 0.0, 7)

    log.outcome(wire)

    (line,) = lines(stream)
    assert {key: line.get(key) for key in wire} == wire
    assert (line["level"], line["message"], line["service"]) == ("INFO", "outcome", "evermirror")


def test_an_invocation_is_one_line(log: Log, stream: io.StringIO) -> None:
    log.invocation(intents=3, duration_s=1.5)

    (line,) = lines(stream)
    assert (line["message"], line["intents"], line["duration_s"]) == ("invocation", 3, 1.5)


def test_what_is_impossible_can_be_counted_by_an_index(log: Log, stream: io.StringIO) -> None:
    coverage = {"status": "gaps", "impossible": {"pool_full": 2, "in_three_sessions": 3}}

    log.coverage(coverage)
    log.coverage_told(coverage)

    assert [line["impossible"] for line in lines(stream)] == [5, 5]
    assert lines(stream)[0]["impossible_because"] == coverage["impossible"]


def test_what_is_bound_is_on_every_line_until_the_next_request(
    log: Log, stream: io.StringIO
) -> None:
    log.bind(request_id="first", function="mirror")
    log.invocation()
    log.bind(request_id="second")
    log.warning("odd")
    log.clear()
    log.error("bad")

    first, second, third = lines(stream)
    assert (first["request_id"], first["function"]) == ("first", "mirror")
    assert second["request_id"] == "second"
    assert "function" not in second
    assert "request_id" not in third
    assert (second["level"], third["level"]) == ("WARNING", "ERROR")


def test_fields_of_one_line_are_not_on_the_next(log: Log, stream: io.StringIO) -> None:
    log.warning("one", code="A")
    log.warning("two")

    assert "code" not in lines(stream)[1]


def test_two_logs_do_not_mix() -> None:
    streams = io.StringIO(), io.StringIO()
    one, other = (Log(stream) for stream in streams)

    one.bind(request_id="one")
    one.invocation()
    other.invocation()

    assert len(lines(streams[0])) == len(lines(streams[1])) == 1
    assert "request_id" not in lines(streams[1])[0]


def test_the_platforms_root_logger_does_not_write_it_again(log: Log) -> None:
    again = io.StringIO()
    handler = logging.StreamHandler(again)
    logging.getLogger().addHandler(handler)

    log.warning("once")

    logging.getLogger().removeHandler(handler)
    assert again.getvalue() == ""


def test_the_http_client_does_not_write_a_line_for_every_call(log: Log) -> None:
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert log is not None


def test_fields_that_a_log_line_keeps_for_itself_are_renamed(log: Log, stream: io.StringIO) -> None:
    log.warning("m", name="n", level="l", msg="x")

    (line,) = lines(stream)
    assert (line["name_"], line["level_"], line["msg_"]) == ("n", "l", "x")
    assert (line["message"], line["level"]) == ("m", "WARNING")


@pytest.mark.parametrize(
    "key",
    [
        "access_key_secret",
        "accessKeySecret",
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "security_token",
        "x-fc-security-token",
        "Authorization",
        "signature",
        "webhook_secret",
        "password",
        "credentials",
        "Cookie",
    ],
)
def test_the_value_of_a_key_that_looks_like_a_secret_is_dropped(
    log: Log, stream: io.StringIO, key: str
) -> None:
    log.error("m", **{key: "hush"}, inside={"list": [{key: "hush"}]})

    assert "hush" not in stream.getvalue()
    assert lines(stream)[0][key] == "***"


@pytest.mark.parametrize(
    "text",
    [
        "ACS3-HMAC-SHA256 Credential=abc,SignedHeaders=host,Signature=hush",
        "FC key-id:aHVzaGh1c2hodXNoaHVzaGh1c2g=",
        "whsec_aHVzaA==",
        "https://robot.example/send?access_token=hush&timestamp=1&sign=hush",
        "https://robot.example/send?key=hush",
        "key LTAI5thushhush1234 is not known",
        "STS.NThushhush",
    ],
)
def test_a_text_that_is_a_secret_is_dropped_wherever_it_stands(
    log: Log, stream: io.StringIO, text: str
) -> None:
    log.bind(bound=text)
    log.error(text, detail=ValueError(text))

    for secret in ("hush", "aHVz", "key-id:"):
        assert secret not in stream.getvalue()


def test_a_client_token_is_no_secret(log: Log, stream: io.StringIO) -> None:
    log.invocation(client_token="em1-abc")

    assert lines(stream)[0]["client_token"] == "em1-abc"


def test_a_whole_event_does_not_get_in_as_bytes(log: Log, stream: io.StringIO) -> None:
    log.error("odd", payload=b"a whole event", view=memoryview(b"event"))

    assert lines(stream)[0]["payload"] == "<13 bytes>"
    assert "event" not in stream.getvalue()


def test_a_line_is_json_whatever_is_in_it(log: Log, stream: io.StringIO) -> None:
    nested: list[object] = []
    for _ in range(2000):
        nested = [nested]

    log.error("odd", nan=float("nan"), nested=nested, odd={1: {2, 3}}, verdict=Verdict.MIRRORED)
    log.error("line\nbreak", half_a_pair="\ud800")

    first, second = lines(stream)
    assert (first["nan"], first["odd"], first["verdict"]) == ("nan", {"1": [2, 3]}, "mirrored")
    assert (second["message"], second["half_a_pair"]) == ("line\nbreak", "\ud800")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_logged_can_be_written_as_strict_json(value: object) -> None:
    json.dumps(redacted(value), allow_nan=False)
