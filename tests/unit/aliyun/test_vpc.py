"""Adding names exactly what it should; listing is whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.vpc import Vpc
from evermirror.model import Session
from evermirror.results import Accepted, Kind, ReadError, Refused, Unknown

RpcTo = Callable[..., Rpc]

SESSION = {
    "TrafficMirrorSessionId": "tms-j6c00000000000000001",
    "TrafficMirrorSessionName": "ids-1",
    "TrafficMirrorSessionDescription": "",
    "TrafficMirrorSessionStatus": "Created",
    "TrafficMirrorSessionBusinessStatus": "Normal",
    "TrafficMirrorSourceIds": ["eni-j6c000000000000001", "eni-j6c000000000000002"],
    "TrafficMirrorTargetId": "eni-j6csensor0000000001",
    "TrafficMirrorTargetType": "NetworkInterface",
    "TrafficMirrorFilterId": "tmf-j6c00000000000000001",
    "VirtualNetworkId": 10,
    "Priority": 1,
    "PacketLength": 1500,
    "Enabled": True,
    "ResourceGroupId": "rg-1",
    "Tags": [{"Key": "mirror", "Value": "big"}, {"Key": "bare"}, {"Value": "no key"}],
    "CreationTime": "2023-09-05T15:26Z",
}


def page(*sessions: object, token: str | None = "", **more: object) -> dict[str, object]:
    return {
        "RequestId": "R",
        "NextToken": token,
        "TotalCount": str(len(sessions)),
        "TrafficMirrorSessions": list(sessions),
        **more,
    }


def test_adding_sources_names_session_sources_and_token(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, {"RequestId": "R"}))

    answer = Vpc(rpc_to(server.url)).add_sources("tms-1", ["eni-1", "eni-2"], "token")

    assert answer == Accepted("R")
    assert server.seen[0].headers["x-acs-action"] == "AddSourcesToTrafficMirrorSession"
    assert server.seen[0].query == {
        "RegionId": "cn-hongkong",
        "TrafficMirrorSessionId": "tms-1",
        "TrafficMirrorSourceIds.1": "eni-1",
        "TrafficMirrorSourceIds.2": "eni-2",
        "ClientToken": "token",
    }


def test_a_dry_run_that_passes_is_accepted_and_says_that_it_was_one(
    rpc_to: RpcTo, loopbacks: Any
) -> None:
    passed = {"RequestId": "R", "Code": "DryRunOperation", "Message": "Passed."}
    server = loopbacks.start().will(loopbacks.answer(400, passed))

    answer = Vpc(rpc_to(server.url)).add_sources("tms-1", ["eni-1"], "token", dry_run=True)

    assert answer == Accepted("R", dry_run=True)
    assert server.seen[0].query["DryRun"] == "true"


def test_a_dry_run_can_fail_like_the_real_thing(rpc_to: RpcTo, loopbacks: Any) -> None:
    full = {"RequestId": "R", "Code": "QuotaExceeded.SourceNumPerSession", "Message": "Full."}
    server = loopbacks.start().will(loopbacks.answer(400, full))

    answer = Vpc(rpc_to(server.url)).add_sources("tms-1", ["eni-1"], "token", dry_run=True)

    assert isinstance(answer, Refused)
    assert answer.kind is Kind.ELSEWHERE


def test_a_dry_run_that_nobody_asked_for_proves_nothing(rpc_to: RpcTo, loopbacks: Any) -> None:
    passed = {"RequestId": "R", "Code": "DryRunOperation", "Message": "Passed."}
    server = loopbacks.start().will(loopbacks.answer(400, passed))

    answer = Vpc(rpc_to(server.url)).add_sources("tms-1", ["eni-1"], "token")

    assert answer == Unknown("dry_run_not_asked_for")


def test_a_lost_answer_to_a_change_is_no_error(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.reset)

    answer = Vpc(rpc_to(server.url)).add_sources("tms-1", ["eni-1"], "token")

    assert answer == Unknown("cut_short")


def test_a_session_is_read_with_all_that_matters(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, page(SESSION)))

    sessions = Vpc(rpc_to(server.url)).list_sessions(["tms-j6c00000000000000001"])

    assert sessions == (
        Session(
            id="tms-j6c00000000000000001",
            status="Created",
            source_ids=("eni-j6c000000000000001", "eni-j6c000000000000002"),
            name="ids-1",
            business_status="Normal",
            enabled=True,
            target_id="eni-j6csensor0000000001",
            target_type="NetworkInterface",
            filter_id="tmf-j6c00000000000000001",
            priority=1,
            tags={"mirror": "big", "bare": ""},
            created_at=1_693_927_560.0,
            packet_length=1500,
            virtual_network_id=10,
        ),
    )
    assert server.seen[0].query == {
        "RegionId": "cn-hongkong",
        "MaxResults": "100",
        "TrafficMirrorSessionIds.1": "tms-j6c00000000000000001",
    }


def test_what_a_session_does_not_say_is_not_claimed_for_it(rpc_to: RpcTo, loopbacks: Any) -> None:
    bare: dict[str, object] = {
        "TrafficMirrorSessionId": "tms-1",
        "TrafficMirrorSourceIds": None,
        "Surprise": {},
    }
    server = loopbacks.start().will(loopbacks.answer(200, page(bare)))

    (session,) = Vpc(rpc_to(server.url)).list_sessions(["tms-1"])

    assert (session.status, session.business_status, session.enabled) == ("", "", False)
    assert (session.source_ids, session.created_at) == ((), None)
    assert (session.packet_length, session.virtual_network_id) == (None, None)


def test_every_page_is_read(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, page({"TrafficMirrorSessionId": "tms-1"}, token="more")),
        loopbacks.answer(200, page({"TrafficMirrorSessionId": "tms-2"}, token=None)),
    )

    sessions = Vpc(rpc_to(server.url)).list_sessions(["tms-1", "tms-2"])

    assert [session.id for session in sessions] == ["tms-1", "tms-2"]
    assert "NextToken" not in server.seen[0].query
    assert server.seen[1].query["NextToken"] == "more"
    assert server.seen[1].query["TrafficMirrorSessionIds.2"] == "tms-2"


def test_more_than_a_hundred_sessions_take_several_calls(rpc_to: RpcTo, loopbacks: Any) -> None:
    ids = [f"tms-{number}" for number in range(250)]
    server = loopbacks.start().will(
        *(loopbacks.answer(200, page({"TrafficMirrorSessionId": i})) for i in ids[::100])
    )

    sessions = Vpc(rpc_to(server.url)).list_sessions(ids)

    assert [session.id for session in sessions] == ["tms-0", "tms-100", "tms-200"]
    named = [
        [v for k, v in seen.query.items() if k.startswith("TrafficMirrorSessionIds.")]
        for seen in server.seen
    ]
    assert [len(some) for some in named] == [100, 100, 50]
    assert [one for some in named for one in some] == ids


def test_a_session_listed_twice_is_one_session_as_last_seen(rpc_to: RpcTo, loopbacks: Any) -> None:
    earlier = {"TrafficMirrorSessionId": "tms-1", "TrafficMirrorSessionStatus": "Modifying"}
    later = {"TrafficMirrorSessionId": "tms-1", "TrafficMirrorSessionStatus": "Created"}
    server = loopbacks.start().will(
        loopbacks.answer(200, page(earlier, token="more")), loopbacks.answer(200, page(later))
    )

    (session,) = Vpc(rpc_to(server.url)).list_sessions(["tms-1"])

    assert session.status == "Created"


def test_asking_for_no_session_asks_nothing(rpc_to: RpcTo, refused_url: str) -> None:
    """Without ids the service would list every session of the account."""
    assert Vpc(rpc_to(refused_url)).list_sessions([]) == ()


def test_a_list_that_leads_back_to_itself_is_not_read_forever(
    rpc_to: RpcTo, loopbacks: Any
) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, page(SESSION, token="again")))

    with pytest.raises(ReadError, match="endless_list"):
        Vpc(rpc_to(server.url)).list_sessions(["tms-1"])

    assert len(server.seen) == 2


def test_a_list_by_ids_that_goes_on_and_on_does_not_use_up_an_invocation(
    rpc_to: RpcTo, loopbacks: Any
) -> None:
    pages = [loopbacks.answer(200, page(SESSION, token=f"more-{n}")) for n in range(40)]
    server = loopbacks.start().will(*pages)

    with pytest.raises(ReadError, match="endless_list"):
        Vpc(rpc_to(server.url)).list_sessions(["tms-1"])

    assert len(server.seen) == 20


def test_a_list_broken_on_its_second_page_gives_nothing(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, page(SESSION, token="more")),
        loopbacks.answer(200, page(SESSION), cut=5),
    )

    with pytest.raises(ReadError, match="cut_short"):
        Vpc(rpc_to(server.url)).list_sessions(["tms-1"])


@pytest.mark.parametrize(
    "broken",
    [
        {"RequestId": "R", "TotalCount": "3"},
        {"RequestId": "R", "TotalCount": 3, "TrafficMirrorSessions": None},
        {"RequestId": "R", "TrafficMirrorSessions": [{"TrafficMirrorSessionStatus": "Created"}]},
        {"RequestId": "R", "TrafficMirrorSessions": "none"},
        {"TrafficMirrorSessions": []},
        {},
    ],
)
def test_a_list_that_contradicts_itself_is_not_taken_for_an_empty_one(
    rpc_to: RpcTo, loopbacks: Any, broken: object
) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, broken))

    with pytest.raises(ReadError):
        Vpc(rpc_to(server.url)).list_sessions(["tms-1"])


@pytest.mark.parametrize(
    "empty",
    [
        {"RequestId": "R", "TotalCount": "0", "TrafficMirrorSessions": []},
        {"RequestId": "R", "TotalCount": 0},
        {"RequestId": "R", "TrafficMirrorSessions": None, "NextToken": None},
    ],
)
def test_unknown_sessions_are_left_out(rpc_to: RpcTo, loopbacks: Any, empty: object) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, empty))

    assert Vpc(rpc_to(server.url)).list_sessions(["tms-1"]) == ()
