"""Nothing that can be delivered makes the parser raise, and whatever it says can be sent on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evermirror import ids
from evermirror.events import parse
from evermirror.model import Intent, Parsed, Place, Verdict

ROOT = Path(__file__).parents[3]
GOLDEN = sorted((ROOT / "events" / "mirror").glob("*.json")) + sorted(
    (ROOT / "tests" / "data" / "events").glob("*.json")
)
SEEDS = [path.read_bytes() for path in GOLDEN]
PLACE = Place("1234567890123456", "cn-hongkong")


def _named(intent: Intent) -> list[tuple[str | None, Callable[[object], bool]]]:
    """What an intent may name, of which it names one; a session beside an interface is none."""
    alone = intent.network_interface_id is None
    return [
        (intent.network_interface_id, ids.is_network_interface_id),
        (intent.instance_id, ids.is_instance_id),
        (intent.session_id if alone else None, ids.is_session_id),
        (intent.filter_id, ids.is_filter_or_rule_id),
    ]


def _sound(payload: bytes) -> Parsed:
    """Parse, and hold the answer to what every answer promises."""
    parsed = parse(payload, PLACE, 1767600000.0, "request-1")
    assert parsed.intents or parsed.outcomes
    for intent in parsed.intents:
        one = [(named, fits) for named, fits in _named(intent) if named is not None]
        assert [fits(named) for named, fits in one] == [True]
    for outcome in parsed.outcomes:
        json.dumps([outcome.cause.source, outcome.cause.id, outcome.remedy]).encode()
        f"{outcome.cause.source}{outcome.cause.id}{outcome.remedy}".encode()
        assert re.fullmatch("[a-z_]+", outcome.reason or "")
        assert (outcome.verdict is Verdict.REJECTED) == (outcome.reason == "invalid_event")
        assert (outcome.remedy is not None) == (outcome.verdict is Verdict.REJECTED)
    told = [(one.cause, one.verdict, one.reason) for one in parsed.outcomes]
    assert len(told) == len(set(told))
    return parsed


@given(st.binary(max_size=2000))
def test_random_bytes_are_answered(payload: bytes) -> None:
    assert not _sound(payload).intents


@settings(max_examples=300)
@given(st.data())
def test_golden_events_with_bytes_changed_are_answered(data: st.DataObject) -> None:
    payload = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(payload)))
        length = data.draw(st.integers(0, 20))
        payload[start : start + length] = data.draw(st.binary(max_size=8))
    _sound(bytes(payload))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if not isinstance(value, (dict, list)):
        return [path]
    children = value.items() if isinstance(value, dict) else enumerate(value)
    return [path] + [deeper for key, child in children for deeper in _paths(child, (*path, key))]


def _with(value: Any, path: tuple[Any, ...], put: object) -> Any:
    if not path:
        return put
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = _with(value[path[0]], path[1:], put)
    return changed


@settings(max_examples=300)
@given(st.data())
def test_golden_events_with_a_value_replaced_are_answered(data: st.DataObject) -> None:
    event = json.loads(data.draw(st.sampled_from(SEEDS)))
    path = data.draw(st.sampled_from(_paths(event)))
    _sound(json.dumps(_with(event, path, data.draw(JSON))).encode())


@given(JSON)
def test_any_json_is_answered(value: object) -> None:
    _sound(json.dumps(value).encode())


@given(JSON, st.sampled_from(["network_interface_ids", "instance_ids", "cause", "generation"]))
def test_any_request_is_answered(value: object, key: str) -> None:
    request = {"request": 1, "network_interface_ids": ["eni-j6c000000000000001"], key: value}
    _sound(json.dumps(request).encode())
