"""Whatever is wrong with a delivery is rejected with a sentence that says what and where."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from evermirror.model import Parsed, Verdict

Read = Callable[[object], Parsed]
Make = Callable[..., dict[str, Any]]
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (b"", "the delivery is empty"),
        (b" \n", "the delivery is empty"),
        (b"[]", "the delivery is an empty list"),
        (b"7", "the delivery is neither an event nor a request"),
        (b"null", "the delivery is neither an event nor a request"),
        (b"NaN", "the delivery is neither an event nor a request"),
        (b"{}", "the delivery has the keys of no known event"),
        (b"{", "the delivery is not JSON"),
        (b'"hello"', "the delivery is not JSON"),
        (b"\xff\xfe", "the delivery is not UTF-8 (at byte 0)"),
        (b'{"a": "\xc3"}', "the delivery is not UTF-8"),
        (b"[" * MEGABYTE, "the delivery nests deeper than 64 levels"),
        (b'{"a":' * 100_000, "the delivery nests deeper than 64 levels"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "the delivery nests deeper than 64 levels"),
        (b'"' + b"x" * 9 * MEGABYTE + b'"', "the delivery is longer than 1048576 bytes"),
        (b"9" * MEGABYTE, "the delivery is neither an event nor a request"),
        (b'{"a": 1, "a": 2}', 'the delivery names the key "a" twice'),
    ],
)
def test_a_delivery_that_is_no_event_is_rejected(payload: bytes, sentence: str, read: Read) -> None:
    parsed = read(payload)
    assert parsed.intents == ()
    [outcome] = parsed.outcomes
    assert (outcome.verdict, outcome.reason) == (Verdict.REJECTED, "invalid_event")
    assert outcome.remedy is not None
    assert outcome.remedy.startswith(sentence)
    assert outcome.cause.source == "evermirror.digest"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"eniId": ["eni-j6c000000000000001"]}, "data.eniId is wrong"),
        ({"eniId": None}, "data.eniId is wrong"),
        (
            {"eniId": "eni-j6c****0001"},
            'data.eniId is "eni-j6c****0001", not a network interface id',
        ),
        ({"eniId": "eni-j6c000000000000001\n"}, "data.eniId is"),
        ({"eniId": "\ud800"}, "data.eniId is"),
        ({"eniId": "x" * 1000}, "data.eniId is"),
        ({"operation": 1}, "data.operation is wrong"),
        ({"result": {"code": "success"}}, "data.result is wrong"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(
    data: dict[str, object], where: str, completed: Make, read: Read
) -> None:
    parsed = read(completed(data))
    assert parsed.intents == ()
    [outcome] = parsed.outcomes
    assert outcome.remedy is not None
    assert outcome.remedy.startswith(where)
    assert len(outcome.remedy) < 300


@pytest.mark.parametrize("data", [None, 5, [], "text", "{", {}])
def test_an_event_of_ours_without_usable_data_is_rejected(
    data: object, attached: Make, running: Make, completed: Make, read: Read
) -> None:
    for event in (attached(), running(), completed()):
        parsed = read({**event, "data": data})
        assert [outcome.reason for outcome in parsed.outcomes] == ["invalid_event"]


@pytest.mark.parametrize(
    "envelope",
    [
        {"type": 5},
        {"type": None},
        {"id": 5},
        {"id": "x" * 10_000},
        {"source": ["acs.ecs"]},
        {"source": "\ud800"},
        {"aliyunregionid": 1},
        {"aliyunaccountid": [1]},
        {"aliyunaccountid": True},
    ],
)
def test_an_envelope_of_wrong_types_is_rejected_and_its_answer_can_be_sent_on(
    envelope: dict[str, object], running: Make, read: Read
) -> None:
    parsed = read({**running(), **envelope})
    [outcome] = parsed.outcomes
    assert outcome.reason == "invalid_event"
    assert len(json.dumps([outcome.cause.id, outcome.remedy], ensure_ascii=False).encode()) < 1000


def test_odd_values_in_keys_that_do_not_count_hurt_nobody(attached: Make, read: Read) -> None:
    odd = {"eventVersion": 1, "vpcId": "\ud800", "extend": [[[{}]]], "userAgent": None}
    text = json.dumps(attached(odd)).replace('"userAgent": null', '"userAgent": NaN, "n": 1e999')
    assert len(read(text.encode()).intents) == 1


def test_a_byte_order_mark_hurts_nobody(running: Make, read: Read) -> None:
    payload = b"\xef\xbb\xbf" + json.dumps(running()).encode()
    assert len(read(payload).intents) == 1


def test_the_placeholder_of_the_test_button_is_ignored_only_from_cloudmonitor(
    running: Make, read: Read
) -> None:
    data = running({"resourceId": "<resource-id>"})["data"]
    tested = {"name": "Instance:StateChange", "product": "ECS", "content": data}
    assert [outcome.reason for outcome in read(tested).outcomes] == ["test_placeholder"]
    assert [outcome.reason for outcome in read(data).outcomes] == ["invalid_event"]


def test_a_system_event_whose_content_is_no_json_is_rejected(read: Read) -> None:
    [outcome] = read({"name": "Instance:StateChange", "content": "{"}).outcomes
    assert (outcome.remedy or "").startswith("content is not JSON")


def test_rejections_under_one_cause_are_one_answer(read: Read) -> None:
    parsed = read([{}] * 8 + [{"a": 1}])
    first, second = parsed.outcomes
    assert "[0] has the keys" in (first.remedy or "")
    assert "3 more of the same" in (first.remedy or "")
    assert "[8] has the keys" in (second.remedy or "")
