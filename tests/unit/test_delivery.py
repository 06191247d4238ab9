"""Notify delivers every outcome to every channel, or fails so that the platform tries again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from evermirror.errors import RedeliverError, SettingsError
from evermirror.log import Log
from evermirror.notify.delivery import FileChannel, UrlChannel, channel, notify
from evermirror.notify.ordering import Newest

OUTCOMES = [{"outcome_id": f"o-{n}", "outcome": "mirrored"} for n in range(3)]
GOLDEN = sorted((Path(__file__).parents[2] / "events" / "notify").glob("*.json"))
NOW = 1_767_225_600.0
PUBLICATION = json.dumps({"schema_version": 1, "outcomes": OUTCOMES}).encode()


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(lines: io.StringIO) -> Log:
    return Log(lines)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        yield client


def test_every_outcome_is_a_log_line_even_without_a_channel(log: Log, lines: io.StringIO) -> None:
    assert notify(PUBLICATION, [], log, Newest(), NOW) == {"delivered": 3}

    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["outcome_id"] for line in logged] == ["o-0", "o-1", "o-2"]


@pytest.mark.parametrize("event", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_a_golden_delivery_arrives_whole(event: Path, log: Log, tmp_path: Path) -> None:
    outcomes = json.loads(event.read_bytes())["outcomes"]
    file = tmp_path / "outcomes.jsonl"

    assert notify(event.read_bytes(), [FileChannel(file)], log, Newest(), NOW) == {
        "delivered": len(outcomes)
    }

    assert [json.loads(line) for line in file.read_text().splitlines()] == outcomes


def test_a_file_gets_a_line_an_outcome_and_keeps_what_it_had(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"

    notify(PUBLICATION, [FileChannel(file)], log, Newest(), NOW)
    notify(PUBLICATION, [FileChannel(file)], log, Newest(), NOW)

    assert [json.loads(line) for line in file.read_text().splitlines()] == OUTCOMES * 2


def test_a_url_gets_the_whole_publication(log: Log, http: httpx.Client, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, {}))

    notify(PUBLICATION, [UrlChannel(f"{server.url}/hook?key=k", http)], log, Newest(), NOW)

    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/hook")
    assert json.loads(seen.body) == {"schema_version": 1, "outcomes": OUTCOMES}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", '[{"deep": -1e999}]'])
def test_a_number_that_is_no_json_is_answered_and_not_delivered_again_for_ever(
    number: str, log: Log, http: httpx.Client, tmp_path: Path, refused_url: str
) -> None:
    payload = f'{{"schema_version": 1, "outcomes": [{{"a": {number}}}]}}'.encode()
    file = tmp_path / "outcomes.jsonl"

    told = notify(payload, [UrlChannel(refused_url, http), FileChannel(file)], log, Newest(), NOW)

    assert (told["delivered"], str(told["rejected"])[:8]) == (0, "outcomes")
    assert not file.exists()


@pytest.mark.parametrize("host", ["a" * 300, "xn--", "\N{SNOWMAN}", "a b"])
def test_a_host_that_cannot_be_one_costs_no_other_channel_and_tells_no_secret(
    host: str, log: Log, http: httpx.Client, tmp_path: Path
) -> None:
    file = tmp_path / "outcomes.jsonl"
    channels = [channel(f"http://{host}/?token=hush", http), FileChannel(file)]

    with pytest.raises(RedeliverError) as told:
        notify(PUBLICATION, channels, log, Newest(), NOW)

    assert "hush" not in str(told.value)
    assert len(file.read_text().splitlines()) == 3


COVERAGE = {"status": "gaps", "share": 0.5, "unknown": None}
SWEPT = json.dumps({"schema_version": 1, "outcomes": [], "coverage": COVERAGE}).encode()


def test_coverage_is_delivered_to_every_channel_and_logged(
    log: Log, lines: io.StringIO, http: httpx.Client, loopbacks: Any, tmp_path: Path
) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, {}))
    file = tmp_path / "outcomes.jsonl"

    told = notify(SWEPT, [FileChannel(file), UrlChannel(server.url, http)], log, Newest(), NOW)

    assert told == {"delivered": 1}
    assert json.loads(file.read_text()) == {"coverage": COVERAGE}
    (seen,) = server.seen
    assert json.loads(seen.body) == {"schema_version": 1, "outcomes": [], "coverage": COVERAGE}
    (line,) = map(json.loads, lines.getvalue().splitlines())
    # An alarm counts lines of the sweep itself, so this one has a message of its own.
    assert (line["message"], line["status"]) == ("coverage delivered", "gaps")


def test_a_channel_that_fails_fails_the_invocation_after_the_others_were_served(
    log: Log, http: httpx.Client, loopbacks: Any, tmp_path: Path
) -> None:
    server = loopbacks.start().will(loopbacks.answer(500, {}))
    good = tmp_path / "outcomes.jsonl"

    with pytest.raises(RedeliverError, match=r"127\.0\.0\.1 answered 500"):
        notify(PUBLICATION, [UrlChannel(server.url, http), FileChannel(good)], log, Newest(), NOW)

    assert len(good.read_text().splitlines()) == 3


def test_what_is_told_of_a_failed_url_holds_no_secret_of_it(
    log: Log, http: httpx.Client, refused_url: str
) -> None:
    with pytest.raises(RedeliverError) as told:
        notify(
            PUBLICATION,
            [UrlChannel(f"{refused_url}/?access_token=hidden", http)],
            log,
            Newest(),
            NOW,
        )

    assert "ConnectError" in str(told.value)
    assert "hidden" not in str(told.value)


def test_a_file_that_cannot_be_written_is_named(log: Log, tmp_path: Path) -> None:
    with pytest.raises(RedeliverError, match="Is a directory"):
        notify(PUBLICATION, [FileChannel(tmp_path)], log, Newest(), NOW)


def telling(status: str, number: object) -> bytes:
    """An outcome, and a coverage, of the same telling."""
    outcome = {"outcome": status, "network_interface_id": "eni-1", "number": number}
    coverage = {"status": status, "number": number}
    return json.dumps({"schema_version": 1, "outcomes": [outcome], "coverage": coverage}).encode()


def test_what_was_overtaken_is_not_delivered_late(
    log: Log, lines: io.StringIO, tmp_path: Path
) -> None:
    newest, file = Newest(), tmp_path / "outcomes.jsonl"
    at = int(NOW * 1000)
    with pytest.raises(RedeliverError):
        notify(telling("gaps", at), [FileChannel(tmp_path)], log, newest, NOW)
    notify(telling("full", at + 1), [FileChannel(file)], log, newest, NOW)

    late = notify(telling("gaps", at), [FileChannel(file)], log, newest, NOW + 2)

    assert late == {"delivered": 0, "overtaken": 2}
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert [one.get("outcome") or one["coverage"]["status"] for one in told] == ["full", "full"]
    (warning,) = [line for line in lines.getvalue().splitlines() if '"WARNING"' in line]
    assert json.loads(warning)["message"] == "overtaken by newer ones, and not delivered"


def test_only_what_was_overtaken_of_a_publication_is_left_out(log: Log, tmp_path: Path) -> None:
    newest, file = Newest(), tmp_path / "outcomes.jsonl"
    one, other = (
        {"outcome": "deferred", "network_interface_id": f"eni-{n}", "number": 5} for n in (1, 2)
    )
    newest.admits("eni-1", 6, NOW)

    notify(
        json.dumps({"schema_version": 1, "outcomes": [one, other]}).encode(),
        [FileChannel(file)],
        log,
        newest,
        NOW,
    )

    assert [json.loads(line) for line in file.read_text().splitlines()] == [other]


def test_an_error_of_many_channels_leaves_room_in_the_record_of_the_failure(
    log: Log, tmp_path: Path
) -> None:
    channels = [FileChannel(tmp_path)] * 100

    with pytest.raises(RedeliverError) as told:
        notify(PUBLICATION, channels, log, Newest(), NOW)

    assert len(str(told.value)) <= 300


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        (b"", "payload"),
        (b"not json", "payload"),
        (b"[]", "payload"),
        (b'{"schema_version": 1}', "outcomes"),
        (b'{"schema_version": 1, "outcomes": [7]}', "outcomes.0"),
        (b'{"outcomes": []}', "schema_version"),
        (b'{"schema_version": 1, "outcomes": [%s{}]}' % (b"{}," * 32_000), "outcomes"),
    ],
)
def test_what_is_no_publication_is_answered_not_raised(
    log: Log, lines: io.StringIO, payload: bytes, where: str
) -> None:
    answer = notify(payload, [], log, Newest(), NOW)

    assert answer["delivered"] == 0
    assert str(answer["rejected"]).startswith(where)
    assert '"ERROR"' in lines.getvalue()
    assert lines.getvalue().count("\n") == 1


def test_channels_are_paths_files_and_urls(http: httpx.Client, tmp_path: Path) -> None:
    assert isinstance(channel(str(tmp_path / "a"), http), FileChannel)
    assert isinstance(channel(f"file://{tmp_path}/b%20c", http), FileChannel)
    assert isinstance(channel("https://hooks.example.com/x", http), UrlChannel)


@pytest.mark.parametrize("text", ["ftp://example.com/a", "outcomes.jsonl", "file:", "https://"])
def test_a_channel_that_is_none_is_refused_by_name(http: httpx.Client, text: str) -> None:
    with pytest.raises(SettingsError, match="EVERMIRROR_CHANNELS"):
        channel(text, http)
