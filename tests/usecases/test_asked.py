"""Who asked for what, and why, is in the log: the record of a request that no outcome has."""

from __future__ import annotations

import json
from typing import Any

from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .tampering import removed, somebody_removes
from .writers import Writer, signed


def asked_in(writer: Writer) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in writer.lines.getvalue().splitlines()]
    return [line for line in lines if line["message"] == "asked"]


def a_request(*numbers: int, **more: Any) -> dict[str, Any]:
    return {"request": 1, "network_interface_ids": [eni(n) for n in numbers], **more}


def test_a_request_is_logged_with_its_cause_its_reason_and_its_first_ids(serve: Serve) -> None:
    world = serve([*range(1, 31)], [*range(1, 5)])
    writer = world.writer()
    cause = {"source": "by-hand", "id": "ticket-7"}

    writer.deliver(a_request(*range(1, 31), cause=cause, reason="\u202enew\nhost ä" + "x" * 900))

    (line,) = asked_in(writer)
    assert line["cause"] == cause
    assert (line["number"], line["first"]) == (30, [eni(n) for n in range(1, 21)])
    assert (line["purpose"], line["signed"], line["dry_run"]) == ("mirror", False, False)
    assert line["reason"].startswith("\u202enew\nhost ä")
    assert len(line["reason"]) == 300
    assert writer.lines.getvalue().isascii()


def test_a_request_for_nothing_good_is_logged_all_the_same(serve: Serve) -> None:
    writer = serve([1], [1]).writer()

    writer.deliver({"request": 1, "instance_ids": ["x" * 5000, 7, None], "reason": "because"})

    (line,) = asked_in(writer)
    assert (line["number"], line["reason"]) == (3, "because")
    assert max(map(len, line["first"])) < 100


def test_of_many_requests_the_first_few_are_logged_and_of_events_none(serve: Serve) -> None:
    writer = serve([1], [1]).writer()

    writer.deliver(attached(1), *(a_request(1, reason=f"{n}") for n in range(100)))

    assert [line["reason"] for line in asked_in(writer)] == [f"{n}" for n in range(20)]


def test_what_mirror_hands_to_itself_was_asked_for_before(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    writer = world.writer().healing()
    somebody_removes(world, 1, 1)
    handed_over = a_request(1, purpose="heal", session_id=tms(1), generation=3)

    writer.deliver(removed(1, 1, at=world.clock.now() - 1))
    writer.deliver(signed(handed_over))
    assert asked_in(writer) == []

    writer.deliver(handed_over)
    (line,) = asked_in(writer)
    assert (line["purpose"], line["signed"]) == ("heal", False)
