"""Each documented error of AddSourcesToTrafficMirrorSession, and what mirror makes of it.

Where a fleet can bring the error about it does; the rest is brought about by a fault.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from evermirror.policy import Policy, Pool
from tests.worlds import a_session, an_interface, attached, eni, tms

from .conftest import Serve

ADD = "AddSourcesToTrafficMirrorSession"


def faulty(code: str, times: int | None = None) -> dict[str, Any]:
    when = {} if times is None else {"when": {"next": times}}
    return {"action": ADD, **when, "do": {"error": code, "status": 400}}


NEVER = [
    "DuplicatedParam.SourceInstanceIds",
    "OperationDenied.EcsNotSupportTrafficMirror",
    "OperationDenied.DuplicateRole",
    "OperationUnsupported.BondingNetworkInterface",
    "OperationDenied.UnsupportedTargetType",
]
FOR_EVERYBODY = ["IncorrectBusinessStatus.TrafficMirror", "OptInRequired.TrafficMirror"]
NOT_YET = [
    "IncorrectStatus.TrafficMirrorSession",
    "ResourceNotFound.NetworkInterface",
    "ResourceNotFound.EcsInstance",
    "OperationDenied.FreeNetworkInterface",
]
OF_THE_SESSION = [
    "ResourceNotFound.TrafficMirrorSession",
    "QuotaExceeded.SourceNumPerSession",
    "QuotaExceeded.SourceNumPerTarget",
    "QuotaExceeded.NetworkInterfaceRelatedSession",
]
DONE = ["ResourceAlreadyAssociated.TrafficMirrorSource"]


def test_the_lists_above_are_all_sixteen() -> None:
    codes = [*NEVER, *FOR_EVERYBODY, *NOT_YET, *OF_THE_SESSION, *DONE]

    assert len(set(codes)) == len(codes) == 16


@pytest.mark.parametrize("code", NEVER)
def test_a_refusal_for_good_is_told_at_once_with_its_remedy(serve: Serve, code: str) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([faulty(code)])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"], told["attempts"]) == ("rejected", code, 1)
    assert told["remedy"]
    assert world.placements() == {}


@pytest.mark.parametrize("code", FOR_EVERYBODY)
def test_a_refusal_of_everybody_stops_the_run_and_shouts(serve: Serve, code: str) -> None:
    world = serve([1, 2, 3], [1])
    world.cloud.set_faults([faulty(code)])
    writer = world.writer()

    told = writer.outcomes(*[attached(n) for n in (1, 2, 3)])

    assert {(one["outcome"], one["reason"]) for one in told} == {("deferred", code)}
    assert all(one["remedy"] for one in told)
    assert len(world.adds()) == 1
    assert code in [json.loads(line).get("code") for line in writer.lines.getvalue().splitlines()]


@pytest.mark.parametrize("code", NOT_YET)
def test_a_refusal_for_now_is_waited_out_with_another_token(serve: Serve, code: str) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([faulty(code, times=2)])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["attempts"]) == ("mirrored", 3)
    assert len({add["parameters"]["ClientToken"] for add in world.adds()}) == 3
    assert len({add["parameters"]["TrafficMirrorSessionId"] for add in world.adds()}) == 1
    assert world.placements() == {eni(1): [told["session_id"]]}


@pytest.mark.parametrize("code", NOT_YET[1:])
def test_a_refusal_for_now_that_stays_is_told_in_the_end(serve: Serve, code: str) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([faulty(code)])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("rejected", code)
    assert told["remedy"]


def test_a_session_that_stays_busy_is_handed_over(serve: Serve) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([faulty(NOT_YET[0])])

    answer = world.writer().deliver(attached(1))

    assert (answer["outcomes"], answer["handed_over"]) == ([], 1)


@pytest.mark.parametrize("code", OF_THE_SESSION)
def test_a_refusal_of_the_session_leads_to_the_next_in_the_order(serve: Serve, code: str) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([faulty(code, times=1)])

    told = world.writer().outcome(attached(1))

    first, second = (add["parameters"]["TrafficMirrorSessionId"] for add in world.adds())
    assert first != second == told["session_id"]
    assert (told["outcome"], told["attempts"]) == ("mirrored", 2)
    assert world.placements() == {eni(1): [second]}


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("ResourceNotFound.TrafficMirrorSession", "deferred", None),
        ("QuotaExceeded.SourceNumPerSession", "deferred", "pool_full"),
        ("QuotaExceeded.SourceNumPerTarget", "deferred", "pool_full"),
        ("QuotaExceeded.NetworkInterfaceRelatedSession", "rejected", None),
    ],
)
def test_when_every_session_refuses_that_is_told_with_its_remedy(
    serve: Serve, code: str, outcome: str, reason: str | None
) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([faulty(code)])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == (outcome, reason or code)
    assert told["remedy"]
    assert len(world.adds()) == 2


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        # What the List would have said, had it been fresh.
        ("QuotaExceeded.SourceNumPerSession", "no_session_mirrors"),
        ("QuotaExceeded.SourceNumPerTarget", "pool_full"),
    ],
)
def test_a_refusal_as_full_names_what_keeps_the_whole_pool_from_mirroring(
    serve: Serve, code: str, reason: str
) -> None:
    world = serve([1], [1, a_session(2, enabled=False)])
    world.cloud.set_faults([faulty(code)])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("deferred", reason)
    assert world.sources(1, 2) == [[], []]


def test_already_associated_is_success(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)])
    empty = {"RequestId": "R", "NextToken": "", "TotalCount": "1", "TrafficMirrorSessions": []}
    session = {
        "TrafficMirrorSessionId": tms(1),
        "TrafficMirrorSessionStatus": "Created",
        "TrafficMirrorSessionBusinessStatus": "Normal",
        "TrafficMirrorSourceIds": [],
        "Enabled": True,
    }
    stale = json.dumps({**empty, "TrafficMirrorSessions": [session]})
    world.cloud.set_faults(
        [
            {
                "action": "ListTrafficMirrorSessions",
                "when": {"next": 1},
                "do": {"body": stale, "status": 200},
            }
        ]
    )

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["attempts"]) == ("already_mirrored", 1)
    assert world.placements() == {eni(1): [tms(1)]}


def test_an_unknown_code_is_final_but_loud(serve: Serve) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([faulty("OperationDenied.SomethingNew")])
    writer = world.writer()

    told = writer.outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("rejected", "OperationDenied.SomethingNew")
    assert '"ERROR"' in writer.lines.getvalue()
    assert "OperationDenied.SomethingNew" in writer.lines.getvalue()


@pytest.mark.parametrize("action", ["ListTrafficMirrorSessions", "DescribeNetworkInterfaces"])
def test_a_role_that_may_not_read_stops_the_run(serve: Serve, action: str) -> None:
    world = serve([1, 2], [1])
    world.cloud.set_faults([{"action": action, "do": {"error": "Forbidden.RAM", "status": 403}}])

    told = world.writer().outcomes(attached(1), attached(2))

    assert {(one["outcome"], one["reason"]) for one in told} == {("deferred", "Forbidden.RAM")}
    assert all(one["remedy"] for one in told)
    assert world.adds() == []


# The same codes where the world itself leads to them, without a fault.


def test_an_interface_that_is_a_target_elsewhere_is_refused_by_the_service(serve: Serve) -> None:
    target = a_session(2, target=eni(1), target_type="NetworkInterface")
    world = serve([1], [1, target])

    writer = world.writer(Policy(pools={"one": Pool("one", (tms(1),))}, default="one"))

    told = writer.outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("rejected", "OperationDenied.DuplicateRole")


@pytest.mark.parametrize(
    ("instance", "interface", "code"),
    [
        ({"supports_mirror": False}, {}, "OperationDenied.EcsNotSupportTrafficMirror"),
        (
            {},
            {"bond_without_slave": True},
            "OperationUnsupported.BondingNetworkInterface",
        ),
    ],
)
def test_what_the_service_can_never_mirror_is_told_with_its_code(
    serve: Serve, instance: dict[str, Any], interface: dict[str, Any], code: str
) -> None:
    made = an_interface(1, **interface)
    world = serve([made], [1], instances=[{"id": made["instance"], **instance}])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("rejected", code)


def test_an_interface_in_three_sessions_is_refused_everywhere(serve: Serve) -> None:
    others = [a_session(n, 1) for n in (11, 12, 13)]
    world = serve([1], [1, 2, *others])

    writer = world.writer(Policy(pools={"two": Pool("two", (tms(1), tms(2)))}, default="two"))

    told = writer.outcome(attached(1))

    assert (told["outcome"], told["reason"]) == (
        "rejected",
        "QuotaExceeded.NetworkInterfaceRelatedSession",
    )


@pytest.mark.parametrize(
    "beside", [a_session(2, enabled=False), a_session(2, *range(101, 111))], ids=["idle", "full"]
)
def test_who_is_in_three_sessions_is_told_so_whatever_the_pools_other_sessions_are(
    serve: Serve, beside: dict[str, Any]
) -> None:
    world = serve([1], [1, beside, *(a_session(n, 1) for n in (11, 12, 13))])
    writer = world.writer(Policy(pools={"two": Pool("two", (tms(1), tms(2)))}, default="two"))

    told = writer.outcome(attached(1))

    assert (told["outcome"], told["reason"]) == (
        "deferred",
        "QuotaExceeded.NetworkInterfaceRelatedSession",
    )


def test_a_service_that_is_not_opened_is_told(serve: Serve) -> None:
    world = serve([1], [1], service={"enabled": False})

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("deferred", "OptInRequired.TrafficMirror")
