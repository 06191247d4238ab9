"""What somebody brings into a pool with its session is no placement of ours, in that pool only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from . import judgement
from .editions import DrawnPool, Edition
from .joins import Joins
from .overlaps import Overlaps
from .sights import Card, History, Machine, Mirror, Sight

FOUND = DrawnPool("found", "found", prefix="found-")
EDITION = Edition((DrawnPool("fixed", "fixed", sessions=("tms-1",)), FOUND))


@dataclass
class Account:
    """An interface that the pool `found` wants, and two sessions of which one is named for it."""

    names: dict[str, str] = field(
        default_factory=lambda: {"tms-1": "fixed-1", "tms-2": "found-2"},
    )
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def see(self, at: float = 0.0) -> Sight:
        card = Card("eni-1", "InUse", "i-1", {"pool": "found"}, "Secondary", False, None)
        machine = Machine("i-1", "Running", {}, "ecs.g7.large")
        sessions = {one: self._session(one, name) for one, name in self.names.items()}
        return Sight(at, {"eni-1": card}, {"i-1": machine}, sessions, {}, is_open=True)

    def _session(self, session_id: str, name: str) -> Mirror:
        target = ("lb-1", "SLB", "tmf-1")
        state = (True, "Created", False)
        return Mirror(session_id, name, 1, *target, *state, self.held.get(session_id, ()), (), {})


def twice(account: Account, deeds: list[Callable[[], None]]) -> list[str]:
    """What is found after these deeds, each of which is seen."""
    joins = Joins((EDITION,))
    joins.note(account.see())
    for deed in deeds:
        deed()
        joins.note(account.see())
    found = judgement.mirrored_twice(EDITION, account.see(), frozenset(), joins.brought)
    return [one.sentence for one in found]


def test_a_session_of_one_pool_that_is_brought_into_another_brings_its_sources() -> None:
    account = Account(held={"tms-1": ("eni-1",), "tms-2": ("eni-1",)})

    assert twice(account, [lambda: account.names.update({"tms-1": "found-by-hand"})]) == []


def test_a_session_that_leaves_a_pool_and_comes_back_brings_what_was_placed_beside_it() -> None:
    account = Account(held={"tms-2": ("eni-1",)})
    account.names["tms-1"] = "found-by-hand"

    def leave() -> None:
        account.names["tms-2"] = "renamed"

    def place() -> None:
        account.held["tms-1"] = ("eni-1",)

    def come_back() -> None:
        account.names["tms-2"] = "found-2"

    assert twice(account, [leave, place, come_back]) == []


def test_what_is_added_to_a_session_that_was_in_the_pool_before_is_found() -> None:
    account = Account(held={"tms-2": ("eni-1",)})

    def bring() -> None:
        account.names["tms-1"] = "found-by-hand"

    def place() -> None:
        account.held["tms-1"] = ("eni-1",)

    expected = ["eni-1 is mirrored twice in found: tms-1, tms-2"]
    assert twice(account, [bring, place]) == expected


def test_a_look_must_have_shown_a_source_where_its_session_was_in_the_pool_all_the_time() -> None:
    account = Account(held={"tms-1": ("eni-1",)})
    before = account.see(1.0)
    account.names["tms-1"] = "found-by-hand"
    after = account.see(2.0)

    def was_seen(*sights: Sight) -> bool:
        return Overlaps(_Sights(sights), 2.0, 2.0, 0.0, 10).was_seen(
            FOUND, EDITION, "tms-1", "eni-1"
        )

    assert not was_seen(after, before)
    assert was_seen(after, after)


class _Sights(History):
    """Those given, newest first, whatever is asked for."""

    def __init__(self, sights: tuple[Sight, ...]) -> None:
        self._given = sights

    def since(self, at: float) -> Iterator[Sight]:  # noqa: ARG002
        return iter(self._given)
