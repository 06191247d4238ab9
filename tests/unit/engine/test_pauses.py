"""The rhythm of looks: short after a change, drawn by chance after trouble."""

from __future__ import annotations

from random import Random

from evermirror.engine.pauses import LONGEST_BACKOFF_S, MANY_CHANGES, Pauses


def test_a_change_makes_the_next_pauses_short_again() -> None:
    pauses = Pauses(lambda: 1.0)

    first = [pauses.next(1, 0.0, trouble=False) for _ in range(6)]
    pauses.changed()

    assert first == sorted(first[:2], reverse=False) + first[2:]
    assert first[-1] == 3.0
    assert pauses.next(1, 0.0, trouble=False) == first[0]


def test_a_change_that_takes_three_seconds_is_seen_within_the_fourth() -> None:
    pauses = Pauses(lambda: 1.0)
    looks = [pauses.next(1, 0.0, trouble=False) for _ in range(2)]

    assert 3.0 <= sum(looks) <= 4.0


def test_with_many_sessions_busy_every_second_is_worth_a_look() -> None:
    pauses = Pauses(lambda: 1.0)

    assert {pauses.next(MANY_CHANGES, 0.0, trouble=False) for _ in range(9)} == {1.0}


def test_after_trouble_the_pause_is_drawn_from_a_span_that_doubles_up_to_a_bound() -> None:
    longest = Pauses(lambda: 1.0)
    drawn = Pauses(Random(7).random)

    spans = [longest.next(0, 0.0, trouble=True) for _ in range(40)]
    pauses = [drawn.next(0, 0.0, trouble=True) for _ in range(40)]

    assert spans[:4] == [1.5, 3.0, 6.0, 12.0]
    assert set(spans[3:]) == {LONGEST_BACKOFF_S}
    assert all(0 <= pause <= span for pause, span in zip(pauses, spans, strict=True))
    assert len(set(pauses)) == 40


def test_what_the_service_asks_for_is_never_undercut() -> None:
    pauses = Pauses(lambda: 0.0)

    assert pauses.next(0, 7.0, trouble=True) == 7.0
    assert pauses.next(MANY_CHANGES, 7.0, trouble=False) == 7.0


def test_trouble_that_is_over_is_forgotten() -> None:
    pauses = Pauses(lambda: 1.0)
    for _ in range(5):
        pauses.next(0, 0.0, trouble=True)

    pauses.next(0, 0.0, trouble=False)

    assert pauses.next(0, 0.0, trouble=True) == 1.5


def test_the_same_chance_gives_the_same_pauses() -> None:
    one, other = Pauses(Random(3).random), Pauses(Random(3).random)

    for hint_s in (0.0, 0.5, 2.0):
        assert one.next(0, hint_s, trouble=True) == other.next(0, hint_s, trouble=True)
