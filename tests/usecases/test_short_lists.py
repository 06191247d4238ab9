"""A List that shows too little, with every sign of being right, puts nobody in a second session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from evermirror.placement.rendezvous import order
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Discovery
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .growing_pools import CREATE, LIST, growing, slbs, writer

FIRST, SECOND = (int(one[-3:]) for one in order(eni(1), (tms(1), tms(2)), {}, 0.0))
"""The two sessions of most worlds here, in the order of interface 1."""


def answer(total: int, *sessions: Mapping[str, Any]) -> dict[str, Any]:
    page = {
        "RequestId": "R",
        "TrafficMirrorSessions": sessions,
        "TotalCount": str(total),
        "NextToken": "",
    }
    return {"status": 200, "body": json.dumps(page)}


def shown(number: int, *sources: int) -> dict[str, Any]:
    return {
        "TrafficMirrorSessionId": tms(number),
        "TrafficMirrorSessionName": f"ids-{number}",
        "TrafficMirrorSessionStatus": "Created",
        "TrafficMirrorSessionBusinessStatus": "Normal",
        "TrafficMirrorSourceIds": [eni(n) for n in sources],
        "Priority": number,
        "Enabled": True,
    }


NOTHING = answer(0)
ONLY_THE_FIRST = answer(1, shown(FIRST))


def found(**more: Any) -> Policy:
    return Policy({"ids": Pool("ids", discovery=Discovery(name_prefix="ids-"))}, (), "ids", **more)


@pytest.mark.parametrize("short", [NOTHING, ONLY_THE_FIRST], ids=["empty", "without it"])
def test_a_named_session_that_one_list_does_not_show_keeps_its_interface(
    serve: Serve, short: Mapping[str, Any]
) -> None:
    world = serve([1], [FIRST, a_session(SECOND, 1)])
    world.cloud.set_faults([{"action": LIST, "when": {"next": 1}, "do": short}])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(SECOND))
    assert world.adds() == []


def test_a_list_that_shows_none_of_several_named_sessions_decides_nothing(serve: Serve) -> None:
    world = serve([1], [FIRST, a_session(SECOND, 1)])
    world.cloud.set_faults([{"action": LIST, "do": NOTHING}])
    asked = world.writer()

    told = asked.outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("deferred", "sessions_not_listed")
    assert world.adds() == []
    assert '"code":"sessions_not_listed"' in asked.lines.getvalue().replace(" ", "")


def test_one_list_that_finds_nothing_makes_no_pool_grow(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, name="ids-1")], slbs=slbs(1))
    big = replace(growing().pools["big"], discovery=Discovery(name_prefix="ids-"))
    world.cloud.set_faults([{"action": LIST, "when": {"next": 1}, "do": NOTHING}])

    told = writer(world, Policy({"big": big}, (), "big")).outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(1))
    assert world.cloud.journal(CREATE) == []


def test_a_list_that_shows_fewer_sessions_than_it_counts_is_read_again(serve: Serve) -> None:
    world = serve([1], [a_session(FIRST, name="ids-1"), a_session(SECOND, 1, name="ids-2")])
    cut = answer(2, shown(FIRST))
    world.cloud.set_faults([{"action": LIST, "when": {"next": 1}, "do": cut}])

    told = world.writer(found()).outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(SECOND))
    assert world.adds() == []


def test_a_session_that_was_shown_before_is_asked_for_when_it_is_missing(serve: Serve) -> None:
    # Somebody is adding the interface to SECOND when the first look sees both sessions.
    adding = {"status": "Modifying", "change": {"remaining_s": 4.0, "add": [eni(1)]}}
    world = serve([1], [a_session(FIRST, name="ids-1"), a_session(SECOND, name="ids-2", **adding)])
    lister = world.writer(found())
    one_look_later = {"action": LIST, "when": {"next": 1}, "do": answer(1, shown(FIRST))}
    lister.before("find_sessions", 2, lambda: world.cloud.set_faults([one_look_later]))

    told = lister.outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(SECOND))
    assert world.adds() == []


def test_a_pool_that_is_really_empty_is_asked_for_only_once_more(serve: Serve) -> None:
    world = serve(list(range(1, 25)), [], slbs=slbs(1))

    told = writer(world).outcomes(*[attached(n) for n in range(1, 25)])

    assert {one["outcome"] for one in told} == {"mirrored"}
    searched = [c for c in world.cloud.journal(LIST) if "Tags.1.Key" in c["parameters"]]
    assert len(searched) == 2
