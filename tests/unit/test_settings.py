"""The environment, read whole: defaults, every variable, and every mistake told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import SettingsError
from evermirror.placement.limits import Limits
from evermirror.settings import Mode, Reclaiming, Settings, Sweeping, Switch


def test_an_empty_environment_only_observes() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings().mode is Mode.OBSERVE


def test_every_variable_is_read() -> None:
    settings = Settings.from_environment(
        {
            "EVERMIRROR_MODE": "act",
            "EVERMIRROR_POLICY": "/opt/other.json",
            "EVERMIRROR_NOTIFY": "acs:fc:cn-hongkong:1234567890123456:functions/notify",
            "EVERMIRROR_MIRROR": "acs:fc:cn-hongkong:1234567890123456:functions/mirror",
            "EVERMIRROR_ENDPOINT": "http://127.0.0.1:4280/",
            "EVERMIRROR_MAX_SOURCES": "0",
            "EVERMIRROR_SOURCES_PER_SESSION": "30",
            "EVERMIRROR_SOURCES_PER_CALL": "10",
            "EVERMIRROR_SOURCES_PER_CREATE": "20",
            "EVERMIRROR_ALLOW_GROWTH": "true",
            "EVERMIRROR_STALE_BOUND_S": "5",
            "EVERMIRROR_CALLS_PER_MINUTE": "60",
            "EVERMIRROR_SWEEP_INTERVAL_S": "600",
            "EVERMIRROR_GRACE_S": "0",
            "EVERMIRROR_RECLAIM": "on",
            "EVERMIRROR_RECLAIM_LIMIT": "7",
            "EVERMIRROR_HEALING": "off",
            "EVERMIRROR_HEALS_PER_HOUR": "5",
            "EVERMIRROR_CHANNELS": "/tmp/outcomes.jsonl https://hooks.example.com/a",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "id",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
            "ALIBABA_CLOUD_SECURITY_TOKEN": "token",
        }
    )

    assert settings == Settings(
        mode=Mode.ACT,
        policy=Path("/opt/other.json"),
        notify="acs:fc:cn-hongkong:1234567890123456:functions/notify",
        mirror="acs:fc:cn-hongkong:1234567890123456:functions/mirror",
        endpoint="http://127.0.0.1:4280",
        limits=Limits(
            sources_per_session=30,
            sources_per_call=10,
            sources_per_create=20,
            allow_growth=True,
            stale_bound_s=5.0,
            max_sources=0,
            period_s=600.0,
            grace_s=0.0,
        ),
        sweep=Sweeping(Reclaiming.ON, 7),
        healing=Switch.OFF,
        heals_per_hour=5,
        calls_per_minute=60,
        channels=("/tmp/outcomes.jsonl", "https://hooks.example.com/a"),
        credentials=Credentials("id", "secret", "token"),
    )


def test_an_empty_variable_is_an_unset_one() -> None:
    assert Settings.from_environment({"EVERMIRROR_MODE": " ", "EVERMIRROR_NOTIFY": ""}) == (
        Settings()
    )


@pytest.mark.parametrize("number", ["0", "-1", "ten", "1.5", "١"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(SettingsError, match="EVERMIRROR_SOURCES_PER_SESSION must be a whole"):
        Settings.from_environment({"EVERMIRROR_SOURCES_PER_SESSION": number})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as told:
        Settings.from_environment(
            {
                "EVERMIRROR_MODE": "on",
                "EVERMIRROR_MAX_SOURCES": "many",
                "EVERMIRROR_ALLOW_GROWTH": "yes",
                "EVERMIRROR_ENDPOINT": "127.0.0.1:4280",
            }
        )

    for name in (
        "EVERMIRROR_MODE",
        "EVERMIRROR_MAX_SOURCES",
        "EVERMIRROR_ALLOW_GROWTH",
        "EVERMIRROR_ENDPOINT",
    ):
        assert name in str(told.value)


@pytest.mark.parametrize("digits", [10, 400, 5000])
@pytest.mark.parametrize(
    "name", ["MAX_SOURCES", "STALE_BOUND_S", "SWEEP_INTERVAL_S", "CALLS_PER_MINUTE"]
)
def test_a_number_longer_than_anybody_means_is_refused_in_a_line(name: str, digits: int) -> None:
    with pytest.raises(SettingsError, match=f"EVERMIRROR_{name} must be a whole") as told:
        Settings.from_environment({f"EVERMIRROR_{name}": "9" * digits})

    assert len(str(told.value)) < 200


@pytest.mark.parametrize(("calls", "bound"), [(6, 10), (7, 10), (10, 7), (20, 3), (29, 1)])
def test_a_pace_at_which_no_change_follows_its_look_in_time_is_refused(
    calls: int, bound: int
) -> None:
    with pytest.raises(SettingsError, match=r"CALLS_PER_MINUTE of .* EVERMIRROR_STALE_BOUND_S"):
        Settings.from_environment(paced(calls, bound))


@pytest.mark.parametrize(("calls", "bound"), [(6, 14), (8, 10), (10, 8), (10, 10), (30, 1)])
def test_a_slow_pace_that_brings_changes_in_time_is_taken(calls: int, bound: int) -> None:
    assert Settings.from_environment(paced(calls, bound)).calls_per_minute == calls


def paced(calls: int, bound: int) -> dict[str, str]:
    return {
        "EVERMIRROR_CALLS_PER_MINUTE": str(calls),
        "EVERMIRROR_STALE_BOUND_S": str(bound),
    }


def test_wrong_functions_addresses_and_channels_are_told_with_the_rest_and_no_secret_is() -> None:
    wrong = {
        "EVERMIRROR_MODE": "on",
        "EVERMIRROR_NOTIFY": "notify",
        "EVERMIRROR_MIRROR": "acs:fc:cn-hongkong:functions/mirror",
        "EVERMIRROR_ENDPOINT": "http://",
        "EVERMIRROR_CHANNELS": "https:/hooks.example.com/hush /tmp/fine.jsonl http://[ httsp://hush",
    }

    with pytest.raises(SettingsError) as told:
        Settings.from_environment(wrong)

    assert all(name in str(told.value) for name in wrong)
    assert [f"number {n} of 4" in str(told.value) for n in (1, 2, 3, 4)] == [
        True,
        False,
        True,
        True,
    ]
    assert "hush" not in str(told.value)


def test_no_secret_shows_when_settings_are_shown() -> None:
    shown = repr(
        Settings.from_environment(
            {
                "EVERMIRROR_CHANNELS": "https://hooks.example.com/hush",
                "EVERMIRROR_WEBHOOK_SECRET": "whsec_hush",
                "ALIBABA_CLOUD_ACCESS_KEY_ID": "id",
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "hush",
                "ALIBABA_CLOUD_SECURITY_TOKEN": "hush",
            }
        )
    )

    assert "hush" not in shown


def test_half_a_key_is_no_key() -> None:
    assert Settings.from_environment({"ALIBABA_CLOUD_ACCESS_KEY_ID": "id"}).credentials is None
