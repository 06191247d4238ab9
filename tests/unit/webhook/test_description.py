"""The OpenAPI document: the committed copy is what the webhook serves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evermirror.webhook import problems
from evermirror.webhook.api import METHODS
from evermirror.webhook.problems import Kind
from tests.webhooks import an_event

COPY = Path(__file__).parents[3] / "functions/webhook/openapi.json"


def served(webhook: Any) -> str:
    answer = webhook.answer(json.dumps(an_event("GET", "/openapi.json")).encode())
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "application/json")
    text: str = answer["body"]
    return text


def test_the_committed_copy_is_what_is_served(webhook: Any) -> None:
    """To renew it: curl a local webhook's /openapi.json into the file."""
    assert served(webhook) == COPY.read_text(encoding="utf-8").rstrip("\n")


def test_every_path_and_every_problem_of_the_code_is_in_it(webhook: Any) -> None:
    document = json.loads(served(webhook))

    assert document["openapi"] == "3.1.0"
    assert {path: next(iter(methods)) for path, methods in document["paths"].items()} == {
        path: method.lower() for path, method in METHODS.items()
    }
    kinds = {one for one in vars(problems).values() if isinstance(one, Kind)}
    # These three answer what is no request to any of the paths, or a flaw of ours.
    elsewhere = {
        problems.NOT_HTTP,
        problems.NOT_FOUND,
        problems.METHOD_NOT_ALLOWED,
        problems.INTERNAL,
    }
    text = json.dumps(document)
    assert {kind for kind in kinds if f'"{kind.type}"' in text} == kinds - elsewhere


def test_nothing_in_it_is_unused_or_missing(webhook: Any) -> None:
    text = served(webhook)
    for name in json.loads(text)["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text, name
