"""The application as the doors use it: built from settings, over real clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import PolicyError, SettingsError
from evermirror.notify import wiring as notifying
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, Pool, dump
from evermirror.settings import Mode, Settings
from evermirror.stack_key import NO_KEY
from evermirror.wiring import Application
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from localcloud.testing import ServedCloud, serving
from tests.worlds import ACCOUNT, REGION, a_fleet, attached, eni, tms

from .writers import KEY as STACK_KEY

KEY = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with serving(a_fleet([1, 2], [1], settle_s=0), speed=1) as served:
        yield served


@pytest.fixture
def settings(cloud: ServedCloud, tmp_path: Path) -> Settings:
    policy = tmp_path / "policy.json"
    policy.write_bytes(dump(Policy(pools={"all": Pool("all", (tms(1),))}, default="all")))
    return Settings(
        mode=Mode.ACT,
        policy=policy,
        endpoint=cloud.endpoint,
        limits=Limits(),
        credentials=KEY,
        stack_key=STACK_KEY,
    )


def context(**changes: Any) -> SimpleNamespace:
    function = SimpleNamespace(name="mirror", timeout=240)
    shape = {"request_id": "1-1", "account_id": ACCOUNT, "region": REGION, "function": function}
    return SimpleNamespace(**{**shape, **changes})


def deliver(application: Application, number: int, **changes: Any) -> dict[str, Any]:
    event = json.dumps(attached(number)).encode()
    told: dict[str, Any] = json.loads(application.mirror(event, context(**changes)))
    return told


def test_an_instance_serves_one_event_after_another(
    settings: Settings, cloud: ServedCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    application = Application(settings)

    told = [deliver(application, n)["outcomes"][0]["outcome"] for n in (1, 2)]

    assert told == ["mirrored", "mirrored"]
    assert sorted(cloud.session(tms(1))["sources"]) == [eni(1), eni(2)]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["fc_request_id"] for line in lines} == {"1-1"}
    application.close()


def test_an_instance_without_a_stack_key_says_once_what_is_off(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    applications = [Application(settings), Application(replace(settings, stack_key=NO_KEY))]

    for application in applications:
        assert [deliver(application, n)["outcomes"][0]["outcome"] for n in (1, 2)]
        application.close()

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (warning,) = [line for line in lines if line["level"] == "WARNING"]
    assert warning["message"] == "EVERMIRROR_STACK_KEY is not set"
    assert "requests to reclaim are refused" in warning["off"]


def test_a_list_that_counts_what_it_never_shows_stops_nothing_and_is_warned_of_once(
    settings: Settings, cloud: ServedCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = {
        "TrafficMirrorSessionId": tms(1),
        "TrafficMirrorSessionStatus": "Created",
        "TrafficMirrorSessionBusinessStatus": "Normal",
        "TrafficMirrorSourceIds": [eni(1)],
        "Enabled": True,
    }
    page = {"RequestId": "R", "TotalCount": "2", "TrafficMirrorSessions": [shown]}
    answer = {"status": 200, "body": json.dumps(page)}
    cloud.set_faults([{"action": "ListTrafficMirrorSessions", "do": answer}])
    application = Application(settings)

    told = deliver(application, 1)["outcomes"][0]

    assert told["outcome"] == "already_mirrored"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (warning,) = [line for line in lines if line["level"] == "WARNING"]
    assert (warning["action"], warning["listed"], warning["total"]) == (
        "ListTrafficMirrorSessions",
        1,
        2,
    )
    assert "every session" in warning["remedy"]
    application.close()


def test_credentials_of_the_context_win_over_those_of_the_environment(settings: Settings) -> None:
    wrong = Credentials("local-access-key-id", "not-the-secret")
    application = Application(replace(settings, credentials=wrong))
    ours = SimpleNamespace(access_key_id=ACCESS_KEY_ID, access_key_secret=ACCESS_KEY_SECRET)

    refused = deliver(application, 1)["outcomes"][0]
    told = deliver(application, 1, credentials=ours)["outcomes"][0]

    assert (refused["outcome"], refused["reason"]) == ("deferred", "SignatureDoesNotMatch")
    assert told["outcome"] == "mirrored"
    application.close()


def test_a_function_without_credentials_says_so(settings: Settings) -> None:
    application = Application(replace(settings, credentials=None))

    with pytest.raises(SettingsError, match="does the function have a role"):
        deliver(application, 1)
    application.close()


def test_a_function_without_its_policy_says_so(settings: Settings, tmp_path: Path) -> None:
    application = Application(replace(settings, policy=tmp_path / "absent.json"))

    with pytest.raises(PolicyError, match=r"absent\.json"):
        deliver(application, 1)
    application.close()


def test_notify_delivers_where_the_settings_say(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    application = notifying.Application(replace(settings, channels=(str(file),)))
    publication = {"schema_version": 1, "outcomes": [{"outcome": "mirrored"}]}

    answer = application.notify(json.dumps(publication).encode(), context())

    assert json.loads(answer) == {"delivered": 1}
    assert json.loads(file.read_text()) == {"outcome": "mirrored"}
    application.close()
