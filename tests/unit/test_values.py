"""The library's light dataclasses beside the standard ones: nobody could tell them apart."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from evermirror import values


def declared(decorate: Any) -> Any:
    """One class, by either decorator; taken as Any, since both are tried alike."""

    @decorate(frozen=True, slots=True)
    class Thing:
        """Has every kind of field that the library uses."""

        name: str
        number: int = 3
        tags: Mapping[str, str] = dataclasses.field(default_factory=dict)
        secret: str = dataclasses.field(default="s", repr=False)
        note: str = dataclasses.field(default="", compare=False)

    return Thing


OURS, STANDARD = declared(values.dataclass), declared(dataclasses.dataclass)
ARGUMENTS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    (("a",), {}),
    (("a", 4), {"tags": {"k": "v"}}),
    (("a", 4, {"k": "v"}, "t", "n"), {}),
    ((), {"name": "b", "note": "n"}),
)


@pytest.mark.parametrize(("given", "named"), ARGUMENTS)
def test_it_shows_and_holds_the_same(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, standard = OURS(*given, **named), STANDARD(*given, **named)

    assert repr(ours) == repr(standard)
    assert dataclasses.asdict(ours) == dataclasses.asdict(standard)
    assert not hasattr(ours, "__dict__")
    assert OURS.__match_args__ == STANDARD.__match_args__


@pytest.mark.parametrize("one", ARGUMENTS)
@pytest.mark.parametrize("other", ARGUMENTS)
def test_it_compares_the_same(one: Any, other: Any) -> None:
    equal = [thing(*one[0], **one[1]) == thing(*other[0], **other[1]) for thing in (OURS, STANDARD)]

    assert equal[0] is equal[1]
    assert OURS("a", tags=()) != STANDARD("a", tags=())


def test_equal_ones_are_one_key() -> None:
    assert {OURS("a", tags=()), OURS("a", tags=(), note="of no account")} == {OURS("a", tags=())}


@pytest.mark.parametrize("thing", [OURS, STANDARD])
def test_it_cannot_be_changed(thing: Any) -> None:
    one = thing("a")

    with pytest.raises(dataclasses.FrozenInstanceError, match="field 'name'"):
        one.name = "b"
    with pytest.raises(AttributeError):
        del one.number
    assert dataclasses.replace(one, name="b") == thing("b")


@pytest.mark.parametrize("thing", [OURS, STANDARD])
def test_defaults_are_made_anew_and_what_is_missing_is_told(thing: Any) -> None:
    assert thing("a").tags is not thing("a").tags
    with pytest.raises(TypeError, match="name"):
        thing()
    with pytest.raises(TypeError, match="unknown"):
        thing("a", unknown=1)


@values.dataclass(frozen=True, slots=True)
class Checked:
    """At the top of a module, so that it can be pickled."""

    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("negative")

    def __repr__(self) -> str:
        return "its own words"


def test_it_is_copied_checked_and_shown_as_the_class_says() -> None:
    one = Checked(1)

    assert pickle.loads(pickle.dumps(one)) == copy.copy(one) == copy.deepcopy(one) == one  # noqa: S301
    assert repr(one) == "its own words"
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)
