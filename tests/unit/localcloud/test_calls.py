"""What is wrong with a call before the world is asked: the documented code, every time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from localcloud.calls import authorized, body_of, signed_call
from localcloud.credentials import FIXED_KEY, Caller
from localcloud.messages import Request

DeskOf = Callable[..., Any]
SESSION = "tms-j6c00000000000000001"
INTERFACE = "eni-j6c000000000000001"
ADD = "AddSourcesToTrafficMirrorSession"


def sent(desk: Any, request: Request) -> tuple[int, str | None]:
    """Status and code for a request that is signed as it stands."""
    headers = {name: one for name, one in request.headers.items() if name != "authorization"}
    response = desk.cloud.gateway.handle(
        authorized(replace(request, headers=headers), FIXED_KEY), desk.clock.now()
    ).response
    return response.status, body_of(response.body).get("Code")


def listing(desk: Any, **headers: str) -> Request:
    request = signed_call("ListTrafficMirrorSessions", {}, desk.clock.now(), "nonce")
    return replace(request, headers={**request.headers, **headers})


def test_an_unknown_action_is_not_found(desk: Any) -> None:
    assert sent(desk, listing(desk, **{"x-acs-action": "MakeCoffee"})) == (
        404,
        "InvalidAction.NotFound",
    )


def test_an_action_of_another_product_is_not_found(desk: Any) -> None:
    assert sent(desk, listing(desk, **{"x-acs-version": "2014-05-26"})) == (
        404,
        "InvalidAction.NotFound",
    )


def test_an_unknown_version_is_invalid(desk: Any) -> None:
    assert sent(desk, listing(desk, **{"x-acs-version": "2001-01-01"})) == (400, "InvalidVersion")


@pytest.mark.parametrize("name", ["x-acs-action", "x-acs-version"])
def test_action_and_version_are_needed(desk: Any, name: str) -> None:
    assert sent(desk, listing(desk, **{name: ""})) == (400, "MissingParameter")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH"])
def test_only_get_and_post_are_supported(desk: Any, method: str) -> None:
    assert sent(desk, replace(listing(desk), method=method)) == (403, "UnsupportedHTTPMethod")


def test_a_call_may_be_a_get(desk: Any) -> None:
    assert sent(desk, replace(listing(desk), method="GET")) == (200, None)


def test_parameters_may_be_in_a_form_body(desk: Any) -> None:
    request = listing(desk)
    body = f"TrafficMirrorSessionIds.1={SESSION}&RegionId=cn-hongkong".encode()
    headers = {
        **request.headers,
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    form = replace(request, query=(), headers=headers, body=body)

    assert sent(desk, form) == (200, None)
    assert desk.cloud.journal.entries[-1].parameters["TrafficMirrorSessionIds.1"] == SESSION


def test_an_unsigned_call_is_told_so(desk: Any) -> None:
    request = listing(desk)
    headers = {name: one for name, one in request.headers.items() if name != "authorization"}
    handled = desk.cloud.gateway.handle(replace(request, headers=headers), desk.clock.now())

    assert body_of(handled.response.body)["Code"] == "MissingParameter"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"TrafficMirrorSourceIds.1": INTERFACE}, "MissingTrafficMirrorSessionId"),
        ({"TrafficMirrorSessionId": SESSION}, "MissingTrafficMirrorSourceIds"),
        (
            {"TrafficMirrorSessionId": "", "TrafficMirrorSourceIds.1": INTERFACE},
            "MissingTrafficMirrorSessionId",
        ),
        (
            {"TrafficMirrorSessionId": SESSION, "TrafficMirrorSourceIds": INTERFACE},
            "IllegalParam.TrafficMirrorSourceIds",
        ),
        (
            {
                "TrafficMirrorSessionId": SESSION,
                "TrafficMirrorSourceIds": [f"eni-{number}" for number in range(31)],
            },
            "IllegalParam.TrafficMirrorSourceIds",
        ),
        (
            {"TrafficMirrorSessionId": SESSION, "TrafficMirrorSourceIds.1": "e" * 129},
            "IllegalParam.TrafficMirrorSourceIds",
        ),
        (
            {
                "TrafficMirrorSessionId": SESSION,
                "TrafficMirrorSourceIds.1": INTERFACE,
                "DryRun": "perhaps",
            },
            "IllegalParam.DryRun",
        ),
        ({"DryRun": "perhaps"}, "MissingTrafficMirrorSessionId"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(desk: Any, parameters: Any, code: str) -> None:
    said = desk.call(ADD, **parameters)

    assert (said.status, said.code) == (400, code)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"MaxResults": "0"}, "IllegalParam.MaxResults"),
        ({"MaxResults": "101"}, "IllegalParam.MaxResults"),
        ({"MaxResults": "1e1"}, "IllegalParam.MaxResults"),
        ({"Priority": "32767"}, "IllegalParam.Priority"),
        ({"VirtualNetworkId": "-1"}, "IllegalParam.VirtualNetworkId"),
        ({"Enabled": "1"}, "IllegalParam.Enabled"),
        ({"TrafficMirrorSessionName": "https://x"}, "IllegalParam.TrafficMirrorSessionName"),
        ({"TrafficMirrorSessionIds": ["t"] * 101}, "IllegalParam.TrafficMirrorSessionIds"),
        ({"Tags.1.Value": "v"}, "MissingTags.0.Key"),
        ({"Tags": "x", "Tags.1.Key": "k"}, "IllegalParam.Tags.1.Key"),
    ],
)
def test_a_filter_that_does_not_fit_is_named(desk: Any, parameters: Any, code: str) -> None:
    said = desk.list_sessions(**parameters)

    assert (said.status, said.code) == (400, code)


@pytest.mark.parametrize("value", ["true", "True", "TRUE"])
def test_a_boolean_may_be_written_in_any_case(desk: Any, value: str) -> None:
    assert desk.add(DryRun=value).code == "DryRunOperation"


def test_list_items_are_in_the_order_of_their_numbers(desk_of: DeskOf) -> None:
    desk = desk_of(limits={"sources_per_call": 30}, settle_s=0)
    sources = {f"TrafficMirrorSourceIds.{n}": f"eni-j6c{n:015d}" for n in (10, 2, 1)}
    desk.call(ADD, TrafficMirrorSessionId=SESSION, **sources)

    assert desk.session()[1] == [f"eni-j6c{n:015d}" for n in (1, 2, 10)]


def test_another_region_is_not_served(desk: Any) -> None:
    said = desk.list_sessions(RegionId="cn-beijing")

    assert (said.status, said.code) == (404, "InvalidRegionId.NotFound")


def test_an_unknown_parameter_is_ignored_or_refused_as_the_fleet_says(desk_of: DeskOf) -> None:
    assert desk_of().list_sessions(Colour="blue").status == 200
    strict = desk_of(behaviour={"unknown_parameters": "refuse"})
    assert strict.list_sessions(Colour="blue").code == "InvalidParameter"
    assert strict.list_sessions(OwnerId="1", **{"Tags.1.Key": "k"}).status == 200


def test_an_error_body_has_its_five_keys(desk: Any) -> None:
    said = desk.add("eni-j6cnone")

    assert said.body["HostId"] == "127.0.0.1"
    assert said.body["Recommend"] == (
        "https://api.aliyun.com/troubleshoot?q=ResourceNotFound.NetworkInterface&product=Vpc"
    )
    assert "eni-j6cnone" in said.body["Message"]
    assert said.headers["x-acs-request-id"] == said.body["RequestId"]


def test_the_journal_names_the_caller_and_keeps_no_secret(desk: Any) -> None:
    key = desk.cloud.keyring.issue(Caller("mirror", "instance-1"))
    now = desk.clock.now()
    desk.cloud.gateway.handle(signed_call(ADD, {"ClientToken": "t"}, now, "n1", key), now)
    text = str(desk.cloud.journal.to_wire())
    (entry,) = desk.cloud.journal.to_wire()

    assert (entry["function"], entry["instance_id"]) == ("mirror", "instance-1")
    assert (entry["product"], entry["action"], entry["t"]) == ("Vpc", ADD, now)
    assert (entry["status"], entry["code"]) == (400, "MissingTrafficMirrorSessionId")
    assert entry["parameters"] == {"RegionId": "cn-hongkong", "ClientToken": "t"}
    assert str(key.security_token) not in text
    assert key.access_key_secret not in text


def test_keys_of_the_fleet_file_are_accepted(desk_of: DeskOf) -> None:
    desk = desk_of(keys=[{"access_key_id": "mine", "access_key_secret": "s"}])
    key = desk.cloud.keyring.find("mine")
    now = desk.clock.now()

    assert desk.cloud.gateway.handle(
        signed_call("ListTrafficMirrorSessions", {}, now, "n", key), now
    ).response.status == 200  # fmt: skip


def test_a_form_without_end_is_refused_before_it_is_read(desk: Any) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    body = b"Action=ListTrafficMirrorSessions&Version=2016-04-28" + b"&a=1" * 20_000
    response = desk.cloud.gateway.handle(
        Request("POST", "/", (), headers, body), desk.clock.now()
    ).response
    assert (response.status, body_of(response.body)["Code"]) == (400, "InvalidParameter")
