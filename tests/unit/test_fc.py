"""Both shapes of context are read; what is missing is told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import SettingsError
from evermirror.fc import DEFAULT_TIMEOUT_S, read_context
from evermirror.model import Place


def context_312(**changes: object) -> SimpleNamespace:
    shape: dict[str, object] = {
        "request_id": "1-6a-1",
        "account_id": "1234567890123456",
        "region": "cn-hongkong",
        "function": SimpleNamespace(name="mirror", handler="index.handler", timeout=240),
    }
    return SimpleNamespace(**{**shape, **changes})


def test_the_context_of_python_312_carries_no_credentials() -> None:
    invocation = read_context(context_312())

    assert invocation.place == Place("1234567890123456", "cn-hongkong")
    assert (invocation.request_id, invocation.function) == ("1-6a-1", "mirror")
    assert invocation.timeout_s == 240
    assert invocation.credentials is None


def test_the_context_of_python_310_carries_them_and_gives_the_timeout_as_text() -> None:
    invocation = read_context(
        context_312(
            credentials=SimpleNamespace(
                access_key_id="STS.id", access_key_secret="secret", security_token="token"
            ),
            function=SimpleNamespace(name="mirror", timeout="60"),
        )
    )

    assert invocation.credentials == Credentials("STS.id", "secret", "token")
    assert invocation.timeout_s == 60


def test_a_function_that_tells_no_timeout_gets_a_careful_one() -> None:
    assert read_context(context_312(function=None)).timeout_s == DEFAULT_TIMEOUT_S


@pytest.mark.parametrize("missing", ["account_id", "region"])
def test_a_context_without_a_place_is_refused(missing: str) -> None:
    with pytest.raises(SettingsError, match="no account_id or no region"):
        read_context(context_312(**{missing: None}))
