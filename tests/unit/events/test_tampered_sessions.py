"""A record of a changed session says what to look at and who changed it, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evermirror.model import Purpose, Tampering

from .conftest import Make, Read

ENI, OTHER = "eni-j6c000000000000001", "eni-j6c000000000000002"
SESSION = "tms-j6c00000000000000001"
REMOVE = "RemoveSourcesFromTrafficMirrorSession"
DELETE = "DeleteTrafficMirrorSession"
UPDATE = "UpdateTrafficMirrorSessionAttribute"
AT = 1767600000.0


def record(call: str, parameters: dict[str, object], **more: object) -> dict[str, object]:
    return {
        "eventName": call,
        "serviceName": "Vpc",
        "eventTime": "2026-01-05T08:00:00Z",
        "userIdentity": {
            "type": "ram-user",
            "userName": "net-admin",
            "accessKeyId": "LTAI5tExampleExample",
            "accountId": "1234567890123456",
        },
        "requestParameters": {"TrafficMirrorSessionId": SESSION, **parameters},
        **more,
    }


def event(attached: Make, of: dict[str, object]) -> dict[str, Any]:
    made = attached(of, type="vpc:ActionTrail:ApiCall", source="acs.vpc")
    made["data"]["requestParameters"] = of["requestParameters"]
    return made


SOURCES: list[dict[str, object]] = [
    {"TrafficMirrorSourceIds.1": ENI, "TrafficMirrorSourceIds.2": OTHER},
    {"TrafficMirrorSourceIds": [ENI, OTHER]},
    {"TrafficMirrorSourceIds": json.dumps([ENI, OTHER])},
]


@pytest.mark.parametrize("sources", SOURCES, ids=["dotted", "a list", "a quoted list"])
def test_removed_sources_are_looked_at_with_who_removed_them(
    sources: dict[str, object], attached: Make, read: Read
) -> None:
    removed = record(REMOVE, sources)
    for form in (event(attached, removed), removed):
        parsed = read(form)

        assert [intent.network_interface_id for intent in parsed.intents] == [ENI, OTHER]
        assert {intent.session_id for intent in parsed.intents} == {SESSION}
        assert {intent.purpose for intent in parsed.intents} == {Purpose.HEAL}
        whom = {intent.tampering for intent in parsed.intents}
        assert whom == {Tampering("ram-user net-admin", REMOVE, AT)}
        assert parsed.outcomes == ()


@pytest.mark.parametrize(
    ("call", "parameters", "action"),
    [
        (DELETE, {}, DELETE),
        (UPDATE, {"TrafficMirrorSessionName": "x"}, UPDATE),
        (UPDATE, {"Enabled": True}, UPDATE),
        (UPDATE, {"Enabled": False}, f"{UPDATE} Enabled=false"),
        (UPDATE, {"Enabled": "False"}, f"{UPDATE} Enabled=false"),
    ],
)
def test_a_deleted_or_updated_session_is_looked_at_whole(
    call: str, parameters: dict[str, object], action: str, read: Read
) -> None:
    (intent,) = read(record(call, parameters)).intents

    assert (intent.network_interface_id, intent.instance_id) == (None, None)
    assert intent.session_id == SESSION
    assert intent.tampering == Tampering("ram-user net-admin", action, AT)


MIRRORING = {
    "TrafficMirrorTargetId": "lb-1",
    "TrafficMirrorTargetType": "SLB",
    "TrafficMirrorFilterId": "tmf-1",
    "PacketLength": "64",
    "VirtualNetworkId": 7,
}


@pytest.mark.parametrize("name", sorted(MIRRORING))
@pytest.mark.parametrize("is_quoted", [False, True], ids=["a mapping", "JSON text"])
def test_an_update_says_which_of_what_it_mirrors_was_changed(
    name: str, is_quoted: bool, read: Read
) -> None:
    said = {name: MIRRORING[name], "TrafficMirrorSessionName": "x", "Priority": 3}
    made = record(UPDATE, said)
    if is_quoted:
        made["requestParameterJson"] = json.dumps(made.pop("requestParameters"))

    (intent,) = read(made).intents

    assert intent.tampering == Tampering("ram-user net-admin", UPDATE, AT, (name,))


def test_a_session_switched_off_and_pointed_elsewhere_is_both(read: Read) -> None:
    (intent,) = read(record(UPDATE, {"Enabled": "false", **MIRRORING})).intents

    assert intent.tampering is not None
    assert intent.tampering.action == f"{UPDATE} Enabled=false"
    assert intent.tampering.changed == tuple(sorted(MIRRORING))


FILTER, RULE = "tmf-j6c00000000000000001", "tmr-j6c00000000000000001"
UPDATE_RULE = "UpdateTrafficMirrorFilterRuleAttribute"
FILTER_CALLS = [
    "CreateTrafficMirrorFilterRules",
    "DeleteTrafficMirrorFilterRules",
    "DeleteTrafficMirrorFilter",
]


def of_filter(call: str, parameters: dict[str, object], **more: object) -> dict[str, object]:
    return record(call, {}, **{"requestParameters": parameters, **more})


@pytest.mark.parametrize("call", FILTER_CALLS)
def test_a_change_of_a_filter_is_looked_at_by_its_id(call: str, read: Read) -> None:
    (intent,) = read(of_filter(call, {"TrafficMirrorFilterId": FILTER})).intents

    assert (intent.filter_id, intent.session_id, intent.subject_id) == (FILTER, None, FILTER)
    assert intent.purpose is Purpose.HEAL
    assert intent.tampering == Tampering("ram-user net-admin", call, AT)


def test_a_change_of_a_rule_names_the_rule_only(read: Read) -> None:
    named = of_filter(UPDATE_RULE, {"TrafficMirrorFilterRuleId": RULE})
    resources = {"ACS::VPC::TrafficMirrorFilterRule": [RULE]}
    bare = of_filter(UPDATE_RULE, {}, referencedResources=resources)

    assert [intent.filter_id for intent in read([named, bare]).intents] == [RULE, RULE]


def test_a_filter_that_only_gets_another_name_is_not_for_us(read: Read) -> None:
    parsed = read(
        of_filter("UpdateTrafficMirrorFilterAttribute", {"TrafficMirrorFilterId": FILTER})
    )

    assert parsed.intents == ()
    assert [one.reason for one in parsed.outcomes] == ["not_for_us"]


@pytest.mark.parametrize("named", [None, "tmf-****", 7, "eni-j6c000000000000001"])
def test_a_record_that_names_no_filter_is_rejected(named: object, read: Read) -> None:
    parsed = read(of_filter("DeleteTrafficMirrorFilter", {"TrafficMirrorFilterId": named}))

    assert [one.reason for one in parsed.outcomes] == ["invalid_event"]


def test_a_record_that_quotes_its_request_is_understood(read: Read) -> None:
    asked = {"TrafficMirrorSessionId": SESSION, "TrafficMirrorSourceIds.1": ENI}
    quoted = record(REMOVE, {}, requestParameters={}, requestParameterJson=json.dumps(asked))

    assert [i.network_interface_id for i in read(quoted).intents] == [ENI]


def test_a_record_whose_parameters_are_bare_names_the_session_among_its_resources(
    read: Read,
) -> None:
    resources = {"ACS::VPC::TrafficMirrorSession": [SESSION]}
    bare = record(DELETE, {}, requestParameters={}, referencedResources=resources)

    assert [intent.session_id for intent in read(bare).intents] == [SESSION]


@pytest.mark.parametrize(
    ("identity", "actor"),
    [
        ({"type": "root-account", "userName": "root"}, "root-account root"),
        ({"type": "assumed-role", "userName": "ops:alice"}, "assumed-role ops:alice"),
        ({"type": "ram-user", "principalId": "201234567890123456"}, "ram-user 201234567890123456"),
        ({"type": "system"}, "system"),
        ({"userName": ["x"], "type": 7}, "somebody"),
        (None, "somebody"),
        ("net-admin", "somebody"),
        ({"userName": "n" * 1000}, "n" * 256),
        ({"userName": "\ud800"}, "?"),
    ],
)
def test_whoever_it_was_is_named_as_far_as_the_record_tells(
    identity: object, actor: str, read: Read
) -> None:
    (intent,) = read(record(DELETE, {}, userIdentity=identity)).intents

    assert intent.tampering is not None
    assert intent.tampering.actor == actor


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"errorCode": "IncorrectStatus.TrafficMirrorSession"}, "failed_call"),
        ({"recipientAccountId": "9999999999999999"}, "other_account"),
        ({"acsRegion": "cn-beijing"}, "other_region"),
    ],
)
def test_failed_calls_and_other_peoples_sessions_are_ignored(
    changed: dict[str, object], reason: str, read: Read
) -> None:
    parsed = read(record(REMOVE, {"TrafficMirrorSourceIds.1": ENI}, **changed))

    assert parsed.intents == ()
    assert [(one.verdict.value, one.reason) for one in parsed.outcomes] == [("ignored", reason)]


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        (REMOVE, {}),
        (REMOVE, {"TrafficMirrorSourceIds.1": "eni-****"}),
        (REMOVE, {"TrafficMirrorSourceIds": "[" * 1000}),
        (DELETE, {"TrafficMirrorSessionId": "tms-****"}),
        (DELETE, {"TrafficMirrorSessionId": 7}),
        (UPDATE, {"TrafficMirrorSessionId": None}),
    ],
)
def test_a_record_that_names_nothing_usable_is_rejected(
    call: str, parameters: dict[str, object], read: Read
) -> None:
    parsed = read(record(call, parameters))

    assert parsed.intents == ()
    assert [one.reason for one in parsed.outcomes] == ["invalid_event"]
