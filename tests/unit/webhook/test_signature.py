"""Signatures, judged by the published vector; `tests/contract` lets the official library judge."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evermirror.errors import SettingsError
from evermirror.webhook.problems import ProblemError
from evermirror.webhook.signature import Secrets
from tests.webhooks import ID, OTHER_SECRET, SECRET, signature, signed

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data/webhook_signature_vectors.json").read_text()
)
NOW = 1_767_225_600
BODY = b'{"test": 2432232314}'


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_the_published_vector_is_accepted() -> None:
    vector = VECTORS["standard_webhooks_v1"]
    moment = float(vector["webhook-timestamp"])

    found = Secrets([vector["secret"]]).verify(vector, vector["body"].encode(), moment)

    assert found == vector["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_either_secret_will_do_while_they_are_exchanged() -> None:
    both = Secrets([SECRET, OTHER_SECRET])

    for secret in (SECRET, OTHER_SECRET):
        assert both.verify(lower(signed(BODY, timestamp=NOW, secret=secret)), BODY, NOW) == ID


@pytest.mark.parametrize("separator", [" ", ",", ", "])
def test_one_good_entry_among_others_will_do(separator: str) -> None:
    """A comma is what Function Compute puts between headers that were sent twice."""
    good = signature(BODY, ID, NOW)
    entries = ["v1a,MC4CFQCg", signature(b"other", ID, NOW), good, "v2,abc", "nonsense"]
    headers = {**lower(signed(BODY, timestamp=NOW)), "webhook-signature": separator.join(entries)}

    assert Secrets([SECRET]).verify(headers, BODY, NOW) == ID


@pytest.mark.parametrize("age", [-301, 301])
def test_five_minutes_are_tolerated_and_no_second_more(age: int) -> None:
    headers = lower(signed(BODY, timestamp=NOW))

    assert Secrets([SECRET]).verify(headers, BODY, NOW + age - age / abs(age)) == ID
    with pytest.raises(ProblemError, match="within 300 seconds of now"):
        Secrets([SECRET]).verify(headers, BODY, NOW + age)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "is not set"),
        (["whsec_"], "number 1 is no secret"),
        ([SECRET, "whsec_c2hvcnQ="], "number 2 is no secret"),
        ([SECRET.removeprefix("whsec_")], "number 1 is no secret"),
        (["whsec_!!!!" + SECRET[10:]], "number 1 is no secret"),
        (["whsec_Grüße" + SECRET[6:]], "number 1 is no secret"),
        ([SECRET + "A" * 80], "number 1 is no secret"),
        (["whsec_A"], "number 1 is no secret"),
    ],
)
def test_a_secret_that_is_none_never_opens_the_door(words: list[str], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        Secrets(words)

    assert not any(word and word in str(caught.value) for word in words if word != "whsec_")


def test_a_secret_may_come_without_its_padding() -> None:
    unpadded = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWQ"
    headers = lower(signed(BODY, timestamp=NOW, secret=f"{unpadded}=="))

    assert Secrets([unpadded]).verify(headers, BODY, NOW) == ID


def test_an_id_is_one_for_its_webhook_id_and_nobody_elses_to_compute() -> None:
    ours, theirs = Secrets([SECRET]), Secrets([OTHER_SECRET])

    assert re.fullmatch(r"w-[0-9a-f]{48}", ours.deduplication_id("m-1"))
    assert ours.deduplication_id("m-1") == Secrets([SECRET, OTHER_SECRET]).deduplication_id("m-1")
    others = [ours.deduplication_id("m-2"), theirs.deduplication_id("m-1")]
    assert ours.deduplication_id("m-1") not in others
