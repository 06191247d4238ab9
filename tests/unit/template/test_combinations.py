"""The product's template, deployed in every way that its switches allow, has nothing against it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from .combinations import SWITCHES, every_combination, every_pair
from .ros_schema import document, evaluated, findings


def test_every_two_switches_meet_in_each_of_their_four_ways() -> None:
    combinations = list(every_pair())
    for first, second in itertools.combinations(SWITCHES.values(), 2):
        for one, other in itertools.product(first, second):
            both = {**one, **other}
            assert any(both.items() <= combination.items() for combination in combinations)


@pytest.mark.parametrize("parameters", list(every_pair()))
def test_properties_fit_names_resolve_and_permissions_are_those_needed(
    parameters: dict[str, Any],
) -> None:
    assert findings(document(), **parameters) == []


def test_the_switches_turn_every_condition_both_ways() -> None:
    source = document()
    found = [evaluated(source, **parameters).conditions() for parameters in every_pair()]
    for name in source["Conditions"]:
        assert {conditions[name] for conditions in found} == {True, False}, name


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_every_combination_of_the_conditions_can_be_deployed() -> None:
    source = document()
    seen: set[tuple[bool, ...]] = set()
    for parameters in every_combination():
        assert findings(source, **parameters) == [], parameters
        seen.add(tuple(evaluated(source, **parameters).conditions().values()))
    assert len(seen) > 4000


@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60])
@pytest.mark.parametrize("runtime", ["python3.12", "python3.10"])
def test_every_interval_and_runtime_that_can_be_chosen_is_known(minutes: int, runtime: str) -> None:
    parameters = {"SweepInterval": minutes, "Runtime": runtime}
    assert findings(document(), **parameters) == []
    template = evaluated(document(), **parameters)
    by_name = {resource.logical_id: resource.properties for resource in template.resources()}
    environment: Any = by_name["ReconcileFunction"]["EnvironmentVariables"]
    trigger: Any = by_name["SweepTrigger"]["TriggerConfig"]
    assert environment["EVERMIRROR_SWEEP_INTERVAL_S"] == str(60 * minutes)
    assert trigger["cronExpression"] == f"@every {minutes}m"
    code: Any = by_name["DependenciesLayer"]["Code"]
    assert code["OssObjectName"] == f"evermirror/dependencies-{runtime}.zip"
