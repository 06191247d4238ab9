"""ARNs of both generations are told apart, and nonsense is refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.errors import SettingsError
from evermirror.invocation.arn import FunctionArn, parse

PLACE = "acs:fc:cn-hongkong:1234567890123456"
ACCOUNT = "1234567890123456"


@pytest.mark.parametrize(
    ("rest", "function", "service", "qualifier"),
    [
        ("functions/notify", "notify", None, None),
        ("functions/notify/prod", "notify", None, "prod"),
        ("functions/notify.3", "notify", None, "3"),
        ("functions/team$notify", "team$notify", None, None),
        ("services/evermirror/functions/notify", "notify", "evermirror", None),
        ("services/evermirror.LATEST/functions/notify", "notify", "evermirror", "LATEST"),
        ("services/evermirror.prod-1/functions/_n", "_n", "evermirror", "prod-1"),
    ],
)
def test_both_generations_of_arn_are_read(
    rest: str, function: str, service: str | None, qualifier: str | None
) -> None:
    assert parse(f"{PLACE}:{rest}") == FunctionArn(
        "cn-hongkong", ACCOUNT, function, service, qualifier
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "notify",
        "arn:aws:lambda:us-east-1:123456789012:function:notify",
        "acs:fc:::services/s.LATEST/functions/f",
        f"{PLACE}:functions/",
        f"{PLACE}:functions/notify\n",
        f"{PLACE}:functions/../services",
        f"{PLACE}:functions/a b",
        f"{PLACE}:functions/notify?qualifier=1",
        f"{PLACE}:services/s/f",
        "acs:fc:evil.example.com/:1234567890123456:functions/notify",
        "acs:fc:cn-hongkong:account:functions/notify",
        "acs:mns:cn-hongkong:1234567890123456:/queues/q/messages",
    ],
)
def test_what_is_no_functions_arn_is_refused_with_the_two_forms(text: str) -> None:
    with pytest.raises(SettingsError, match=r"functions/\{function\}"):
        parse(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse(text)
