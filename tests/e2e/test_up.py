"""`evermirror up` as other people's scripts use it, with the official clients as its judges."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from alibabacloud_fc20230330 import models as fc
from alibabacloud_fc20230330.client import Client as FcClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient
from fc2 import Client as FormerFcClient

from commandline.reading_coverage import read_coverage
from evermirror.aliyun.credentials import Credentials
from evermirror.policy import Policy, Pool
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import REGION, a_fleet, attached, eni, tms

from .processes import Up, all_gone, evermirror, up

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("up") / "fleet.json"
    file.write_text(json.dumps(a_fleet(list(range(1, 9)), [1, 2], settle_s=0.3)))
    return file


@pytest.fixture(scope="module")
def cloud(fleet: Path) -> Iterator[Up]:
    with up("--fleet", str(fleet)) as served:
        yield served


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


def outcome_of(answer: bytes) -> tuple[str, str]:
    (told,) = json.loads(answer)["outcomes"]
    return told["outcome"], told["network_interface_id"]


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

    policy = Policy(pools={"one": Pool("one", (tms(1),))}, default="one")
    key = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
    seen = read_coverage(cloud.endpoint, REGION, key, policy, [eni(1)])

    assert eni(1) in session.traffic_mirror_source_ids
    assert seen.mirrored == (eni(1),)


def test_the_official_fc_client_invokes_mirror_and_gets_its_answer(cloud: Up) -> None:
    response = FcClient(config(cloud)).invoke_function_with_options(
        "mirror",
        fc.InvokeFunctionRequest(body=asked_for(2)),
        fc.InvokeFunctionHeaders(),
        RuntimeOptions(read_timeout=20_000),
    )

    assert outcome_of(response.body.read()) == ("mirrored", eni(2))


def test_aliyun_fc2_invokes_mirror_and_gets_its_answer(cloud: Up) -> None:
    client = FormerFcClient(
        endpoint=cloud.endpoint,
        accessKeyID=ACCESS_KEY_ID,
        accessKeySecret=ACCESS_KEY_SECRET,
        Timeout=20,
    )
    event = json.dumps(attached(3)).encode()

    response = client.invoke_function("evermirror", "mirror", payload=event)

    assert outcome_of(response.data) == ("mirrored", eni(3))


def test_send_and_add_show_what_came_of_it(cloud: Up, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(attached(4, "event-4")))
    at = ("--endpoint", cloud.endpoint, "--json")

    sent = evermirror("send", str(file), "--wait-s", "30", *at)
    added = evermirror("add", eni(5), *at)
    tried = evermirror("add", eni(6), "--dry-run", *at)

    assert (sent.returncode, added.returncode, tried.returncode) == (0, 0, 0), sent.stderr
    assert {one["network_interface_id"] for one in json.loads(sent.stdout)["outcomes"]} >= {eni(4)}
    assert outcome_of(added.stdout.encode()) == ("mirrored", eni(5))
    assert outcome_of(tried.stdout.encode()) == ("would_mirror", eni(6))


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_everything_it_started(fleet: Path, number: int) -> None:
    with up("--fleet", str(fleet)) as served:
        evermirror("add", eni(1), "--endpoint", served.endpoint)
        children = served.children()

        assert children
        assert served.end(number) == 0
        assert all_gone(children)


def test_nothing_survives_its_sudden_death(fleet: Path) -> None:
    with up("--fleet", str(fleet)) as served:
        evermirror("add", eni(1), "--endpoint", served.endpoint)
        children = served.children()
        served.process.kill()
        served.process.wait(5)

        assert children
        assert all_gone(children)


def test_the_world_outlives_a_restart_and_a_kill(fleet: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    kept = ("--no-functions", "--fleet", str(fleet), "--state", str(state))
    with up(*kept) as served:
        httpx.put(f"{served.endpoint}/_local/fleet", json=a_fleet([7], [3]), trust_env=False)
        assert served.end() == 0

    with up(*kept) as served:
        world = httpx.get(f"{served.endpoint}/_local/state", trust_env=False).json()
        served.process.kill()

    assert [one["id"] for one in world["sessions"]] == [tms(3)]
    assert [one["id"] for one in json.loads(state.read_text())["sessions"]] == [tms(3)]


def test_time_that_is_stepped_stands_still_until_it_is_moved(fleet: Path) -> None:
    with up("--no-functions", "--speed", "0", "--fleet", str(fleet)) as served:
        clock = f"{served.endpoint}/_local/clock"
        first = httpx.post(clock, json={"advance_s": 3.0}, trust_env=False).json()["time"]
        second = httpx.post(clock, json={"advance_s": 2.0}, trust_env=False).json()["time"]

    assert second - first == pytest.approx(2.0)


def test_real_time_cannot_be_moved(cloud: Up) -> None:
    refused = httpx.post(f"{cloud.endpoint}/_local/clock", json={"advance_s": 3.0}, trust_env=False)

    assert refused.status_code == 409


def wrong(tmp_path: Path) -> dict[str, tuple[list[str], str]]:
    (tmp_path / "fleet.json").write_text('{"sesions": []}')
    (tmp_path / "policy.yaml").write_text("version: 1\npools: []\n")
    return {
        "missing fleet": (["--fleet", str(tmp_path / "absent.json")], "absent.json"),
        "wrong key": (["--fleet", str(tmp_path / "fleet.json")], "sesions"),
        "wrong policy": (["--policy", str(tmp_path / "policy.yaml")], "policy.yaml:2"),
        "missing template": (["--template", str(tmp_path / "no.yml")], "no.yml is not there"),
    }


@pytest.mark.parametrize("what", ["missing fleet", "wrong key", "wrong policy", "missing template"])
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, what: str) -> None:
    arguments, said = wrong(tmp_path)[what]

    ended = evermirror("up", "--port", "0", *arguments)

    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_said(cloud: Up) -> None:
    ended = evermirror("up", "--port", cloud.address.rpartition(":")[2], "--no-functions")

    assert ended.returncode == 1
    assert "address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["up", "send", "add", "policy", "build", "demonstrate"])
def test_every_command_explains_itself(command: str) -> None:
    assert "Usage: evermirror" in evermirror(command, "--help").stdout


def test_without_a_local_cloud_send_says_how_to_start_one(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text("{}")

    ended = evermirror("send", str(file), "--endpoint", "http://127.0.0.1:9")

    assert ended.returncode == 1
    assert "evermirror up" in ended.stderr


def test_the_key_of_the_local_cloud_is_used_on_loopback_only() -> None:
    ended = evermirror("add", eni(1), "--endpoint", "https://203.0.113.1:1")

    assert ended.returncode == 1
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in ended.stderr


def test_build_compiles_the_policy(tmp_path: Path) -> None:
    ended = evermirror("build", "--into", str(tmp_path))

    assert ended.returncode == 0
    compiled: dict[str, Any] = json.loads((tmp_path / "layers/policy/policy.json").read_text())
    assert compiled["version"] == 1


def test_the_demonstration_is_as_it_should_be() -> None:
    ended = evermirror("demonstrate", "--json")

    shown = json.loads(ended.stdout)
    assert (ended.returncode, shown["problems"]) == (0, [])
    before, after = shown["coverage"]["before"], shown["coverage"]["after"]
    assert (before["mirrored"], after["mirrored"]) == (12, 29)
