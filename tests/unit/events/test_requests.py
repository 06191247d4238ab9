"""Requests: what asks mirror for a look, and what mirror hands over to itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.events import encode_requests, parse
from evermirror.failure_record import MOST_QUOTED, quoted
from evermirror.model import Cause, Intent, Parsed, Place, Purpose, Tampering

Read = Callable[[object], Parsed]

ENI = "eni-j6c000000000000001"
INSTANCE = "i-j6c0000000000000001"
NOW = 1767600000.0


def test_a_request_leads_to_a_look_at_each_interface(read: Read) -> None:
    parsed = read({"request": 1, "network_interface_ids": [ENI, ENI], "reason": "by hand"})
    cause = Cause("evermirror.request", "request-1")
    assert parsed.intents == (Intent(cause, network_interface_id=ENI, first_seen=NOW),)
    assert parsed.outcomes == ()


def test_a_request_carries_its_history(read: Read) -> None:
    request = {
        "request": 1,
        "cause": {"source": "acs.ecs", "id": "e-1"},
        "dry_run": True,
        "generation": 3,
        "first_seen": 1767599000,
        "occurred_at": 1767598999.5,
        "instance_ids": [INSTANCE],
    }
    [intent] = read(request).intents
    cause = Cause("acs.ecs", "e-1")
    assert intent == Intent(
        cause,
        instance_id=INSTANCE,
        occurred_at=1767598999.5,
        first_seen=1767599000.0,
        generation=3,
        dry_run=True,
    )


def test_several_requests_may_come_in_a_list(read: Read) -> None:
    requests = [
        {"request": 1, "network_interface_ids": [ENI]},
        {"request": 1, "instance_ids": [INSTANCE]},
    ]
    assert len(read(requests).intents) == 2


def test_a_request_cannot_choose_a_pool_or_a_session(read: Read) -> None:
    plain = {"request": 1, "network_interface_ids": [ENI]}
    pushy = {**plain, "pool": "ids", "session_id": "tms-j6c00000000000000001", "policy": {}}
    assert read(pushy) == read(plain)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"request": 2}, "request is 2: this version understands only 1"),
        ({"request": True}, "request is true"),
        ({"request": "1"}, 'request is "1"'),
        ({"request": None}, "request is null"),
        ({"request": {}}, "request is an object"),
        ({"network_interface_ids": None}, "the delivery has neither"),
        ({"instance_ids": [INSTANCE]}, "the delivery has both"),
        ({"network_interface_ids": []}, "network_interface_ids is wrong"),
        ({"network_interface_ids": ENI}, "network_interface_ids is wrong"),
        ({"network_interface_ids": [ENI] * 501}, "network_interface_ids has 501 ids"),
        ({"purpose": "steal"}, "purpose is wrong"),
        ({"purpose": "reclaim"}, "purpose is reclaim, which needs session_id"),
        ({"purpose": "heal", "session_id": "tms-****"}, 'session_id is "tms-****"'),
        ({"purpose": "heal", "tampering": {"actor": "x"}}, "tampering.action is wrong"),
        ({"cause": "x"}, "cause is wrong"),
        ({"cause": {"source": "x"}}, "cause.id is wrong"),
        ({"cause": {"source": "", "id": "x"}}, "cause.source is wrong"),
        ({"cause": {"source": "\ud800", "id": "x"}}, "cause.source is wrong"),
        ({"dry_run": "yes"}, "dry_run is wrong"),
        ({"question": True}, "question is true, which only a dry run"),
        ({"generation": -1}, "generation is wrong"),
        ({"generation": 1.5}, "generation is wrong"),
        ({"first_seen": "now"}, "first_seen is wrong"),
        ({"reason": "x" * 200_000}, "reason is wrong"),
    ],
)
def test_a_request_that_cannot_be_used_is_rejected_by_its_key(
    change: dict[str, object], where: str, read: Read
) -> None:
    request = {"request": 1, "network_interface_ids": [ENI]}
    parsed = read({**request, **change})
    assert parsed.intents == ()
    [outcome] = parsed.outcomes
    assert outcome.reason == "invalid_event"
    assert outcome.remedy is not None
    assert outcome.remedy.startswith(where)


def test_a_moment_beyond_all_numbers_is_rejected(read: Read) -> None:
    payload = json.dumps({"request": 1, "first_seen": 0, "instance_ids": [INSTANCE]})
    parsed = read(payload.replace('"first_seen": 0', '"first_seen": 1e999').encode())
    assert parsed.intents == ()
    assert (parsed.outcomes[0].remedy or "").startswith("first_seen is wrong")


def test_bad_ids_cost_the_good_ones_nothing(read: Read) -> None:
    named = ["eni-****", ENI, 7, ["eni-j6c000000000000002"], INSTANCE]
    parsed = read({"request": 1, "network_interface_ids": named})
    assert [intent.network_interface_id for intent in parsed.intents] == [ENI]
    [outcome] = parsed.outcomes
    assert outcome.cause == parsed.intents[0].cause
    for index in (0, 2, 3, 4):
        assert f"network_interface_ids[{index}] is" in (outcome.remedy or "")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)
MOMENT = st.floats(min_value=-1e12, max_value=1e12)
TAIL = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=8, max_size=40)


@st.composite
def _intents(draw: st.DrawFn) -> Intent:
    tail, purpose = draw(TAIL), draw(st.sampled_from(Purpose))
    kinds = {
        Purpose.MIRROR: ["interface", "instance"],
        Purpose.HEAL: ["interface", "instance", "session", "filter"],
        Purpose.RECLAIM: ["interface"],
    }
    kind = draw(st.sampled_from(kinds[purpose]))
    session = purpose is Purpose.RECLAIM or kind == "session"
    special = purpose is not Purpose.MIRROR
    when = st.none() | st.floats(min_value=1e-3, max_value=2e11)
    changed = st.lists(TEXT, max_size=3).map(tuple)
    tampering = st.builds(Tampering, TEXT, TEXT, when, changed)
    dry_run = draw(st.booleans())
    return Intent(
        Cause(draw(st.sampled_from(["a", "ä", "\x00"]) | TEXT), draw(TEXT)),
        network_interface_id=f"eni-{tail}" if kind == "interface" else None,
        instance_id=f"i-{tail}" if kind == "instance" else None,
        occurred_at=draw(st.none() | MOMENT),
        first_seen=draw(st.sampled_from([1.0, 1.5]) | MOMENT.filter(bool)),
        generation=draw(st.integers(0, 20)),
        dry_run=dry_run,
        question=dry_run and not special and draw(st.booleans()),
        purpose=purpose,
        session_id=f"tms-{draw(TAIL)}" if session else None,
        tampering=draw(st.none() | tampering) if special else None,
        filter_id=f"{draw(st.sampled_from(['tmf', 'tmr']))}-{tail}" if kind == "filter" else None,
    )


def _parsed(payloads: list[bytes]) -> list[Intent]:
    place = Place("1234567890123456", "cn-hongkong")
    parsed = [parse(payload, place, 5.0, "r", lambda _: True) for payload in payloads]
    assert not any(one.outcomes for one in parsed)
    return [intent for one in parsed for intent in one.intents]


@given(st.lists(_intents(), max_size=20), st.randoms(use_true_random=False))
def test_what_is_handed_over_comes_back_the_same(intents: list[Intent], shuffler: Random) -> None:
    payloads = encode_requests(intents)
    back = _parsed(payloads)
    assert set(back) == set(intents)
    assert len(back) == len(set(intents))
    shuffler.shuffle(intents)
    assert encode_requests(intents) == payloads


def test_a_thousand_interfaces_of_one_cause_share_requests_of_at_most_500() -> None:
    cause = Cause("acs.ecs", "e-1")
    intents = [Intent(cause, network_interface_id=f"eni-{n:040d}") for n in range(1201)]
    requests = [json.loads(payload) for payload in encode_requests(intents)]
    sizes = [len(request["network_interface_ids"]) for batch in requests for request in batch]
    assert sizes == [500, 500, 201]


def test_no_payload_is_larger_than_the_record_of_its_failure_may_be() -> None:
    intents = [
        Intent(Cause("ä" * 256, f"{n:0256d}"), network_interface_id=f"eni-{n:040d}", first_seen=1.0)
        for n in range(1000)
    ]
    payloads = encode_requests(intents)
    sizes = list(map(quoted, payloads))
    assert max(sizes) <= MOST_QUOTED
    assert min(sizes[:-1]) > MOST_QUOTED * 0.9
    assert set(_parsed(payloads)) == set(intents)


def test_nothing_to_hand_over_is_no_payload() -> None:
    assert encode_requests([]) == []


def test_what_mirror_has_not_heard_of_yet_begins_to_wait_when_it_does() -> None:
    (payload,) = encode_requests([Intent(Cause("evermirror.sweep", "1"), ENI)])

    assert [intent.first_seen for intent in _parsed([payload])] == [5.0]
