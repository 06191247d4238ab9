"""The switches under /_local/, over real HTTP, as any test will use them."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.testing import ControlError, ServedCloud, serving

SESSION = "tms-j6c00000000000000001"
DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving({"fleet": {"instances": 2, "sessions": 2}}) as served:
        yield served


def test_a_local_cloud_for_one_test_is_up_at_once() -> None:
    began = time.monotonic()
    with serving() as cloud:
        assert cloud.control("GET", "health")["status"] == "ready"
        assert time.monotonic() - began < 0.5


def test_a_world_can_be_replaced_and_taken_back(cloud: ServedCloud) -> None:
    cloud.load({"sessions": [{"id": "tms-j6cother"}]})
    assert [one["id"] for one in cloud.state()["sessions"]] == ["tms-j6cother"]
    cloud.reset()
    assert cloud.session(SESSION)["status"] == "Created"


def test_time_is_moved(cloud: ServedCloud) -> None:
    before = cloud.control("GET", "health")["time"]

    assert cloud.advance(3.0) == before + 3.0


def test_time_that_runs_by_itself_cannot_be_moved() -> None:
    with serving(speed=1) as cloud, pytest.raises(ControlError, match="runs by itself"):
        cloud.advance(1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("PUT", "/_local/fleet", b"{", 400, "fleet: Invalid JSON: EOF"),
        ("PUT", "/_local/fleet", b'{"sesions": []}', 400, "sesions: "),
        ("PUT", "/_local/faults", b"nonsense", 400, "faults: not JSON"),
        ("PUT", "/_local/faults", b'[{"action": "*"}]', 400, "[0].do: "),
        ("POST", "/_local/clock", b"", 400, "clock: "),
        ("POST", "/_local/clock", b'{"advance_s": -1}', 400, "advance_s: "),
        ("POST", "/_local/clock", b'{"advance_s": 1e999}', 400, "advance_s: "),
        ("POST", "/_local/state", b"", 405, "/_local/state is called by GET"),
        ("GET", "/_local/coffee", b"", 404, "there is nothing at /_local/coffee"),
        ("GET", "/elsewhere", b"", 404, "there is nothing at /elsewhere"),
    ],
)
def test_wrong_use_is_answered_by_a_sentence(
    cloud: ServedCloud, method: str, path: str, body: bytes, status: int, sentence: str
) -> None:
    connection = http.client.HTTPConnection(cloud.address, timeout=5)
    connection.request(method, path, body)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()

    assert response.status == status
    assert answer["error"].startswith(sentence)


def replayed(cloud: ServedCloud, capture: Any) -> tuple[int, dict[str, Any]]:
    """Send a captured request as it is, byte for byte in target, headers and body."""
    connection = http.client.HTTPConnection(cloud.address, timeout=5)
    connection.putrequest(
        capture["method"], capture["target"], skip_host=True, skip_accept_encoding=True
    )
    for name, value in capture["headers"]:
        connection.putheader(name, value)
    connection.endheaders(capture["body"].encode())
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def test_captured_requests_of_the_official_client_are_answered() -> None:
    """The time window is opened by telling the local cloud when they were captured."""
    wire = json.loads((DATA / "localcloud_wire_captures.json").read_text(encoding="utf-8"))
    key = {
        "access_key_id": "LTAI5tEXAMPLEEXAMPLEEXAM",
        "access_key_secret": wire["access_key_secret"],
    }
    expected = {
        "AddSourcesToTrafficMirrorSession/one-source": "ResourceNotFound.TrafficMirrorSession",
        "AddSourcesToTrafficMirrorSession/three-sources-dryrun": (
            "IllegalParam.TrafficMirrorSourceIds"
        ),
        "ListTrafficMirrorSessions/filters": "IllegalParam.NextToken",
        "ListTrafficMirrorSessions/minimal": None,
        "AddSources/sts-token": "InvalidSecurityToken.MismatchWithAccessKey",
        "AddSources/async-client": "ResourceNotFound.TrafficMirrorSession",
    }
    captured = {one["name"]: one for one in wire["captures"]}
    codes = {}
    with serving({"keys": [key]}, wall=lambda: 1_795_417_132.0) as cloud:
        for name in expected:
            codes[name] = replayed(cloud, captured[name])[1].get("Code")

    assert codes == expected


def status_of(cloud: ServedCloud, method: str, path: str, headers: dict[str, str]) -> int:
    host, port = cloud.endpoint.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example.com"},
        {"Host": "rebound.example.com:4280"},
        {"Host": "127.0.0.1.example.com"},
        {"Host": "["},
        {"Origin": "https://example.com"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_web_page_in_a_browser_of_this_machine_controls_nothing(
    cloud: ServedCloud, headers: dict[str, str]
) -> None:
    cloud.load({"sessions": [{"id": "tms-j6cother"}]})

    assert status_of(cloud, "GET", "/_local/state", headers) == 403
    assert status_of(cloud, "POST", "/_local/reset", headers) == 403
    assert [one["id"] for one in cloud.state()["sessions"]] == ["tms-j6cother"]


@pytest.mark.parametrize(
    "headers",
    [{"Host": "localhost:4280"}, {"Host": "[::1]:1"}, {"Origin": "http://127.0.0.1:4280"}],
    ids=str,
)
def test_this_machine_may_name_itself_as_it_likes(
    cloud: ServedCloud, headers: dict[str, str]
) -> None:
    assert status_of(cloud, "GET", "/_local/state", headers) == 200
