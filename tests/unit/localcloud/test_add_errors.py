"""Each error of AddSourcesToTrafficMirrorSession has a fleet and a call that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

SESSION = "tms-j6c00000000000000001"
INTERFACE = "eni-j6c000000000000001"
ODD = "eni-j6codd"
INSTANCE = "i-j6codd"
DeskOf = Callable[..., Any]


def odd(**keys: Any) -> dict[str, Any]:
    """A fleet with one odd interface on an instance of its own."""
    interface = {"id": ODD, "instance": INSTANCE, **keys}
    return {"instances": [{"id": INSTANCE}], "network_interfaces": [interface]}


def holding(*sources: str, count: int = 1, **keys: Any) -> dict[str, Any]:
    """A fleet whose first sessions have these sources."""
    ids = [f"tms-j6cheld{number}" for number in range(count)]
    return {"sessions": [{"id": one, "sources": sources, **keys} for one in ids]}


# Per code: keys of the fleet, the source, the session.
CASES: Mapping[str, tuple[dict[str, Any], str, str]] = {
    "IncorrectBusinessStatus.TrafficMirror": (
        {"service": {"business_status": "FinancialLocked"}},
        INTERFACE,
        SESSION,
    ),
    "OptInRequired.TrafficMirror": ({"service": {"enabled": False}}, INTERFACE, SESSION),
    "ResourceNotFound.TrafficMirrorSession": ({}, INTERFACE, "tms-j6cnone"),
    "IncorrectStatus.TrafficMirrorSession": (
        {"sessions": [{"id": "tms-j6cbusy", "status": "Modifying"}]},
        INTERFACE,
        "tms-j6cbusy",
    ),
    "ResourceAlreadyAssociated.TrafficMirrorSource": (
        holding(INTERFACE),
        INTERFACE,
        "tms-j6cheld0",
    ),
    "ResourceNotFound.NetworkInterface": ({}, "eni-j6cnone", SESSION),
    "ResourceNotFound.EcsInstance": (
        {"network_interfaces": [{"id": ODD, "instance": "i-j6cnone"}]},
        ODD,
        SESSION,
    ),
    "OperationDenied.EcsNotSupportTrafficMirror": (
        {**odd(), "instances": [{"id": INSTANCE, "supports_mirror": False}]},
        ODD,
        SESSION,
    ),
    "OperationDenied.DuplicateRole": (
        {"sessions": [{"id": "tms-j6ctargets", "target": INTERFACE}]},
        INTERFACE,
        SESSION,
    ),
    "QuotaExceeded.NetworkInterfaceRelatedSession": (
        holding(INTERFACE, count=3),
        INTERFACE,
        SESSION,
    ),
    "OperationDenied.FreeNetworkInterface": (
        {"network_interfaces": [{"id": ODD, "status": "Available"}]},
        ODD,
        SESSION,
    ),
    "QuotaExceeded.SourceNumPerSession": (
        holding(*(f"eni-j6cfull{number}" for number in range(10))),
        INTERFACE,
        "tms-j6cheld0",
    ),
    "QuotaExceeded.SourceNumPerTarget": (
        {**holding(*(f"eni-j6cfull{number}" for number in range(9)), target="eni-j6csensor"),
         "limits": {"sources_per_target": 9}},
        INTERFACE,
        "tms-j6cheld0",
    ),
    "OperationUnsupported.BondingNetworkInterface": (
        odd(bond_without_slave=True),
        ODD,
        SESSION,
    ),
    "OperationDenied.UnsupportedTargetType": (
        {**odd(nat_gateway=True), "sessions": [{"id": "tms-j6ctoeni", "target": "eni-j6csensor"}]},
        ODD,
        "tms-j6ctoeni",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_documented_error_is_reached_by_a_fleet_and_a_call(desk_of: DeskOf, code: str) -> None:
    keys, source, session = CASES[code]
    desk = desk_of(**keys)
    before = desk.state()["sessions"]

    said = desk.add(source, session, ClientToken="once")
    assert (said.status, said.code) == (400, code)
    assert set(said.body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert desk.state()["sessions"] == before
    assert desk.state()["tokens"] == []


def test_a_source_named_twice_is_refused(desk: Any) -> None:
    said = desk.call(
        "AddSourcesToTrafficMirrorSession",
        TrafficMirrorSessionId=SESSION,
        TrafficMirrorSourceIds=[INTERFACE, INTERFACE],
    )

    assert (said.status, said.code) == (400, "DuplicatedParam.SourceInstanceIds")


def test_all_sixteen_are_covered() -> None:
    assert len(CASES) + 1 == 16


def test_one_bad_source_among_several_keeps_all_out(desk_of: DeskOf) -> None:
    desk = desk_of(limits={"sources_per_call": 3})
    parameters = {"TrafficMirrorSessionId": SESSION}
    sources = [INTERFACE, "eni-j6cnone"]
    said = desk.call(
        "AddSourcesToTrafficMirrorSession", TrafficMirrorSourceIds=sources, **parameters
    )

    assert said.code == "ResourceNotFound.NetworkInterface"
    assert desk.session() == ("Created", [])


@pytest.mark.parametrize(
    ("keys", "behaviour", "code"),
    [
        ({"service_managed": True}, {}, "OperationDenied.EcsNotSupportTrafficMirror"),
        ({"service_managed": True}, {"service_managed_code": None}, None),
        ({"trunk": "eni-j6ctrunk"}, {}, None),
        ({"trunk": "eni-j6ctrunk"}, {"member_code": "OperationDenied.X"}, "OperationDenied.X"),
        ({"instance": None, "nat_gateway": True, "status": "InUse"}, {}, None),
        ({"status": "Attaching"}, {}, "OperationDenied.FreeNetworkInterface"),
    ],
)
def test_what_the_documents_leave_open_is_a_key_of_behaviour(
    desk_of: DeskOf, keys: dict[str, Any], behaviour: dict[str, Any], code: str | None
) -> None:
    desk = desk_of(**odd(**keys), behaviour=behaviour)

    assert desk.add(ODD).code == code


def test_checks_come_in_one_order(desk_of: DeskOf) -> None:
    """Everything is wrong at once; put right one by one, the errors come in their order."""
    service = {"enabled": False, "business_status": "FinancialLocked"}
    interface: dict[str, Any] = {"id": ODD, "status": "Available", "bond_without_slave": True}
    session: dict[str, Any] = {
        "id": SESSION, "status": "Modifying", "target": ODD, "sources": [ODD],
        "business_status": "FinancialLocked",
    }  # fmt: skip
    instance: dict[str, Any] = {"id": INSTANCE, "supports_mirror": False}
    limits = {"sources_per_session": 0}
    fleet: dict[str, Any] = {
        "service": service, "network_interfaces": [], "sessions": [], "instances": [],
        "limits": limits, "fleet": {},
    }  # fmt: skip
    repairs: list[Callable[[], object]] = [
        lambda: service.update(enabled=True),
        lambda: service.update(business_status="Normal"),
        lambda: fleet.update(sessions=[session]),
        lambda: session.update(business_status="Normal"),
        lambda: session.update(status="Created"),
        lambda: fleet.update(network_interfaces=[interface]),
        lambda: interface.update(instance=INSTANCE, status="InUse"),
        lambda: fleet.update(instances=[instance]),
        lambda: instance.update(supports_mirror=True),
        lambda: interface.update(bond_without_slave=False),
        lambda: session.update(target="eni-j6csensor"),
        lambda: session.update(sources=[]),
        lambda: limits.update(sources_per_session=10),
    ]
    codes = [desk_of(**fleet).add(ODD).code]
    for repair in repairs:
        repair()
        codes.append(desk_of(**fleet).add(ODD, DryRun=True).code)

    assert codes == [
        "OptInRequired.TrafficMirror",
        "IncorrectBusinessStatus.TrafficMirror",
        "ResourceNotFound.TrafficMirrorSession",
        "IncorrectBusinessStatus.TrafficMirror",
        "IncorrectStatus.TrafficMirrorSession",
        "ResourceNotFound.NetworkInterface",
        "OperationDenied.FreeNetworkInterface",
        "ResourceNotFound.EcsInstance",
        "OperationDenied.EcsNotSupportTrafficMirror",
        "OperationUnsupported.BondingNetworkInterface",
        "OperationDenied.DuplicateRole",
        "ResourceAlreadyAssociated.TrafficMirrorSource",
        "QuotaExceeded.SourceNumPerSession",
        "DryRunOperation",
    ]
