"""The stack's key: whose word counts, and ids that nobody else can compute."""

from __future__ import annotations

import base64
import json
import re
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.errors import SettingsError
from evermirror.log import redacted
from evermirror.settings import Settings
from evermirror.stack_key import MAC, NO_KEY, Recipient, StackKey

MIRROR = Recipient("1234567890123456", "cn-hongkong", "mirror")
OLD, NEW = (base64.b64encode(Random(seed).randbytes(32)).decode() for seed in (1, 2))
KEY = StackKey([NEW])
REQUEST: dict[str, Any] = {
    "request": 1,
    "cause": {"source": "acs.vpc", "id": "e-1"},
    "purpose": "heal",
    "generation": 3,
    "first_seen": 1767600000.0,
    "session_id": "tms-j6c00000000000000001",
    "network_interface_ids": ["eni-j6c000000000000001"],
    "tampering": {"actor": "ä\ud800", "action": "RemoveSources", "at": 1.5},
}


def _signed(request: dict[str, Any], key: StackKey = KEY) -> dict[str, Any]:
    return {**request, MAC: key.mac(request, MIRROR)}


def test_a_signed_request_is_believed_however_its_json_is_written() -> None:
    sent = json.dumps(dict(reversed(_signed(REQUEST).items())), indent=3)

    assert KEY.holds(json.loads(sent), MIRROR)


@pytest.mark.parametrize("changed", REQUEST)
def test_every_field_counts(changed: str) -> None:
    good = _signed(REQUEST)
    without = {name: value for name, value in good.items() if name != changed}

    assert not KEY.holds({**good, changed: "another"}, MIRROR)
    assert not KEY.holds(without, MIRROR)
    assert not KEY.holds({**good, f"{changed}_": 1}, MIRROR)


@pytest.mark.parametrize("field", Recipient._fields)
def test_it_is_believed_by_the_one_it_was_signed_for(field: str) -> None:
    assert not KEY.holds(_signed(REQUEST), MIRROR._replace(**{field: "another"}))


@pytest.mark.parametrize("code", [None, 0, "", "ä", [], {}, "0" * 64, True])
def test_what_is_no_code_is_no_harm(code: object) -> None:
    assert not KEY.holds({**REQUEST, MAC: code}, MIRROR)


def test_without_a_key_nothing_is_signed_and_nobody_believed() -> None:
    assert NO_KEY.mac(REQUEST, MIRROR) is None
    assert not NO_KEY.holds(_signed(REQUEST), MIRROR)
    assert not NO_KEY.holds({**REQUEST, MAC: None}, MIRROR)


def test_while_keys_are_exchanged_both_are_believed_and_the_newest_signs() -> None:
    both = StackKey([NEW, OLD])

    assert both.holds(_signed(REQUEST, StackKey([OLD])), MIRROR)
    assert KEY.holds(_signed(REQUEST, both), MIRROR)
    assert not KEY.holds(_signed(REQUEST, StackKey([OLD])), MIRROR)
    assert both.deduplication_id("s", b"x") == KEY.deduplication_id("s", b"x")


@given(st.binary(max_size=40))
def test_an_id_is_one_for_its_bytes_and_says_nothing_without_the_key(content: bytes) -> None:
    name = KEY.deduplication_id("p", content)

    assert re.fullmatch(r"p-[0-9a-f]{48}", name)
    assert name == KEY.deduplication_id("p", bytes(content))
    assert name != KEY.deduplication_id("p", content + b" ")
    assert name != StackKey([OLD]).deduplication_id("p", content)
    assert name != NO_KEY.deduplication_id("p", content)


def test_an_id_is_no_code_of_a_request() -> None:
    content = json.dumps([MIRROR, REQUEST], sort_keys=True, separators=(",", ":")).encode()
    code = KEY.mac(REQUEST, MIRROR)

    assert code is not None
    assert KEY.deduplication_id("h", content)[2:] not in code
    assert KEY.deduplication_id("h", b"request\n" + content)[2:] not in code


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n"])
def test_the_environment_names_several(between: str) -> None:
    settings = Settings.from_environment({"EVERMIRROR_STACK_KEY": f" {NEW}{between}{OLD} "})

    assert settings.stack_key.holds(_signed(REQUEST, StackKey([OLD])), MIRROR)
    assert NEW not in repr(settings) + repr(settings.stack_key)


@pytest.mark.parametrize(
    "word",
    [
        base64.b64encode(b"x" * 31).decode(),
        base64.b64encode(b"secret" * 8).decode(),
        "no-base64-" * 8,
        "ä" * 64,
        "hush",
    ],
)
def test_what_is_no_key_is_told_without_the_word(word: str) -> None:
    with pytest.raises(SettingsError, match="EVERMIRROR_STACK_KEY: number 2 is no key") as told:
        Settings.from_environment({"EVERMIRROR_STACK_KEY": f"{NEW},{word}"})

    assert word not in str(told.value)
    assert NEW not in str(told.value)


def test_the_log_shows_no_key() -> None:
    shown = json.dumps(redacted({"EVERMIRROR_STACK_KEY": NEW, "stack_key": NEW, "key": KEY}))

    assert NEW not in shown
