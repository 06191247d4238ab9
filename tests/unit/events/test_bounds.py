"""Whatever is in one message of a delivery, its neighbours are read, and the answers stay few."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from evermirror.errors import RedeliverError
from evermirror.model import Cause, Parsed

Read = Callable[[object], Parsed]
Make = Callable[..., dict[str, Any]]
MEGABYTE = 1024 * 1024


def _in_message(body: object) -> bytes:
    message = {"source": "acs.mns", "id": "m-1", "specversion": "1.0", "type": "mns:Queue:Send"}
    return json.dumps({**message, "data": {"messageBody": body}}).encode()


def _quoted(value: object, times: int) -> bytes:
    for _ in range(times):
        value = json.dumps(value)
    return str(value).encode()


POISONS: dict[str, bytes] = {
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep in a message": _in_message("[" * 30_000 + "]" * 30_000),
    "wide": json.dumps({str(n): n for n in range(5_000)}).encode(),
    "long": b'{"a": "%s"}' % (b"x" * 9 * MEGABYTE),
    "long and full of quotes": b'["%s"]' % (b'\\"],[' * MEGABYTE),
    "a repeated key": b'{"source": "acs.ecs", "source": "acs.vpc", "id": "1"}',
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "half a character": b'"\xc3"',
    "NaN": b"NaN",
    "no JSON": b"{'id': [1, 2,]}",
    "a word": b"undefined",
    "a long number": b"9" * 100_000,
    "10,001 empty objects": json.dumps([{}] * 10_001).encode(),
    "10,001 empty objects in a message": _in_message([{}] * 10_001),
    "10,001 quoted in a message": _in_message(json.dumps([{}] * 10_001)),
    "10,001 different objects": json.dumps([{"a": n} for n in range(10_001)]).encode(),
    "quoted eight times": _quoted([{}], 8),
    "an end in a text": b'{"id": "]}]"}',
    "an escaped end in a text": b'{"id": "\\\\\\"]}]"}',
}


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("poison", POISONS)
def test_a_poisoned_message_harms_no_neighbour_whatever_its_poison(
    poison: str, size: str, running: Make, read: Read
) -> None:
    padding = {} if size == "small" else {"subject": "x" * 200_000}
    good = [json.dumps(running(id=f"good-{n}", **padding)).encode() for n in range(10)]

    parsed = read(b"[%s]" % b",".join([*good[:5], POISONS[poison], *good[5:]]))

    assert [intent.cause.id for intent in parsed.intents] == [f"good-{n}" for n in range(10)]
    assert 1 <= len(parsed.outcomes) <= 101
    assert {outcome.reason for outcome in parsed.outcomes} == {"invalid_event"}
    assert all("[5]" in (one.remedy or "") for one in parsed.outcomes[:100])


def test_ordinary_events_beside_large_ones_are_all_read(running: Make, read: Read) -> None:
    large = [running(id=f"large-{n}", subject="x" * 46_000) for n in range(500)]
    parsed = read([running(), *large])
    assert len(parsed.intents) == 501
    assert parsed.outcomes == ()


def test_a_list_that_breaks_off_is_read_as_far_as_it_goes(running: Make, read: Read) -> None:
    parsed = read(json.dumps([running(), running(id="e-2")]).encode()[:-5])
    assert [intent.cause.id for intent in parsed.intents] == ["e-1"]
    [outcome] = parsed.outcomes
    assert "no list of JSON from its element 1 on" in (outcome.remedy or "")


def test_of_a_message_of_trash_a_thousand_things_are_read(running: Make, read: Read) -> None:
    events = [running(id=f"e-{n}") for n in range(2_000)]
    parsed = read([[*events, *[{}] * 1_000, running(id="too late")], running(id="neighbour")])
    assert [intent.cause.id for intent in parsed.intents[-2:]] == ["e-1999", "neighbour"]
    rest = "[0] has 1000 things that are no event among its first 3000, and the rest was not read"
    assert any(rest in (outcome.remedy or "") for outcome in parsed.outcomes)


def test_a_delivery_tells_of_a_hundred_mistakes_and_counts_the_others(read: Read) -> None:
    *told, counted = read([{"a": n} for n in range(12_000)]).outcomes
    assert len(told) == 100
    assert "11900 more of this kind" in (counted.remedy or "")
    assert len({outcome.cause for outcome in [*told, counted]}) == 101


def test_a_delivery_tells_of_a_thousand_events_that_lead_to_nothing(
    running: Make, read: Read
) -> None:
    told = read([running({"state": "Stopped"}, id=f"e-{n}") for n in range(2_500)]).outcomes
    assert len(told) == 1_001
    assert "1500 more of this kind" in (told[-1].remedy or "")


def test_equal_elements_are_one_answer_however_many(read: Read) -> None:
    [outcome] = read([{}] * 50_000).outcomes
    assert outcome.cause.source == "evermirror.digest"
    assert "49995 more of the same" in (outcome.remedy or "")


def test_the_answer_that_counts_has_the_identity_of_the_delivery(read: Read) -> None:
    payload = [{"a": n} for n in range(200)]
    first, again, other = (read(one).outcomes[-1] for one in (payload, payload, payload[::-1]))
    assert first == again
    assert isinstance(first.cause, Cause)
    assert first.cause != other.cause


def test_what_cannot_be_held_or_read_in_time_is_left_to_the_platform(read: Read) -> None:
    with pytest.raises(RedeliverError):
        read(b"[" + b"{}," * 100_001 + b"{}]")
    ids = [[f"i-j6c{n:08}" for n in range(start, start + 500)] for start in range(0, 250_001, 500)]
    with pytest.raises(RedeliverError):
        read([{"request": 1, "instance_ids": named} for named in ids])


def test_a_large_delivery_is_never_held_decoded(read: Read) -> None:
    of_one = b"[" + b"{}," * (MEGABYTE // 6) + b"0],"
    payload = b"[" + of_one * 4 + b"0]"
    tracemalloc.start()
    try:
        read(payload)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 35 * MEGABYTE
