"""What a deployment was told is what a person judges it by, and no secret of it is shown."""

from __future__ import annotations

from tests.unit.commandline.conftest import run as evermirror
from tests.worlds import a_fleet, a_session

from .conftest import Run


def test_a_local_cloud_shows_by_which_settings_it_sweeps_and_no_secret(run: Run) -> None:
    product = run(a_fleet([1, 2], [a_session(1, 1)]), MaxSources=1, Grace=77)

    told = product.cloud.control("GET", "environment")
    covered = evermirror("coverage", "--endpoint", product.cloud.endpoint)

    assert (told["EVERMIRROR_MAX_SOURCES"], told["EVERMIRROR_GRACE_S"]) == ("1", "77")
    assert {name for name in told if not name.startswith("EVERMIRROR_")} == set()
    assert "EVERMIRROR_WEBHOOK_SECRET" not in told
    assert "ceiling_reached" in covered.stdout


def test_asking_a_paused_mirror_says_in_a_sentence_that_nothing_was_done(run: Run) -> None:
    product = run(a_fleet([1], [1]), mode="paused")

    asked = evermirror("add", "eni-j6c000000000000001", "--endpoint", product.cloud.endpoint)

    assert asked.exit_code == 1
    assert "so nothing was done" in asked.stderr
    assert "must ask again once the mode is act" in asked.stderr
    assert len(asked.stderr.splitlines()) == 1
