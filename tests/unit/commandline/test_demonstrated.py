"""The demonstration can fail: each thing that must hold is found out where it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from commandline.demonstrated import Sent, Shown, problems
from evermirror.coverage import Coverage
from tests.worlds import attached, eni, tms

RULES = ("attached",)
EVENT = Sent("attached", json.dumps(attached(1, "event-1")).encode(), RULES)


def outcome(word: str = "mirrored", session_id: str | None = tms(1)) -> dict[str, Any]:
    return {
        "outcome": word,
        "network_interface_id": eni(1),
        "session_id": session_id,
        "cause": {"source": "acs.ecs", "id": "event-1"},
    }


GOOD = Shown(
    sent=(EVENT,),
    outcomes=(outcome(),),
    idle={"idle": True, "dead_letters": 0},
    state={"sessions": [{"id": tms(1), "sources": [eni(1), eni(2)]}]},
    before=Coverage(mirrored=(eni(2),), missing=(eni(1), eni(5))),
    after=Coverage(mirrored=(eni(1), eni(2)), missing=(eni(5),)),
    swept=Coverage(mirrored=(eni(1), eni(2), eni(5))),
)


def test_nothing_is_wrong_with_what_is_as_it_should_be() -> None:
    assert list(problems(GOOD)) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"idle": {"idle": False, "under_way": {"queued": 1}, "dead_letters": 0}},
            "work was still under way at the end: {'queued': 1}",
        ),
        ({"idle": {"idle": True, "dead_letters": 2}}, "2 dead letter(s)"),
        ({"outcomes": ()}, "attached reached mirror, and not everything was told about it"),
        (
            {"swept": Coverage(mirrored=(eni(1), eni(2), eni(5)), twice=(eni(1),))},
            f"mirrored twice: {eni(1)}",
        ),
        ({"swept": Coverage(mirrored=(eni(1), eni(5)))}, f"not mirrored any more: {eni(2)}"),
        ({"after": GOOD.before}, "no interface was mirrored by its event"),
        ({"swept": GOOD.after}, "the sweep closed no gap"),
        (
            {"state": {"sessions": [{"id": tms(1), "sources": []}]}},
            f"{eni(1)} was told to be in {tms(1)}, and is not",
        ),
        ({"state": {"sessions": []}}, f"{eni(1)} was told to be in {tms(1)}, and is not"),
        (
            {"outcomes": (outcome("healed", tms(2)),)},
            f"{eni(1)} was told to be in {tms(2)}, and is not",
        ),
        (
            {"outcomes": (outcome("already_mirrored", None),)},
            f"{eni(1)} was told to be in None, and is not",
        ),
    ],
)
def test_each_thing_that_is_wrong_is_found(changes: dict[str, Any], problem: str) -> None:
    assert list(problems(replace(GOOD, **changes))) == [problem]


def test_an_event_that_no_rule_let_through_needs_no_answer() -> None:
    elsewhere = Sent("elsewhere", json.dumps(attached(3, "event-3")).encode(), ())

    assert list(problems(replace(GOOD, sent=(EVENT, elsewhere)))) == []


def test_an_interface_that_was_not_mirrored_need_not_be_listed() -> None:
    told = (outcome(), {**outcome("skipped", None), "network_interface_id": eni(3)})

    assert list(problems(replace(GOOD, outcomes=told))) == []


def test_what_is_ignored_needs_no_answer_and_poison_does() -> None:
    detached = attached(1, "event-2")
    detached["data"]["eventName"] = "DetachNetworkInterface"
    ignored = Sent("detached", json.dumps(detached).encode(), RULES)
    poison = Sent("poison", b'{"id": "event-4", "source": "acs.ecs"', RULES)

    assert (ignored.causes(), len(ignored.ignored())) == (set(), 1)
    assert (len(poison.causes()), poison.ignored()) == (1, [])
