"""The official clients, and our own commands, on a real `evermirror up`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from alibabacloud_fc20230330 import models as fc
from alibabacloud_fc20230330.client import Client as FcClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient
from fc2 import Client as FormerFcClient

from commandline.control import Control
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import REGION, attached, eni, tms

from .processes import Up, evermirror, outcome_of

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")


def config(cloud: Up) -> Config:
    return Config(
        access_key_id=ACCESS_KEY_ID,
        access_key_secret=ACCESS_KEY_SECRET,
        endpoint=cloud.address,
        protocol="HTTP",
        region_id=REGION,
    )


def asked_for(*numbers: int) -> bytes:
    return json.dumps(
        {"request": 1, "network_interface_ids": [eni(number) for number in numbers]}
    ).encode()


PAYLOADS = [asked_for(2), json.dumps(attached(2)).encode()]
COVERED = {"mirrored", "already_mirrored"}
"""Whoever asks second, in whatever order the tests run, finds it mirrored."""


def test_the_official_vpc_client_and_the_library_see_the_same_world(cloud: Up) -> None:
    client = VpcClient(config(cloud))
    client.add_sources_to_traffic_mirror_session(
        vpc.AddSourcesToTrafficMirrorSessionRequest(
            region_id=REGION,
            traffic_mirror_session_id=tms(1),
            traffic_mirror_source_ids=[eni(1)],
        )
    )
    listing = vpc.ListTrafficMirrorSessionsRequest(
        region_id=REGION, traffic_mirror_session_ids=[tms(1)]
    )
    for _ in range(100):
        (session,) = client.list_traffic_mirror_sessions(listing).body.traffic_mirror_sessions
        if session.traffic_mirror_session_status == "Created":
            break
        time.sleep(0.05)  # noqa: TID251 - the served cloud's time is real

    counted = evermirror("coverage", "--endpoint", cloud.endpoint, "--json")

    assert eni(1) in session.traffic_mirror_source_ids
    assert eni(1) not in json.loads(counted.stdout)["listed"]["missing"]


@pytest.mark.parametrize("payload", PAYLOADS, ids=["request", "event"])
def test_the_official_fc_client_invokes_mirror_and_gets_its_answer(
    cloud: Up, payload: bytes
) -> None:
    response = FcClient(config(cloud)).invoke_function_with_options(
        "mirror",
        fc.InvokeFunctionRequest(body=payload),
        fc.InvokeFunctionHeaders(),
        RuntimeOptions(read_timeout=20_000),
    )

    outcome, interface = outcome_of(response.body.read())
    assert (outcome in COVERED, interface) == (True, eni(2))


@pytest.mark.parametrize("payload", PAYLOADS, ids=["request", "event"])
def test_aliyun_fc2_invokes_mirror_and_gets_its_answer(cloud: Up, payload: bytes) -> None:
    client = FormerFcClient(
        endpoint=cloud.endpoint,
        accessKeyID=ACCESS_KEY_ID,
        accessKeySecret=ACCESS_KEY_SECRET,
        Timeout=20,
    )

    response = client.invoke_function("evermirror", "mirror", payload=payload)

    outcome, interface = outcome_of(response.data)
    assert (outcome in COVERED, interface) == (True, eni(2))


def test_both_clients_invoke_mirror_asynchronously(cloud: Up) -> None:
    current = FcClient(config(cloud)).invoke_function_with_options(
        "mirror",
        fc.InvokeFunctionRequest(body=asked_for(7)),
        fc.InvokeFunctionHeaders(x_fc_invocation_type="Async"),
        RuntimeOptions(),
    )
    former = FormerFcClient(
        endpoint=cloud.endpoint,
        accessKeyID=ACCESS_KEY_ID,
        accessKeySecret=ACCESS_KEY_SECRET,
        Timeout=20,
    ).invoke_function(
        "evermirror", "mirror", asked_for(8), headers={"x-fc-invocation-type": "Async"}
    )

    with Control(cloud.endpoint) as control:
        assert control.wait_until_idle(30)["idle"]
        told = {one["network_interface_id"]: one["outcome"] for one in control.outcomes()}
    assert current.status_code == 202
    assert former.data == b""
    assert (told[eni(7)], told[eni(8)]) == ("mirrored", "mirrored")


def test_send_and_add_show_what_came_of_it(cloud: Up, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(attached(4, "event-4")))
    at = ("--endpoint", cloud.endpoint, "--json")

    sent = evermirror("send", str(file), "--wait-s", "30", *at)
    added = evermirror("add", eni(5), *at)
    tried = evermirror("add", eni(6), "--dry-run", *at)

    assert (sent.returncode, added.returncode, tried.returncode) == (0, 0, 0), sent.stderr
    assert {one["network_interface_id"] for one in json.loads(sent.stdout)["outcomes"]} >= {eni(4)}
    assert outcome_of(added.stdout) == ("mirrored", eni(5))
    assert outcome_of(tried.stdout) == ("would_mirror", eni(6))


# Long, because mirror gives an interface time to become visible.
@pytest.mark.prove
def test_add_says_what_is_not_covered_by_its_exit_status(cloud: Up) -> None:
    asked = evermirror("add", eni(404), "--endpoint", cloud.endpoint)

    assert asked.returncode == 1
    assert "rejected" in asked.stdout
    assert "ecs:DescribeNetworkInterfaces" in asked.stdout


def test_an_unknown_function_is_one_sentence(cloud: Up) -> None:
    asked = evermirror("add", eni(1), "--endpoint", cloud.endpoint, "--function", "nobody")

    assert asked.returncode == 1
    assert "nobody: 404" in asked.stderr
    assert "Traceback" not in asked.stderr
