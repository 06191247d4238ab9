"""Every error of the ECS calls that make a world move is reached, and changes nothing."""

from __future__ import annotations

import pytest

from localcloud.compute_refusals import COMPUTE

from .attaching_errors import OF_ATTACHING
from .compute_calls import FLEET, GOOD, LAUNCH, DeskOf, Row
from .instance_errors import OF_INSTANCES, ONE_INSTANCE
from .making_errors import OF_MAKING

REQUIRED = {
    "RunInstances": list(LAUNCH),
    **{name: list(given) for name, given in GOOD.items() if name != "RunInstances"},
}
DRY = tuple(name for name in GOOD if "NetworkInterface" not in name)
REGIONAL = tuple(name for name in GOOD if name not in ONE_INSTANCE)
OF_ANY_CALL: list[Row] = [
    (404, "InvalidRegionId.NotFound", tuple(GOOD), {}, {"RegionId": "cn-beijing"}),
    (400, "DryRunOperation", DRY, {}, {"DryRun": True}),
    *(
        (400, "MissingParameter", (name,), {}, {one: ""})
        for name, required in REQUIRED.items()
        for one in required
    ),
    (400, "MissingParameter", REGIONAL, {}, {"RegionId": ""}),
]
ERRORS = [*OF_MAKING, *OF_ATTACHING, *OF_INSTANCES, *OF_ANY_CALL]
CASES = [(row, action) for row in ERRORS for action in row[2]]


@pytest.mark.parametrize(("row", "action"), CASES, ids=[f"{a} {row[1]}" for row, a in CASES])
def test_every_error_is_reached_by_a_fleet_and_a_call_and_changes_nothing(
    desk_of: DeskOf, row: Row, action: str
) -> None:
    status, code, _, keys, parameters = row
    desk = desk_of(**{**FLEET, **keys})
    before = desk.things()

    said = desk.call(action, **{**GOOD[action], **parameters})

    assert (said.status, said.code) == (status, code)
    assert desk.things() == before


def test_every_code_of_the_catalogue_is_reached() -> None:
    assert set(COMPUTE) == {row[1] for row in ERRORS} & set(COMPUTE)
