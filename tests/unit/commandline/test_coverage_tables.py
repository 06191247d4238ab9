"""What `evermirror coverage` shows of where packets go, and of sessions that need a look."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from commandline.coverage_tables import percent, show_coverage
from evermirror.coverage import Coverage, Listed, remedies, to_wire
from evermirror.policy import compile_policy
from tests.worlds import ONE_WAY, a_fleet, a_session, an_interface, eni, instance, tms

from .conftest import Serve, run
from .plans import BALANCER, BOTH_WAYS, EVERYTHING, GROW, GROWING, SENSORS, changed

TAG = "evermirror-pool"


def shown(found: Coverage) -> list[str]:
    paper = io.StringIO()
    show_coverage({**to_wire(found), "remedies": remedies(found)}, Console(file=paper, width=200))
    return [" ".join(line.split()) for line in paper.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("mirrored", "missing", "share"),
    [
        (99_996, 4, "99.99%"),
        (2, 1, "66.66%"),
        (0, 3, "0.00%"),
        (99_999, 0, "100.00%"),
    ],
)
def test_a_hundred_percent_means_that_everything_is_mirrored(
    mirrored: int, missing: int, share: str
) -> None:
    found = Coverage(
        mirrored=tuple(map(eni, range(mirrored))),
        missing=tuple(map(eni, range(mirrored, mirrored + missing))),
    )

    assert shown(found)[0].startswith(f"coverage: {share}, ")
    assert (to_wire(found)["share"] == 1.0) == (missing == 0)


def test_a_share_that_is_told_to_programs_is_never_rounded_up() -> None:
    found = Coverage(mirrored=("eni",) * 3_000_000, missing=("eni",))

    assert to_wire(found)["share"] == 0.999999


def test_no_share_is_written_by_a_format_that_rounds_up() -> None:
    root = Path(__file__).parents[3]
    rounding = [
        path
        for folder in ("layers", "local", "functions", "bench")
        for path in (root / folder).rglob("*.py")
        if re.search(r":[^{}\n]*%\}", path.read_text("utf-8"))
    ]

    assert rounding == []
    assert (percent(1_999, 2_000, 0), percent(2_000, 2_000, 0)) == ("99%", "100%")


def test_people_see_where_the_packets_go() -> None:
    targets = {BALANCER: 3, eni(900): 1}

    assert shown(Coverage(mirrored=("a",) * 4, targets=targets))[2:5] == [
        "mirrored 4 in a session of their pool that works",
        f"3 to {BALANCER}",
        f"1 to {eni(900)}",
    ]


def test_of_many_targets_those_of_most_packets_are_shown() -> None:
    targets = {f"lb-{n:02}": 20 - n for n in range(13)}

    lines = shown(Coverage(mirrored=("a",), targets=targets))

    assert "11 to lb-09" in lines
    assert "27 to others: --json names them" in lines


def test_interfaces_that_a_stranger_claims_are_named_with_the_session_and_have_no_order() -> None:
    found = Coverage(claimed_by_stranger=(Listed(eni(1), tms(9)),), oldest_gap_s=7200.0)

    lines = shown(found)

    assert "claimed_by_stranger 1 a session of no pool has it as its target" in lines
    assert f"{eni(1)} in {tms(9)}" in lines
    assert "→ The oldest gap is at most 2.0 hours old." in lines


def counted(serve: Serve, fleet: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    cloud = serve(fleet, compile_policy(policy))
    found = run("coverage", "--endpoint", cloud.endpoint, "--json", **GROWING)
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def test_the_second_interface_of_a_strangers_target_is_ordinary(serve: Serve) -> None:
    beside = an_interface(2, instance=instance(1), type="Secondary")
    claim = a_session(9, target=eni(1), target_type="NetworkInterface")

    told = counted(serve, a_fleet([1, beside], [1, claim]), EVERYTHING)

    assert (told["eligible"], told["excluded"], told["status"]) == (2, {}, "gaps")
    assert told["listed"]["missing"] == [eni(2)]
    assert told["listed"]["claimed_by_stranger"] == [f"{eni(1)} in {tms(9)}"]


def test_sessions_without_their_tag_or_with_that_of_an_unknown_pool_are_counted(
    serve: Serve,
) -> None:
    sessions = [
        a_session(1, 1, name="ids-0"),
        a_session(2, 2, name="old-1", tags={TAG: "old"}),
        a_session(3, 3, name="ids-2", tags={TAG: "ids"}),
    ]
    policy = changed(pools={"ids": {"sensors": SENSORS, "grow": GROW}})

    told = counted(serve, a_fleet([1, 2, 3], sessions, filters=[BOTH_WAYS]), policy)

    assert (told["untagged"], told["unknown_pool"], told["one_direction"]) == (1, 1, 0)
    assert told["mirrored"] == 2
    assert (told["listed"]["untagged"], told["listed"]["unknown_pool"]) == ([tms(1)], [tms(2)])


def test_a_sensor_that_is_stopped_is_seen_without_a_rule_that_asks_about_instances(
    serve: Serve,
) -> None:
    target = {"target": eni(9), "target_type": "NetworkInterface"}
    policy = changed(pools={"ids": {"sessions": [tms(1)], "sensors": {"instance": instance(9)}}})
    fleet = a_fleet([1, 9], [a_session(1, 1, **target)])
    fleet["instances"][1]["status"] = "Stopped"

    told = counted(serve, fleet, policy)

    assert (told["status"], told["ineffective_because"]) == ("gaps", {"target_not_running": 1})
    assert told["target_not_read"] == 0


def test_a_load_balancer_is_told_as_a_target_that_nobody_looked_at(serve: Serve) -> None:
    cloud = serve(a_fleet([1], [a_session(1, 1)], filters=ONE_WAY))

    found = run("coverage", "--endpoint", cloud.endpoint)
    told = json.loads(run("coverage", "--endpoint", cloud.endpoint, "--json").stdout)

    assert found.exit_code == 0
    assert "target_not_read  1" in found.stdout
    assert "one_direction    1" in found.stdout
    assert told["targets"] == {BALANCER: 1}
