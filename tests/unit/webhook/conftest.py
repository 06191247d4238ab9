"""The webhook as its door calls it, with nobody to pass anything on to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from evermirror.settings import Settings
from evermirror.webhook.wiring import Application
from tests.webhooks import SECRET, an_event, signed
from tests.worlds import ACCOUNT, REGION

NOBODY_LISTENS = "http://127.0.0.1:1"
ENVIRONMENT = {
    "EVERMIRROR_MODE": "act",
    "EVERMIRROR_MIRROR": f"acs:fc:{REGION}:{ACCOUNT}:functions/mirror",
    "EVERMIRROR_WEBHOOK_SECRET": SECRET,
    "EVERMIRROR_ENDPOINT": NOBODY_LISTENS,
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "local-access-key-id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-access-key-secret",
}
CONTEXT = SimpleNamespace(
    request_id="1-request",
    account_id=ACCOUNT,
    region=REGION,
    function=SimpleNamespace(name="webhook", timeout=30),
)


class Webhook:
    """Answers events, and requests that become events."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def answer(self, event: bytes) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._application.webhook(event, CONTEXT))
        assert answer.keys() == {"statusCode", "headers", "isBase64Encoded", "body"}
        return answer

    def ask(self, content: bytes, **changes: Any) -> tuple[int, dict[str, Any]]:
        """The status and the body of the answer to a signed request."""
        event = {**an_event("POST", "/mirror", content, signed(content)), **changes}
        answer = self.answer(json.dumps(event).encode())
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def webhook_with() -> Iterator[Callable[..., Webhook]]:
    """Makes a webhook whose environment differs in these variables."""
    made: list[Application] = []

    def make(**changes: str) -> Webhook:
        application = Application(Settings.from_environment({**ENVIRONMENT, **changes}))
        made.append(application)
        return Webhook(application)

    yield make
    for application in made:
        application.close()


@pytest.fixture
def webhook(webhook_with: Callable[..., Webhook]) -> Webhook:
    return webhook_with()
