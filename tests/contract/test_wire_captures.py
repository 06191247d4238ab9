"""Requests that the vendor's client really sent, again byte for byte: verified and answered."""

from __future__ import annotations

import json
import socket
from calendar import timegm
from pathlib import Path
from time import strptime
from typing import Any
from urllib.parse import parse_qs

import pytest

from localcloud.api.table import ALL
from localcloud.testing import serving

WIRE = json.loads(
    (Path(__file__).parents[1] / "data/localcloud_wire_captures.json").read_text(encoding="utf-8")
)
CAPTURES = WIRE["captures"]
KEY_ID = "LTAI5tEXAMPLEEXAMPLEEXAM"
TOKEN = "CAISexampleSTSToken=="


def date_of(capture: Any) -> float:
    query = parse_qs(capture["target"].partition("?")[2])
    said = dict(capture["headers"]).get("x-acs-date") or query["Timestamp"][0]
    return float(timegm(strptime(said, "%Y-%m-%dT%H:%M:%SZ")))


def action_of(capture: Any) -> str:
    found: str = dict(capture["headers"])["x-acs-action"]
    return found


def mentioned(capture: Any, prefix: str) -> list[str]:
    values = parse_qs(capture["target"].partition("?")[2]).values()
    return sorted({one for value in values for one in value if one.startswith(prefix)})


def world_of(capture: Any, *, sts: bool) -> dict[str, Any]:
    """A world that has every session and interface which the request names."""
    interfaces = mentioned(capture, "eni-")
    key: dict[str, Any] = {
        "access_key_id": KEY_ID,
        "access_key_secret": WIRE["access_key_secret"],
    }
    return {
        "keys": [{**key, **({"security_token": TOKEN} if sts else {})}],
        "limits": {"sources_per_call": 10},
        "service": {"enabled": action_of(capture) != "OpenTrafficMirrorService"},
        "instances": [{"id": "i-a"}],
        "filters": [{"id": one} for one in mentioned(capture, "tmf-")],
        "network_interfaces": [{"id": one, "instance": "i-a"} for one in interfaces],
        "sessions": [
            {"id": one, "target": "lb-a", "target_type": "SLB"}
            for one in mentioned(capture, "tms-")
        ],
    }


def sent(address: str, capture: Any) -> bytes:
    """The answer to exactly these bytes, up to the end of its body."""
    lines = [f"{capture['method']} {capture['target']} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in capture["headers"]]
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + capture["body"]).encode())
        # One send of the server arrives as one piece on loopback.
        return connection.recv(1 << 20)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture["name"])
def test_a_captured_request_is_verified_and_answered_in_one_send(capture: Any) -> None:
    sts = "x-acs-security-token" in dict(capture["headers"]) or "SecurityToken" in capture["target"]
    with serving(world_of(capture, sts=sts), wall=lambda: date_of(capture)) as cloud:
        head, _, body = sent(cloud.address, capture).partition(b"\r\n\r\n")
        (entry,) = cloud.journal()
    answer = json.loads(body)

    assert b"content-type: application/json;charset=utf-8" in head
    assert entry["action"] == action_of(capture)
    if action_of(capture) in {one.name for one in ALL}:
        # Whoever gets as far as the action was verified.
        assert head.startswith(b"HTTP/1.1 200") or answer["Code"] in {
            "DryRunOperation",
            "IllegalParam.NextToken",
            "ResourceNotAssociated.TrafficMirrorSource",
        }
    else:
        assert answer["Code"] == "InvalidAction.NotFound"


def test_there_are_sixteen_captures() -> None:
    assert len(CAPTURES) == 16
