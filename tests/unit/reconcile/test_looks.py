"""What one look after another tells of when an interface was attached."""

from __future__ import annotations

from dataclasses import replace

from evermirror.coverage import NOTHING_MORE
from evermirror.model import ATTACHING, AVAILABLE, IN_USE, NetworkInterface
from evermirror.reconcile.looks import Looks
from tests.worlds import eni, instance

HERE = NetworkInterface(eni(1), IN_USE, instance_id=instance(1))
DETACHED = NetworkInterface(eni(1), AVAILABLE)
ELSEWHERE = NetworkInterface(eni(1), IN_USE, instance_id=instance(2))


def test_the_first_look_tells_nothing() -> None:
    assert Looks().after([HERE], 100.0) == NOTHING_MORE


def test_what_was_attached_to_nothing_or_elsewhere_is_fresh_once_and_bounded_from_then_on() -> None:
    for before in (DETACHED, ELSEWHERE, replace(HERE, status=ATTACHING)):
        looks = Looks()
        looks.after([before], 100.0)
        now, later = looks.after([HERE], 200.0), looks.after([HERE], 300.0)
        assert (now.fresh, now.detached_at) == (frozenset({eni(1)}), {eni(1): 100.0})
        assert (later.fresh, later.detached_at) == (frozenset(), {eni(1): 100.0})


def test_what_the_last_look_lacks_was_perhaps_only_hidden_from_it() -> None:
    looks = Looks()
    looks.after([HERE], 100.0)
    looks.after([], 200.0)
    assert looks.after([HERE], 300.0) == NOTHING_MORE


def test_what_is_detached_and_attached_again_counts_from_the_later_time() -> None:
    looks = Looks()
    for began, seen in enumerate([DETACHED, HERE, DETACHED]):
        looks.after([seen], float(began))
    assert looks.after([HERE], 3.0).detached_at == {eni(1): 2.0}
