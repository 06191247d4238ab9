"""Every operation of the traffic mirror family: its parameters and its answers."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.api.table import ALL, VPC

from .family_calls import FACTS, GOOD, DeskOf, fleet, usable

FAMILY = {one.name: one for one in ALL if one.product == VPC[0]}


@pytest.mark.parametrize("action", list(FACTS))
def test_every_parameter_is_known_and_every_required_one_is_missed(
    desk_of: DeskOf, action: str
) -> None:
    fields = FAMILY[action].parameters.model_fields.values()
    assert {field.alias for field in fields} >= set(FACTS[action]["parameters"])
    for name in set(FACTS[action]["required"]) - {"RegionId"}:
        desk = desk_of(**usable(action))
        given = {one: value for one, value in GOOD[action].items() if one != name}
        assert desk.call(action, **given).code == f"Missing{name}"


TYPES = [
    (action, name, kind)
    for action, facts in FACTS.items()
    for name, kind in facts["types"].items()
    if kind in {"integer", "boolean"}
]


@pytest.mark.parametrize(("action", "name", "kind"), TYPES)
def test_a_parameter_of_another_type_is_refused_by_its_name(
    desk_of: DeskOf, action: str, name: str, kind: str
) -> None:
    wrong = {"integer": ("one", "1.5", "1e3", "0x1", " 1"), "boolean": ("yes", "1", "tru")}
    desk = desk_of(**usable(action))
    for value in wrong[kind]:
        assert desk.call(action, **{**GOOD[action], name: value}).code == f"IllegalParam.{name}"


@pytest.mark.parametrize(
    ("action", "name", "least", "most"),
    [(one, name, *FACTS[one]["ranges"][name]) for one in FACTS for name in FACTS[one]["ranges"]],
)
def test_a_number_has_its_published_bounds(
    desk_of: DeskOf, action: str, name: str, least: int, most: int
) -> None:
    for value, is_good in ((least, True), (most, True), (least - 1, False), (most + 1, False)):
        desk = desk_of(**fleet(session={"priority": 5}))
        said = desk.call(action, **{**GOOD[action], name: value})
        assert (said.code is None) is is_good
        assert is_good or said.code == f"IllegalParam.{name}"


@pytest.mark.parametrize(
    ("action", "name", "most"),
    [(one, name, most) for one in FACTS for name, most in FACTS[one]["at_most"].items()],
)
def test_a_list_longer_than_published_is_refused(
    desk_of: DeskOf, action: str, name: str, most: int
) -> None:
    structured = {"Tag", "Tags", "IngressRules", "EgressRules"}
    others = {one: value for one, value in GOOD[action].items() if not one.startswith(name)}
    given: dict[str, Any] = {name: [f"id-{number}" for number in range(most + 1)]}
    if name in structured:
        fields = {"Key": "k"} if name.startswith("Tag") else {"Action": "drop", "Protocol": "ALL"}
        given = {
            f"{name}.{number}.{field}": value
            for number in range(1, most + 2)
            for field, value in fields.items()
        }
    desk = desk_of(**usable(action))
    assert desk.call(action, **others, **given).code == f"IllegalParam.{name}"


def assert_shape(shape: Any, value: Any) -> None:
    kinds = {"string": str, "integer": int, "boolean": bool}
    if isinstance(shape, str):
        assert type(value) is kinds[shape]
    elif isinstance(shape, list):
        assert isinstance(value, list)
        for one in value:
            assert_shape(shape[0], one)
    else:
        assert set(value) >= set(shape)
        for name, inner in shape.items():
            assert_shape(inner, value[name])


@pytest.mark.parametrize("action", list(FACTS))
def test_a_good_call_has_every_field_of_its_answer_and_happens_once(
    desk_of: DeskOf, action: str
) -> None:
    desk = desk_of(**usable(action))
    said = [desk.call(action, **GOOD[action], ClientToken="t") for _ in range(2)]

    assert said[0].status == 200, said[0].body
    assert_shape(FACTS[action]["answer"], said[0].body)
    happened = [one["data"]["eventName"] for one in desk.raised()]
    assert happened == ([action] if FAMILY[action].changes else [])
    if FAMILY[action].changes:
        assert said[0].body == said[1].body


@pytest.mark.parametrize(
    "action", [action for action in FACTS if "DryRun" in FACTS[action]["parameters"]]
)
def test_a_dry_run_changes_nothing(desk_of: DeskOf, action: str) -> None:
    desk = desk_of(**usable(action))
    before = desk.things()
    assert desk.call(action, **GOOD[action], DryRun=True).code == "DryRunOperation"
    assert desk.things() == before


@pytest.mark.parametrize("action", [action for action in FACTS if FAMILY[action].changes])
def test_a_world_in_the_middle_of_a_change_is_given_back_as_it_was(
    desk_of: DeskOf, action: str
) -> None:
    desk = desk_of(**usable(action))
    assert desk.call(action, **GOOD[action], ClientToken="t").status == 200
    desk.advance(1)
    middle = desk.state()
    again = desk_of(**middle)
    assert again.state() == {**middle, "time": again.state()["time"]}
    for one in (desk, again):
        one.advance(2)
    unchanging = ("sessions", "filters", "service", "network_interfaces")
    assert [again.state()[key] for key in unchanging] == [desk.state()[key] for key in unchanging]
    assert all(one["change"] is None for one in again.state()["sessions"])
