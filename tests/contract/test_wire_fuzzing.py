"""Nothing that is sent to the port gets anything but a documented answer: no 500, no hang."""

from __future__ import annotations

import contextlib
import json
import random
import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from localcloud.api.table import ALL
from localcloud.calls import authorized, signed_call, signed_in_version_1
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.credentials import FIXED_KEY
from localcloud.messages import Request
from localcloud.refusals import CATALOGUE
from localcloud.testing import serving
from localcloud.world.fleet import read_fleet

START = 1_800_000_000.0
FLEET = {"fleet": {"instances": 30, "sessions": 4}, "limits": {"requests_per_minute": None}}
NAMES = (
    *("RegionId", "MaxResults", "NextToken", "ClientToken", "DryRun", "InstanceIds", "Status"),
    *("TrafficMirrorSessionId", "TrafficMirrorSourceIds", "TrafficMirrorSourceIds.1", "Format"),
    *("TrafficMirrorSessionIds.1", "Tag", "Tag.1.Key", "Tags.1", "Tags.1.Value", "Tags..", "."),
    *("A.B.C.D.E.F", "Action", "Version", "SecurityToken", "Signature", "Timestamp", "Priority"),
    *("TrafficMirrorTargetId", "TrafficMirrorFilterId", "NetworkInterfaceId.1", "PageNumber"),
)
VALUES = (
    *("cn-hongkong", "True", "fAlSe", "-1", "0", "9" * 30, "[]", "[" * 999, "x" * 300, "\x00"),
    *("tms-j6c00000000000000001", "eni-j6c000000000000001", "i-j6c0000000000000001", '["i-1"]'),
    *("", "%", "ünïcödé", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "1e9"),
)
METHODS = ("GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD")
CODE = re.compile(r"(Missing|IllegalParam\.)[A-Za-z0-9.]*")


def parameters(draw: random.Random) -> dict[str, str]:
    chosen = draw.choices(NAMES, k=draw.randrange(6))
    return {name: draw.choice(VALUES) for name in chosen}


def signed_request(draw: random.Random, number: int) -> Request:
    """Properly signed, in either version, and otherwise anything."""
    action = draw.choice([*(one.name for one in ALL), "ecs:TagResources", "Nothing", ""])
    sign = draw.choice([signed_call, signed_in_version_1])
    return sign(action, parameters(draw), START, f"n-{number}")


def spoiled_request(draw: random.Random, number: int) -> Request:
    """A signed request of which something was changed on the way, and signed again or not."""
    request = signed_request(draw, number)
    headers = dict(request.headers)
    if headers and draw.random() < 0.5:
        name = draw.choice(sorted(headers))
        if draw.random() < 0.5:
            del headers[name]
        else:
            headers[name] = draw.choice(VALUES)
    body = draw.choice([b"", b"\xff\xfe", b"MaxResults=1", b"=&=&%", bytes(draw.randbytes(20))])
    headers["content-type"] = draw.choice(["application/x-www-form-urlencoded", "text/plain", ""])
    changed = replace(request, method=draw.choice(METHODS), headers=headers, body=body)
    signs_again = "x-acs-content-sha256" in headers and draw.random() < 0.3
    return authorized(changed, FIXED_KEY) if signs_again else changed


def judge(status: int, content_type: str, body: bytes) -> None:
    """An answer that the service could have given."""
    assert status < 500
    if content_type.startswith("text/xml"):
        root = ET.fromstring(body)  # noqa: S314 - our own answer
        code = root.findtext("Code") if root.tag == "Error" else None
    else:
        code = json.loads(body).get("Code")
    assert (status == 200) == (code is None)
    if code is not None:
        assert code in CATALOGUE or CODE.fullmatch(code) or code.startswith("Invalid"), code


@pytest.mark.parametrize(
    "calls", [3000, pytest.param(190_000, marks=[pytest.mark.prove, pytest.mark.timeout(600)])]
)
def test_any_request_gets_a_documented_answer(calls: int) -> None:
    draw = random.Random(calls)
    clock = SteppedClock(START)
    cloud = LocalCloud(read_fleet(FLEET), clock, clock.now)
    for number in range(calls):
        make = draw.choice([signed_request, spoiled_request])
        response = cloud.gateway.handle(make(draw, number), START).response
        assert response is not None
        judge(response.status, response.headers["content-type"], response.body)


LINES: Sequence[bytes] = (
    *(b"GET / HTTP/1.1", b"POST / HTTP/1.1", b"POST /?Action=%zz HTTP/1.1", b"G\x00T / HTTP/1.1"),
    *(b"POST http://a/?b HTTP/1.1", b"GET / HTTP/9.9", b"GET /\xff HTTP/1.1", b"GET  / HTTP/1.1"),
    *(b"", b"POST * HTTP/1.1", b"GET //[ HTTP/1.1", b"OPTIONS / HTTP/1.0", b"GET /x" + b"y" * 999),
    *(b"GET http://[/ HTTP/1.1", b"POST /_local/faults HTTP/1.1", b"PUT /_local/fleet HTTP/1.1"),
)
HEADERS: Sequence[bytes] = (
    *(b"host: a", b"host: a\r\nhost: b", b"content-length: 5", b"content-length: -1", b": empty"),
    *(b"content-length: 99999999999999999999", b"transfer-encoding: chunked", b"\x00: \x00"),
    *(b"authorization: ACS3-HMAC-SHA256 ,,,", b"x-acs-action: ListTrafficMirrorSessions", b"a"),
    *(b"x-acs-version: 2016-04-28", b"x-acs-date: \xff\xff", b"expect: 100-continue", b"a: " * 99),
    *(b"accept: text/xml", b"content-type: application/x-www-form-urlencoded", b" folded: x"),
)
BODIES: Sequence[bytes] = (
    b"",
    b"a=b&c",
    b"\xff" * 30,
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\n",
    b"[]",
)


def raw_request(draw: random.Random) -> bytes:
    if draw.random() < 0.1:
        return draw.randbytes(draw.randrange(1, 200))
    lines = [draw.choice(LINES), *draw.sample(HEADERS, draw.randrange(6))]
    return b"\r\n".join(lines) + b"\r\n\r\n" + draw.choice(BODIES)


def answers_to(address: tuple[str, int], sent: bytes) -> bytes:
    """Everything that comes back once the client has said all it has to say."""
    received = b""
    connecting = socket.create_connection(address, timeout=5)
    with connecting as connection, contextlib.suppress(ConnectionError):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            received += piece
    return received


@pytest.mark.parametrize(
    "calls", [2000, pytest.param(10_000, marks=[pytest.mark.prove, pytest.mark.timeout(300)])]
)
def test_any_bytes_on_the_port_are_answered_or_the_connection_ends(calls: int) -> None:
    draw = random.Random(calls)
    with serving(FLEET) as cloud:
        host, _, port = cloud.address.partition(":")
        for _ in range(calls):
            sent = raw_request(draw)
            received = answers_to((host, int(port)), sent)
            for status in re.findall(rb"HTTP/1\.1 (\d+)", received):
                # 501 is what HTTP itself wants for a transfer coding that nobody knows.
                assert int(status) < 500 or status == b"501", sent
            assert b"Traceback" not in received
        assert health(cloud) == "ready"


def health(cloud: Any) -> str:
    found: str = cloud.control("GET", "health")["status"]
    return found
