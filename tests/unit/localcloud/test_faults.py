"""Trouble on purpose strikes exactly the calls it was asked to, and the same ones next time."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from localcloud.calls import signed_call
from localcloud.faults import Faults, FaultsError
from localcloud.testing import ServedCloud, serving

THROTTLE = {"throttle": True}


def struck(desk: Any, calls: int) -> list[int]:
    """The numbers, from 1, of the calls that were throttled."""
    return [
        number for number in range(1, calls + 1) if desk.list_sessions().code == "Throttling.User"
    ]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"next": 3}, [1, 2, 3]),
        ({"every": 3}, [3, 6, 9]),
        ({"next": 0}, []),
        (None, list(range(1, 11))),
    ],
)
def test_exactly_the_calls_asked_for_are_struck(desk: Any, when: Any, expected: list[int]) -> None:
    desk.cloud.faults.replace([{"action": "List*", "when": when, "do": THROTTLE}])

    assert struck(desk, 10) == expected


def test_probability_is_fixed_by_its_seed(desk: Any) -> None:
    def run(seed: int) -> list[int]:
        desk.cloud.faults.replace(
            [{"action": "*", "when": {"probability": 0.3}, "do": THROTTLE, "seed": seed}]
        )
        return struck(desk, 100)

    assert run(7) == run(7) != run(8)
    assert 15 <= len(run(7)) <= 45


def test_a_window_counts_seconds_since_the_faults_were_put(desk: Any) -> None:
    desk.advance(100)
    desk.cloud.faults.replace([{"action": "*", "when": {"between_s": [10, 20]}, "do": THROTTLE}])
    codes = []
    for _ in range(4):
        codes.append(desk.list_sessions().code)
        desk.advance(7)

    assert codes == [None, None, "Throttling.User", None]


def test_the_first_that_fits_wins_and_the_others_do_not_count(desk: Any) -> None:
    desk.cloud.faults.replace(
        [
            {"action": "ListTrafficMirrorSessions", "when": {"next": 1}, "do": THROTTLE},
            {"action": "*", "when": {"next": 1}, "do": {"error": "SystemBusy"}},
        ]
    )
    codes = [desk.list_sessions().code for _ in range(3)]

    assert codes == ["Throttling.User", "SystemBusy", None]


def test_calls_that_are_not_even_signed_are_not_counted(desk: Any) -> None:
    desk.cloud.faults.replace([{"action": "*", "when": {"next": 1}, "do": THROTTLE}])
    desk.call("MakeCoffee")

    assert desk.list_sessions().code == "Throttling.User"


@pytest.mark.parametrize(
    ("do", "status", "code"),
    [
        ({"error": "ServiceUnavailable"}, 503, "ServiceUnavailable"),
        ({"error": "Brand.New"}, 400, "Brand.New"),
        ({"error": "InternalError", "status": 400}, 400, "InternalError"),
        ({"throttle": True}, 400, "Throttling.User"),
    ],
)
def test_an_error_is_answered_and_nothing_is_done(
    desk: Any, do: Any, status: int, code: str
) -> None:
    desk.cloud.faults.replace([{"action": "Add*", "when": {"next": 1}, "do": do}])
    said = desk.add(ClientToken="token")

    assert (said.status, said.code) == (status, code)
    assert desk.session() == ("Created", [])
    assert desk.add(ClientToken="token").status == 200


def test_a_throttle_may_say_how_long_to_wait(desk: Any) -> None:
    desk.cloud.faults.replace([{"action": "*", "do": {"throttle": True, "retry_after_ms": 500}}])

    assert desk.list_sessions().headers["x-acs-retry-after"] == "500"


@pytest.mark.parametrize(
    ("do", "status_of_session"),
    [
        ({"reset": "before"}, "Created"),
        ({"reset": "after"}, "Modifying"),
        ({"kill": "before"}, "Created"),
        ({"kill": "after"}, "Modifying"),
    ],
)
def test_a_cut_connection_tells_nothing_of_what_was_done(
    desk: Any, do: Any, status_of_session: str
) -> None:
    desk.cloud.faults.replace([{"action": "Add*", "do": do}])

    assert desk.add().status is None
    assert desk.session()[0] == status_of_session
    first = desk.cloud.journal.entries[0]
    assert first.fault == " ".join(*do.items())
    assert first.status == (None if status_of_session == "Created" else 200)


def test_a_strange_body_comes_instead_of_the_effect(desk: Any) -> None:
    desk.cloud.faults.replace([{"action": "Add*", "do": {"body": "not json", "status": 504}}])
    response = desk.handled("AddSourcesToTrafficMirrorSession").response

    assert (response.status, response.body) == (504, b"not json")
    assert desk.session() == ("Created", [])


@pytest.mark.parametrize(
    ("faults", "names"),
    [
        ({}, "faults"),
        ([{"do": THROTTLE}], "[0].action"),
        ([{"action": "*", "do": {}}], "[0].do"),
        ([{"action": "*", "do": {"reset": "during"}}], "[0].do.reset"),
        ([{"action": "*", "do": {"reset": "after", "throttle": True}}], "[0].do"),
        ([{"action": "*", "do": THROTTLE, "when": {}}], "[0].when"),
        ([{"action": "*", "do": THROTTLE, "when": {"next": 1, "every": 2}}], "[0].when"),
        ([{"action": "*", "do": THROTTLE, "wenn": {}}], "[0].wenn"),
        ([{"action": "*", "do": {"status": 400, "throttle": True}}], "[0].do"),
    ],
)
def test_a_wrong_list_is_refused_by_name_and_the_old_one_stays(faults: Any, names: str) -> None:
    now = Faults(lambda: 0.0)
    now.replace([{"action": "*", "do": THROTTLE}])
    with pytest.raises(FaultsError) as refused:
        now.replace(faults)

    assert str(refused.value).startswith(names)
    assert now.take("Anything") is not None


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({"next": 7}, 7),
        ({"every": 5}, 16),
        ({"probability": 0.3}, None),
        ({"between_s": [5, 9]}, 0),
    ],
)
def test_faults_are_exact_under_calls_that_come_at_the_same_time(when: Any, struck: Any) -> None:
    fault = {"action": "List*", "when": when, "seed": 4, "do": {"error": "SystemBusy"}}
    with serving({"limits": {"requests_per_minute": None}}) as cloud:
        counts = []
        for attempt in range(2):
            cloud.set_faults([fault])
            with ThreadPoolExecutor(8) as threads:
                came = threads.map(partial(listed, cloud), range(attempt * 80, attempt * 80 + 80))
                counts.append(list(came).count(400))
        assert counts[0] == counts[1]
        assert struck in {None, counts[0]}
        assert len(cloud.journal()) == 160


def listed(cloud: ServedCloud, number: int) -> int:
    """The status that a List over a connection of its own comes back with."""
    now = time.time()  # noqa: TID251 - signatures are dated by real time
    request = signed_call("ListTrafficMirrorSessions", {}, now, f"concurrent-{number}")
    connection = http.client.HTTPConnection(cloud.address, timeout=30)
    try:
        connection.request(request.method, request.target, headers=dict(request.headers))
        return connection.getresponse().status
    finally:
        connection.close()
