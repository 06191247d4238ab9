"""The order of sessions: the same for everybody, whatever they carry."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from evermirror.model import Session
from evermirror.placement.rendezvous import YOUNG_SESSION_S, order

NOW = 1_800_000_000.0
ids = st.lists(st.integers(0, 10**6), min_size=1, max_size=12, unique=True).map(
    lambda numbers: tuple(f"tms-j6c{number:017}" for number in numbers)
)
loads = st.integers(0, 12)


def _sessions(session_ids: tuple[str, ...], sources: list[int], age_s: float) -> dict[str, Session]:
    return {
        session_id: Session(
            session_id,
            "Created",
            tuple(f"eni-j6c{session_id[-6:]}{n:09}" for n in range(count)),
            created_at=NOW - age_s,
        )
        for session_id, count in zip(session_ids, sources, strict=False)
    }


@given(ids, st.lists(loads, min_size=12, max_size=12))
def test_neither_load_nor_the_order_of_the_policy_changes_an_interfaces_order(
    session_ids: tuple[str, ...], sources: list[int]
) -> None:
    shuffled = tuple(sorted(session_ids, reverse=True))
    empty = _sessions(session_ids, [0] * len(session_ids), age_s=3600)
    loaded = _sessions(session_ids, sources, age_s=3600)

    assert order("eni-j6c000000000000001", session_ids, empty, NOW) == order(
        "eni-j6c000000000000001", shuffled, loaded, NOW
    )


@given(ids)
def test_an_unlisted_session_keeps_its_place(session_ids: tuple[str, ...]) -> None:
    listed = _sessions(session_ids, [0] * len(session_ids), age_s=3600)
    without_first = {i: s for i, s in listed.items() if i != session_ids[0]}

    assert order("eni-j6c000000000000001", session_ids, listed, NOW) == order(
        "eni-j6c000000000000001", session_ids, without_first, NOW
    )


@given(ids)
def test_a_young_session_ranks_last_for_everyone(session_ids: tuple[str, ...]) -> None:
    sessions = _sessions(session_ids, [0] * len(session_ids), age_s=YOUNG_SESSION_S)
    young = session_ids[0]
    sessions[young] = Session(young, "Created", created_at=NOW - YOUNG_SESSION_S + 1)

    for number in range(5):
        assert order(f"eni-j6c00000000000000{number}", session_ids, sessions, NOW)[-1] == young


def test_interfaces_spread_over_the_sessions() -> None:
    session_ids = tuple(f"tms-j6c{number:017}" for number in range(10))
    sessions = _sessions(session_ids, [0] * 10, age_s=3600)

    first = Counter(
        order(f"eni-j6c{number:015}", session_ids, sessions, NOW)[0] for number in range(2000)
    )

    assert set(first) == set(session_ids)
    assert max(first.values()) < 2 * min(first.values())
