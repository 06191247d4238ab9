"""In which form an answer comes: JSON or XML, as the parameters or the headers ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from localcloud.api.xml import document
from localcloud.calls import REGION, signed_call, signed_in_version_1
from localcloud.credentials import FIXED_KEY
from localcloud.messages import Request, Response

XML = "text/xml;charset=utf-8"
JSON = "application/json;charset=utf-8"
LIST = "ListTrafficMirrorSessions"


def answered(desk: Any, request: Request) -> Response:
    response = desk.cloud.gateway.handle(request, desk.clock.now()).response
    assert isinstance(response, Response)
    return response


def read(response: Response) -> ET.Element:
    return ET.fromstring(response.body)  # noqa: S314 - our own answer


def old(desk: Any, action: str, common: Mapping[str, str], **parameters: str) -> Request:
    return signed_in_version_1(action, parameters, desk.clock.now(), "n", FIXED_KEY, common)


@pytest.mark.parametrize(
    ("common", "accept", "content_type"),
    [
        ({}, "*/*", XML),
        ({"Format": "XML"}, "application/json", XML),
        ({"Format": "JSON"}, "*/*", JSON),
        ({"Format": "json"}, "text/xml", JSON),
        ({}, "application/json", JSON),
    ],
)
def test_version_1_speaks_xml_unless_told_otherwise(
    desk: Any, common: Mapping[str, str], accept: str, content_type: str
) -> None:
    request = replace(old(desk, LIST, common), headers={"accept": accept})

    assert answered(desk, request).headers["content-type"] == content_type


@pytest.mark.parametrize(("accept", "content_type"), [("*/*", JSON), ("application/xml", XML)])
def test_version_3_speaks_json_unless_told_otherwise(
    desk: Any, accept: str, content_type: str
) -> None:
    request = signed_call(LIST, {}, desk.clock.now(), "n")
    unsigned_header = replace(request, headers={**request.headers, "accept": accept})

    assert answered(desk, unsigned_header).headers["content-type"] == content_type


def test_a_list_in_xml_is_its_element_again_and_again(desk_of: Any) -> None:
    session = {"id": "tms-a", "name": "a<b&c", "tags": {"k": "v"}, "sources": ["eni-a", "eni-b"]}
    desk = desk_of(sessions=[session])
    root = read(answered(desk, old(desk, LIST, {})))
    (shown,) = (
        one for one in root.findall("TrafficMirrorSessions") if one.findtext("Tags/Key") == "k"
    )

    assert root.tag == f"{LIST}Response"
    assert (root.findtext("TotalCount"), len(root.findall("TrafficMirrorSessions"))) == ("5", 5)
    assert [one.text for one in shown.findall("TrafficMirrorSourceIds")] == ["eni-a", "eni-b"]
    assert shown.findtext("TrafficMirrorSessionName") == "a<b&c"
    assert shown.findtext("Enabled") == "true"


def test_ecs_has_an_element_around_each_list(desk: Any) -> None:
    root = read(answered(desk, old(desk, "DescribeNetworkInterfaces", {}, MaxResults="10")))

    assert len(root.findall("NetworkInterfaceSets/NetworkInterfaceSet")) == 10
    assert root.find("NetworkInterfaceSets/NetworkInterfaceSet/Tags") is not None


def test_an_error_in_xml_has_the_five_elements(desk: Any) -> None:
    request = replace(
        old(desk, LIST, {}, TrafficMirrorSessionName="http://x"),
        headers={"host": "vpc.example"},
    )
    response = answered(desk, request)
    root = read(response)

    assert (response.status, root.tag) == (400, "Error")
    assert {one.tag for one in root} == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert root.findtext("Code") == "IllegalParam.TrafficMirrorSessionName"
    assert root.findtext("HostId") == "vpc.example"
    assert response.headers["content-type"] == XML


def test_what_xml_cannot_say_is_replaced() -> None:
    assert document("R", {"A": "\x00<\ud800>", "B": None, "C": {"D": [True, 1]}}).endswith(
        "<R><A>?&lt;?&gt;</A><C><D>true</D><D>1</D></C></R>"
    )


@pytest.mark.parametrize(
    ("common", "parameters", "code"),
    [
        ({"Action": ""}, {}, "MissingParameter"),
        ({"Action": "Nothing"}, {}, "InvalidAction.NotFound"),
        ({"Version": "1999-01-01"}, {}, "InvalidVersion"),
        ({"Version": "2014-05-26"}, {}, "InvalidAction.NotFound"),
        ({"RegionId": ""}, {}, "MissingRegionId"),
        ({"RegionId": "cn-beijing"}, {}, "InvalidRegionId.NotFound"),
        ({}, {"MaxResults": "many"}, "IllegalParam.MaxResults"),
        ({}, {"MaxResults": "101"}, "IllegalParam.MaxResults"),
        ({}, {"Enabled": "perhaps"}, "IllegalParam.Enabled"),
        (
            {},
            {f"TrafficMirrorSessionIds.{number}": "tms-a" for number in range(1, 102)},
            "IllegalParam.TrafficMirrorSessionIds",
        ),
        ({}, {"NextToken": "made up"}, "IllegalParam.NextToken"),
    ],
)
def test_version_1_gets_the_code_for_each_mistake(
    desk: Any, common: Mapping[str, str], parameters: Mapping[str, str], code: str
) -> None:
    request = old(desk, LIST, {"RegionId": REGION, "Format": "JSON", **common}, **parameters)

    assert f'"Code":"{code}"'.encode() in answered(desk, request).body


@pytest.mark.parametrize("said", ["True", "true", "TRUE"])
def test_a_boolean_is_read_in_any_case(desk: Any, said: str) -> None:
    body = answered(desk, old(desk, LIST, {"Format": "JSON"}, Enabled=said)).body

    assert b'"TotalCount":"4"' in body


def test_any_other_method_is_not_supported(desk: Any) -> None:
    request = replace(signed_call(LIST, {}, desk.clock.now(), "n"), method="PUT")

    assert b"UnsupportedHTTPMethod" in answered(desk, request).body


def test_opening_the_service_is_no_error_though_its_answer_has_a_code(desk_of: Any) -> None:
    desk = desk_of(service={"enabled": False})
    response = answered(desk, old(desk, "OpenTrafficMirrorService", {}))
    assert read(response).tag == "OpenTrafficMirrorServiceResponse"
    assert read(response).findtext("Code") == "200"
    (entry,) = desk.cloud.journal.entries
    assert (entry.status, entry.code) == (200, None)
