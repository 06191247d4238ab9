"""Which key of an event is believed: ids, account, region, time, failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evermirror.model import Parsed

Read = Callable[[object], Parsed]
Make = Callable[..., dict[str, Any]]

ENI = "eni-j6c000000000000001"
OTHER = "eni-j6c000000000000009"


@pytest.mark.parametrize(
    "record",
    [
        {"requestParameters": {"NetworkInterfaceId": ENI}, "resourceName": OTHER},
        {"requestParameters": {}, "requestParameterJson": f'{{"NetworkInterfaceId":"{ENI}"}}'},
        {"requestParameters": None, "referencedResources": {"ACS::ECS::NetworkInterface": [ENI]}},
        {"requestParameters": None, "referencedResources": {"NetworkInterface": [ENI, ENI]}},
        {
            "requestParameters": None,
            "referencedResources": [
                {"resourceType": "ACS::ECS::Instance", "resourceName": "i-j6c0000000000000001"},
                {"resourceType": "ACS::ECS::NetworkInterface", "resourceName": ENI},
            ],
        },
        {
            "requestParameters": {"NetworkInterfaceId": ""},
            "requestParameterJson": "not JSON",
            "referencedResources": "nothing to read",
            "resourceName": f"i-j6c0000000000000001;{ENI}",
        },
    ],
)
def test_the_interface_is_found_wherever_the_record_names_it(
    record: dict[str, object], attached: Make, read: Read
) -> None:
    [intent] = read(attached(record)).intents
    assert intent.network_interface_id == ENI
    assert intent.instance_id is None


def test_an_attach_that_names_no_interface_is_rejected(attached: Make, read: Read) -> None:
    [outcome] = read(attached({"requestParameters": {}, "resourceName": "i-x"})).outcomes
    assert outcome.reason == "invalid_event"
    assert outcome.remedy is not None
    assert "data.requestParameters.NetworkInterfaceId is missing" in outcome.remedy


@pytest.mark.parametrize(
    "failure", [{"errorCode": "X"}, {"errorMessage": "no"}, {"errorCode": 403}]
)
def test_a_failed_call_is_ignored(failure: dict[str, object], attached: Make, read: Read) -> None:
    assert [outcome.reason for outcome in read(attached(failure)).outcomes] == ["failed_call"]


def test_an_empty_error_code_is_no_failure(attached: Make, read: Read) -> None:
    assert len(read(attached({"errorCode": "", "errorMessage": None})).intents) == 1


def test_an_attach_that_did_not_succeed_is_ignored(completed: Make, read: Read) -> None:
    reasons = [outcome.reason for outcome in read(completed({"result": "failed"})).outcomes]
    assert reasons == ["failed_operation"]


@pytest.mark.parametrize(
    ("record", "envelope"),
    [
        ({}, {"aliyunaccountid": "2234567890123456"}),
        ({}, {"aliyunaccountid": 2234567890123456}),
        ({}, {"aliyunoriginalaccountid": "2234567890123456"}),
        ({"recipientAccountId": "2234567890123456"}, {"aliyunaccountid": None}),
        ({"userIdentity": {"accountId": "2234567890123456"}}, {"aliyunaccountid": None}),
    ],
)
def test_another_account_is_none_of_our_business(
    record: dict[str, object], envelope: dict[str, object], attached: Make, read: Read
) -> None:
    parsed = read(attached(record, **envelope))
    assert [outcome.reason for outcome in parsed.outcomes] == ["other_account"]
    assert parsed.intents == ()


def test_a_caller_from_another_account_does_not_make_the_interface_foreign(
    attached: Make, read: Read
) -> None:
    event = attached({"userIdentity": {"accountId": "2234567890123456"}})
    assert len(read(event).intents) == 1


@pytest.mark.parametrize(
    ("record", "envelope"),
    [
        ({"acsRegion": "cn-shanghai"}, {}),
        (
            {
                "acsRegion": None,
                "requestParameters": {"RegionId": "cn-shanghai", "NetworkInterfaceId": ENI},
            },
            {},
        ),
        ({"acsRegion": ""}, {"aliyunregionid": "cn-shanghai"}),
        ({"acsRegion": ""}, {"aliyunregionid": "", "subject": f"acs:ecs:cn-shanghai:1:eni/{ENI}"}),
        ({"acsRegion": ""}, {"aliyunregionid": "", "subject": "acs.ecs:cn-shanghai:1:x"}),
    ],
)
def test_another_region_is_none_of_our_business(
    record: dict[str, object], envelope: dict[str, object], attached: Make, read: Read
) -> None:
    parsed = read(attached(record, **envelope))
    assert [outcome.reason for outcome in parsed.outcomes] == ["other_region"]
    assert parsed.intents == ()


def test_the_region_of_the_record_wins_over_that_of_the_bus(attached: Make, read: Read) -> None:
    assert len(read(attached(aliyunregionid="cn-shanghai")).intents) == 1


def test_account_and_region_that_nobody_states_are_ours(running: Make, read: Read) -> None:
    assert len(read(running()["data"]).intents) == 1


@pytest.mark.parametrize("key", ["aliyunaccountid", "aliyunregionid"])
def test_a_masked_account_or_region_is_rejected(key: str, running: Make, read: Read) -> None:
    [outcome] = read(running(**{key: "12345678****"})).outcomes
    assert outcome.reason == "invalid_event"
    assert "12345678****" in (outcome.remedy or "")


def test_the_time_is_the_events_own_and_the_records_where_that_is_unreadable(
    attached: Make, read: Read
) -> None:
    later = {"eventTime": "2026-01-05T08:00:09Z"}
    assert read(attached(later)).intents[0].occurred_at == 1767600000.0
    assert read(attached(later, time="yesterday")).intents[0].occurred_at == 1767600009.0
    assert read(attached({"eventTime": {}}, time=None)).intents[0].occurred_at is None


def test_what_is_new_is_first_seen_now(attached: Make, read: Read) -> None:
    [intent] = read(attached()).intents
    assert (intent.first_seen, intent.generation, intent.dry_run) == (1767600000.0, 0, False)


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"eventName": "CreateVpc", "serviceName": "Vpc"}, "vpc:ActionTrail:ApiCall"),
        ({"eventName": "PutObject", "serviceName": "Oss"}, "oss:ActionTrail:ApiCall"),
        ({}, "ecs:ActionTrail:AliyunServiceEvent"),
        ({}, "rds:ActionTrail:ApiCall"),
        ({}, "ecs:Disk:DiskOperationCompleted"),
        ({}, ""),
    ],
)
def test_calls_and_services_outside_the_table_are_not_for_us(
    record: dict[str, object], kind: str, attached: Make, read: Read
) -> None:
    parsed = read(attached(record, type=kind))
    assert [outcome.reason for outcome in parsed.outcomes] == ["not_for_us"]


def test_under_the_type_of_actiontrail_itself_the_record_names_its_product(
    attached: Make, read: Read
) -> None:
    assert len(read(attached(type="actiontrail:ActionTrail:ApiCall")).intents) == 1


def test_the_state_of_something_that_is_no_instance_is_not_for_us(
    running: Make, read: Read
) -> None:
    parsed = read(running({"resourceType": "ALIYUN::ECS::Disk"}))
    assert [outcome.reason for outcome in parsed.outcomes] == ["not_for_us"]


@pytest.mark.parametrize(
    "delivery",
    [
        {"triggerTime": "2026-01-05T08:00:00Z", "triggerName": "sweep", "payload": ""},
        {"version": "v1", "rawPath": "/", "requestContext": {"http": {"method": "GET"}}},
        {"requestContext": {"requestId": "x"}, "requestPayload": "", "responsePayload": ""},
        {"scalingGroupId": "asg-1", "instanceIds": []},
        {"resourceEventType": "MODIFY", "resourceId": "eni-1"},
    ],
)
def test_what_other_triggers_deliver_is_not_for_us(delivery: dict[str, object], read: Read) -> None:
    assert [outcome.reason for outcome in read(delivery).outcomes] == ["not_for_us"]
