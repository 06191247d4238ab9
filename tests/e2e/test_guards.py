"""What cannot be seen whole is not acted on: a sweep says so, by its exit status as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import EVERYTHING
from tests.unit.commandline.conftest import run as evermirror
from tests.worlds import a_fleet, a_session, eni, tms

from .conftest import Product, Run
from .permissions import template_without

LIST = "ListTrafficMirrorSessions"
EMPTY = '{"RequestId":"R","TotalCount":"0","TrafficMirrorSessions":[]}'
ANSWERS_EMPTY = {"action": LIST, "do": {"body": EMPTY, "status": 200}}
CUT_WHILE_PAGING = {"action": LIST, "when": {"every": 2}, "do": {"truncate": 20}}


def looked(product: Product, command: str) -> tuple[int, dict[str, Any]]:
    """Exit status and answer of `evermirror coverage` or `evermirror sweep`."""
    shown = evermirror(command, "--endpoint", product.cloud.endpoint, "--json")
    return shown.exit_code, json.loads(shown.stdout)


def changes(product: Product) -> list[str]:
    reads = ("List", "Describe")
    return [one["action"] for one in product.cloud.journal() if not one["action"].startswith(reads)]


def assert_unknown(product: Product, command: str, reason: str) -> dict[str, Any]:
    status, told = looked(product, command)
    assert (status, told["unknown"], told["share"]) == (4, reason, None)
    return told


def assert_nothing_came_of_it(product: Product, before: list[dict[str, Any]]) -> None:
    assert product.settled()["dead_letters"] == 0
    assert changes(product) == []
    assert product.control.outcomes() == []
    assert product.cloud.state()["sessions"] == before


def test_lists_that_are_empty_or_cut_short_lead_to_nothing_and_status_4(run: Run) -> None:
    # More sessions than a page has; one of them holds a source that is gone.
    sessions = [a_session(1, 1, 99), *range(2, 151)]
    product = run(a_fleet([1, 2, 3], sessions), Reclaim="on")
    before = product.cloud.state()["sessions"]

    for fault, reason in ((ANSWERS_EMPTY, "no_sessions_read"), (CUT_WHILE_PAGING, "cut_short")):
        for command in ("coverage", "sweep"):
            product.cloud.set_faults([fault])
            told = assert_unknown(product, command, reason)
            assert told.get("asked", 0) == 0
    product.cloud.set_faults([])

    assert_nothing_came_of_it(product, before)
    assert looked(product, "coverage")[0] == 3


def test_a_role_that_may_not_describe_leads_to_nothing_and_status_4(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    template = template_without(folder, "ReconcileRole", "ecs:DescribeNetworkInterfaces")
    product = run(a_fleet([1, 2], [a_session(1, 1, 99)]), template=template, Reclaim="on")
    before = product.cloud.state()["sessions"]

    told = assert_unknown(product, "sweep", "no_interfaces_read")

    assert (told["asked"], told["gone"]) == (0, 0)
    assert_nothing_came_of_it(product, before)


def test_a_policy_that_suddenly_excludes_all_leads_to_nothing_and_status_4(run: Run) -> None:
    pools = {"all": Pool("all", (tms(1),))}
    nothing = Policy(pools, (Rule("typo", EVERYTHING, None),))
    product = run(a_fleet([1, 2], [a_session(1, 1)]), nothing, Reclaim="on")
    before = product.cloud.state()["sessions"]

    for command in ("coverage", "sweep"):
        told = assert_unknown(product, command, "nothing_eligible")
        assert (told["excluded"], told["extra"]) == ({"typo": 2}, 1)
        assert [one.split()[0] for one in told["listed"]["extra"]] == [eni(1)]

    assert_nothing_came_of_it(product, before)


@pytest.mark.parametrize("allowed", ["vpc:*", "ecs:*"])
def test_coverage_asked_for_with_a_key_that_may_not_read_all_is_unknown(
    run: Run, allowed: str
) -> None:
    statement = {"Effect": "Allow", "Action": [allowed], "Resource": "*"}
    key = {"access_key_id": "reader-key", "access_key_secret": "reader-secret"}
    key_of_a_reader = {**key, "policies": [{"Version": "1", "Statement": [statement]}]}
    product = run(a_fleet([1, 2], [a_session(1, 1)], keys=[key_of_a_reader]))

    shown = evermirror(
        "coverage",
        *("--endpoint", product.cloud.endpoint, "--json"),
        ALIBABA_CLOUD_ACCESS_KEY_ID="reader-key",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET="reader-secret",
    )

    reason = {"vpc:*": "no_interfaces_read", "ecs:*": "Forbidden.RAM"}[allowed]
    told = json.loads(shown.stdout)
    assert (shown.exit_code, told["unknown"], told["share"]) == (4, reason, None)
    assert told["remedies"]
