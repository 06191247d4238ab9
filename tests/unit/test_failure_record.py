"""The record of a publication that failed fits the dead-letter queue, whatever is told."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.coverage import Coverage, Listed, publication, remedies, to_wire
from evermirror.events import encode_requests, parse
from evermirror.failure_record import AROUND, LARGEST_MESSAGE, quoted
from evermirror.model import Cause, Intent, Outcome, Place, Tampering, Verdict
from evermirror.notify.delivery import LONGEST_ERROR
from evermirror.outcomes import chunks
from evermirror.outcomes import to_wire as outcome_to_wire
from evermirror.reasons import REMEDIES
from localcloud.functioncompute.destinations import Destinations, Finished
from localcloud.functioncompute.invocations import Invoked
from localcloud.functioncompute.permissions import Permissions
from localcloud.functioncompute.stack import read_stack
from localcloud.functioncompute.template import Deployment
from tests.worlds import ACCOUNT, REGION, eni, tms

STACK = read_stack(Path(__file__).parents[2] / "template.yml", Deployment(ACCOUNT, REGION), {})
WORST = ["\N{LEFT-POINTING MAGNIFYING GLASS}", "\N{CJK UNIFIED IDEOGRAPH-9F98}", *'"\\<\x01']
FRAME = f'  File "/code/layers/evermirror/notify/{"x" * 60}.py", line 100, in delivering\n'


def dead_letter(payload: bytes, error: str) -> str:
    """What the platform sends to the queue of the template when notify fails for good."""
    answer = {"errorMessage": error, "errorType": "RedeliverError", "stackTrace": [FRAME] * 8}
    invoked = Invoked("R", json.dumps(answer).encode(), "UnhandledInvocationError", 1, 1.0)
    sent: list[str] = []
    destinations = Destinations(
        STACK.deployment,
        lambda _, body: sent.append(body),
        Permissions(STACK.deployment),
        lambda: 0.0,
    )
    finished = Finished("R" * 36, STACK.functions["notify"], payload, 9, invoked)
    assert destinations.deliver(finished, lambda *_: "") is None
    (record,) = sent
    return record


def assert_kept(payload: bytes) -> None:
    """In the form of the local cloud, in pure ASCII, as some encode for HTML, and as Base64."""
    record = json.loads(dead_letter(payload, '"' * LONGEST_ERROR))
    ascii_only = json.dumps(record)
    for_html = ascii_only
    for one in "<>&'=":
        for_html = for_html.replace(one, f"\\u{ord(one):04x}")
    assert len(base64.b64encode(for_html.encode())) <= LARGEST_MESSAGE
    assert json.loads(for_html)["requestPayload"] == payload.decode()


def long_rules(worst: str) -> dict[str, int]:
    return {worst * 90 + f"{n:010}": 1000 - n for n in range(100)}


@pytest.mark.parametrize("worst", WORST)
def test_a_coverage_with_a_hundred_rules_of_the_longest_names(worst: str) -> None:
    ids = tuple(eni(n) for n in range(10_000))
    listed = tuple(Listed(one, tms(1)) for one in ids)
    reasons = list(REMEDIES)
    found = Coverage(
        missing=ids,
        ineffective=dict.fromkeys(reasons, ids),
        impossible=dict.fromkeys(reasons, ids),
        excluded=long_rules(worst),
        targets={f"lb-{n:040}": n + 1 for n in range(1_000)},
        claimed_by_stranger=listed,
        extra=listed,
        gone=listed,
        twice=ids,
        shadowed=ids,
    )
    told = {**to_wire(found), "remedies": remedies(found), "policy_digest": "d" * 32}

    payload = publication(told)

    assert_kept(payload)
    coverage = json.loads(payload)["coverage"]
    assert sum(coverage["excluded"].values()) == sum(long_rules(worst).values())
    assert sum(coverage["targets"].values()) == sum(range(1, 1_001))
    assert (coverage["missing"], coverage["status"]) == (10_000, "gaps")


def test_a_coverage_that_is_small_enough_is_published_whole() -> None:
    told = to_wire(Coverage(missing=(eni(1),), excluded={"a": 2, "(others)": 3}))

    assert json.loads(publication(told)) == {
        "schema_version": 1,
        "outcomes": [],
        "coverage": json.loads(json.dumps(told)),
    }


@pytest.mark.parametrize("worst", WORST)
def test_outcomes_of_nothing_but_the_longest_texts(worst: str) -> None:
    longest = worst * 2_000
    outcome = Outcome(
        Verdict.HEALED,
        Cause(longest, longest),
        network_interface_id=longest,
        instance_id=longest,
        session_id=longest,
        target_id=longest,
        pool=longest,
        rule=longest,
        reason=longest,
        remedy=longest,
        client_token=longest,
        request_id=longest,
        tampering=Tampering(longest, longest, 0.0),
    )
    place = Place(ACCOUNT, REGION)
    wires = [
        outcome_to_wire(replace(outcome, pool=f"{n}"), place, longest, 0.0, 1) for n in range(3)
    ]

    for payload in chunks([outcome_to_wire(outcome, place, longest, 0.0, 1), *wires]):
        assert_kept(payload)


@pytest.mark.parametrize("worst", WORST)
def test_work_that_is_handed_over(worst: str) -> None:
    by = Tampering(worst * 250, "DeleteTrafficMirrorSession", 1.0)
    alone = [
        Intent(Cause("acs.vpc", f"{worst * 100}{n}"), eni(n), session_id=tms(n), tampering=by)
        for n in range(30)
    ]
    together = [Intent(Cause("acs.ecs", "event-1"), eni(n)) for n in range(5_000)]

    payloads = encode_requests([*alone, *together])

    for payload in payloads:
        assert_kept(payload)
    place = Place(ACCOUNT, REGION)
    parsed = [one for each in payloads for one in parse(each, place, 0.0, "").intents]
    assert len(parsed) == len(alone) + len(together)


@given(st.text(st.characters(codec="utf-8")))
def test_what_a_text_needs_inside_the_record_is_known(text: str) -> None:
    payload = json.dumps(text)

    assert len(json.dumps(payload)) - len('""') <= quoted(payload.encode())


def test_the_room_around_the_payload_is_enough_for_the_longest_error() -> None:
    assert len(json.dumps(json.loads(dead_letter(b"", "\\" * LONGEST_ERROR)))) < AROUND
