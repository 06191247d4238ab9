"""An outcome id stands for one thing, and chunks are what the platform takes."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.failure_record import fits
from evermirror.model import Cause, Intent, Outcome, Place, Tampering, Verdict, outcome_of
from evermirror.outcomes import SWEEP, chunks, outcome_id, to_wire
from evermirror.reasons import REMEDIES

LIBRARY = Path(__file__).parents[2] / "layers/evermirror/python/evermirror"
PLACE = Place("1234567890123456", "cn-hongkong")
OUTCOME = Outcome(
    Verdict.MIRRORED,
    Cause("acs.ecs", "event-1"),
    network_interface_id="eni-j6c000000000000001",
    instance_id="i-j6c0000000000000001",
    session_id="tms-j6c00000000000000001",
    target_id="lb-j6c00000000000000001",
    pool="ids",
    rule="production web",
    client_token="em1-0123",
    request_id="R",
    attempts=1,
    attached_to_mirrored_s=3.1234567,
)
KEYS = [
    "outcome_id",
    "outcome",
    "network_interface_id",
    "instance_id",
    "session_id",
    "target_id",
    "pool",
    "rule",
    "cause",
    "reason",
    "remedy",
    "client_token",
    "request_id",
    "attempts",
    "attached_to_mirrored_s",
    "policy_digest",
    "time",
    "number",
]

texts = st.text(max_size=40) | st.sampled_from(["", "a", "eni-1", "\ud800", "…" * 600])
outcomes = st.builds(
    Outcome,
    st.sampled_from(Verdict),
    st.builds(Cause, texts, texts),
    network_interface_id=st.none() | texts,
    instance_id=st.none() | texts,
    session_id=st.none() | texts,
    reason=st.none() | texts,
    remedy=st.none() | texts,
    attempts=st.integers(0, 5),
    attached_to_mirrored_s=st.none() | st.floats(),
)
places = st.builds(Place, texts, texts)


def test_mirrored_and_already_mirrored_are_one_thing() -> None:
    again = replace(OUTCOME, verdict=Verdict.ALREADY_MIRRORED)

    assert outcome_id(PLACE, OUTCOME) == outcome_id(PLACE, again)


@pytest.mark.parametrize(
    "other",
    [
        replace(OUTCOME, verdict=Verdict.INEFFECTIVE),
        replace(OUTCOME, verdict=Verdict.HEALED),
        replace(OUTCOME, cause=Cause("acs.ecs", "event-2")),
        replace(OUTCOME, cause=Cause("acs.vpc", "event-1")),
        replace(OUTCOME, network_interface_id="eni-j6c000000000000002"),
    ],
)
def test_another_verdict_cause_or_interface_is_another_thing(other: Outcome) -> None:
    assert outcome_id(PLACE, OUTCOME) != outcome_id(PLACE, other)


@pytest.mark.parametrize("place", [Place("1", "cn-hongkong"), Place(PLACE.account_id, "cn-x")])
def test_another_account_or_region_is_another_thing(place: Place) -> None:
    assert outcome_id(PLACE, OUTCOME) != outcome_id(place, OUTCOME)


def test_what_only_one_of_two_runs_knows_changes_nothing() -> None:
    less = Outcome(Verdict.ALREADY_MIRRORED, OUTCOME.cause, OUTCOME.network_interface_id)

    assert outcome_id(PLACE, OUTCOME) == outcome_id(PLACE, less)


def test_outcomes_about_no_interface_are_told_apart() -> None:
    instance = Outcome(Verdict.REJECTED, Cause("s", "1"), instance_id="i-1")
    other = replace(instance, instance_id="i-2")
    nothing = Outcome(Verdict.REJECTED, Cause("s", "1"), reason="invalid_event")
    reason = replace(nothing, reason="too_large")

    assert len({outcome_id(PLACE, one) for one in (instance, other, nothing, reason)}) == 4


def test_that_a_session_was_changed_is_told_once_for_each_session_whatever_is_found() -> None:
    told = Outcome(Verdict.SESSION_CHANGED, Cause("s", "1"), session_id="tms-1", reason="x")

    assert outcome_id(PLACE, told) == outcome_id(PLACE, replace(told, reason=None))
    assert outcome_id(PLACE, told) != outcome_id(PLACE, replace(told, session_id="tms-2"))
    assert outcome_id(PLACE, told) != outcome_id(PLACE, replace(told, cause=Cause("s", "2")))


def test_what_a_sweep_finds_changed_is_told_anew_by_the_next_and_with_its_reason() -> None:
    tick = Cause(SWEEP, "2026-01-02T00:00:00Z")
    told = Outcome(Verdict.SESSION_CHANGED, tick, session_id="tms-1", reason="wrong_target")
    later = replace(told, cause=Cause(SWEEP, "2026-01-02T00:15:00Z"))

    assert outcome_id(PLACE, told) != outcome_id(PLACE, later)
    assert outcome_id(PLACE, told) != outcome_id(PLACE, replace(told, reason="wrong_filter"))


@given(places, outcomes, places, outcomes)
def test_an_outcome_id_stands_for_one_thing(
    place: Place, outcome: Outcome, other_place: Place, other: Outcome
) -> None:
    def identity(where: Place, one: Outcome) -> tuple[object, ...]:
        changed = one.verdict is Verdict.SESSION_CHANGED
        subject = one.network_interface_id or one.instance_id
        subject = subject or (one.session_id if changed else None)
        covered = one.verdict in {Verdict.MIRRORED, Verdict.ALREADY_MIRRORED}
        return (
            where,
            one.cause,
            subject or None,
            "covered" if covered else one.verdict,
            None if subject else one.reason,
        )

    same = identity(place, outcome) == identity(other_place, other)
    assert (outcome_id(place, outcome) == outcome_id(other_place, other)) is same


@given(places, outcomes)
def test_an_outcome_id_is_short_plain_text(place: Place, outcome: Outcome) -> None:
    assert re.fullmatch(r"o-[0-9a-f]{40}", outcome_id(place, outcome))


def test_an_outcome_has_exactly_the_published_keys() -> None:
    wire = to_wire(OUTCOME, PLACE, "abcd", 1_767_225_603.5, 7)

    assert list(wire) == KEYS
    assert wire == {
        "outcome_id": outcome_id(PLACE, OUTCOME),
        "outcome": "mirrored",
        "network_interface_id": "eni-j6c000000000000001",
        "instance_id": "i-j6c0000000000000001",
        "session_id": "tms-j6c00000000000000001",
        "target_id": "lb-j6c00000000000000001",
        "pool": "ids",
        "rule": "production web",
        "cause": {"source": "acs.ecs", "id": "event-1"},
        "reason": None,
        "remedy": None,
        "client_token": "em1-0123",
        "request_id": "R",
        "attempts": 1,
        "attached_to_mirrored_s": 3.123,
        "policy_digest": "abcd",
        "time": "2026-01-01T00:00:03.500Z",
        "number": 7,
    }


@pytest.mark.parametrize(
    ("duration", "told"),
    [(None, None), (-5.0, 0.0), (float("nan"), None), (float("inf"), None), (0.0004, 0.0)],
)
def test_a_duration_is_never_negative_nor_something_json_cannot_say(
    duration: float | None, told: float | None
) -> None:
    wire = to_wire(replace(OUTCOME, attached_to_mirrored_s=duration), PLACE, None, 0.0, 7)

    assert wire["attached_to_mirrored_s"] == told


@given(st.lists(outcomes, max_size=60), st.randoms())
def test_chunks_hold_every_outcome_once_whatever_its_order(
    some: list[Outcome], random: Any
) -> None:
    wires = [to_wire(outcome, PLACE, None, 0.0, 7) for outcome in some]
    shuffled = list(wires)
    random.shuffle(shuffled)

    published = chunks(wires)

    assert chunks(shuffled) == published
    held = [one for chunk in published for one in json.loads(chunk)["outcomes"]]
    assert sorted(map(json.dumps, held)) == sorted(
        json.dumps(json.loads(json.dumps(wire, sort_keys=True))) for wire in wires
    )
    assert [one["outcome_id"] for one in held] == sorted(str(w["outcome_id"]) for w in wires)
    assert all(json.loads(chunk)["schema_version"] == 1 for chunk in published)


@given(outcomes)
def test_the_longest_outcome_fits_a_chunk(outcome: Outcome) -> None:
    longest = "\U0001f50d" * 2000
    filled = replace(
        outcome,
        cause=Cause(longest, longest),
        network_interface_id=longest,
        instance_id=longest,
        session_id=longest,
        pool=longest,
        rule=longest,
        reason=longest,
        remedy=longest,
        client_token=longest,
        request_id=longest,
        target_id=longest,
        tampering=Tampering(longest, longest, 0.0),
    )

    (chunk,) = chunks([to_wire(filled, PLACE, longest, 0.0, 7)])

    assert fits(chunk)


def test_many_outcomes_take_several_publications_of_bounded_size() -> None:
    wires = [
        to_wire(replace(OUTCOME, network_interface_id=f"eni-{n:015}"), PLACE, None, 0.0, 7)
        for n in range(1000)
    ]

    published = chunks(wires)

    assert len(published) > 1
    assert all(map(fits, published))
    assert sum(len(json.loads(chunk)["outcomes"]) for chunk in published) == 1000


def test_nothing_to_tell_is_no_publication() -> None:
    assert chunks([]) == []


ACCUSING = Intent(
    Cause("acs.ecs", "event-1"),
    network_interface_id="eni-j6c000000000000001",
    session_id="tms-j6c00000000000000001",
    tampering=Tampering("mallory", "RemoveSourcesFromTrafficMirrorSession"),
)


def test_an_outcome_takes_over_what_its_intent_names_and_the_remedy_of_its_reason() -> None:
    assert outcome_of(ACCUSING, Verdict.DEFERRED, "out_of_time") == Outcome(
        Verdict.DEFERRED,
        ACCUSING.cause,
        network_interface_id=ACCUSING.network_interface_id,
        session_id=ACCUSING.session_id,
        reason="out_of_time",
        remedy=REMEDIES["out_of_time"],
        tampering=ACCUSING.tampering,
    )
    assert outcome_of(ACCUSING, Verdict.DEFERRED, "Brand.New", "Wait.").remedy == "Wait."


def test_what_is_ignored_asks_nothing_and_accuses_nobody() -> None:
    ignored = outcome_of(ACCUSING, Verdict.IGNORED, "session_of_no_pool")

    assert (ignored.remedy, ignored.tampering) == (None, None)
    assert ignored.session_id == ACCUSING.session_id


@pytest.mark.parametrize(
    ("made", "factory"), [("Outcome", "outcome_of"), ("Finish", "finish")], ids=str
)
def test_there_is_one_place_where_an_answer_is_made(made: str, factory: str) -> None:
    calling = [
        (path.name, function.name)
        for path in sorted(LIBRARY.rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == made
    ]

    assert [name for _, name in calling] == [factory]
