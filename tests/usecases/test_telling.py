"""Outcomes reach the log and notify, whatever happens after the change."""

from __future__ import annotations

import json

import pytest

from evermirror.errors import HandOverError, PublishError
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .writers import NOTIFY

SECRETS = ("local-access-key", "Signature=", "x-acs-signature", "requestParameters")


def test_outcomes_are_published_once_and_ignored_ones_not_at_all(serve: Serve) -> None:
    world = serve([1, 2], [1])
    writer = world.writer().publishing_to(NOTIFY)
    elsewhere = attached(2, aliyunregionid="cn-hangzhou")
    elsewhere["data"]["acsRegion"] = "cn-hangzhou"

    answer = writer.deliver(attached(1), elsewhere)

    ((arn, payload, deduplication_id),) = writer.kept.invocations
    published = json.loads(payload)
    assert arn == NOTIFY
    assert published["schema_version"] == 1
    assert [one["outcome"] for one in published["outcomes"]] == ["mirrored"]
    assert deduplication_id.startswith("p-")
    assert sorted(one["outcome"] for one in answer["outcomes"]) == ["ignored", "mirrored"]


def test_a_failed_publish_fails_the_invocation_after_the_work_is_done(serve: Serve) -> None:
    world = serve([1], [1])
    writer = world.writer().publishing_to(NOTIFY)
    writer.kept.refuses = True
    event = attached(1)

    with pytest.raises(PublishError):
        writer.deliver(event)
    assert world.placements() == {eni(1): [tms(1)]}

    writer.kept.refuses = False
    writer.deliver(event)

    logged = [json.loads(line) for line in writer.lines.getvalue().splitlines()]
    (alarm,) = [line for line in logged if line["level"] == "ERROR"]
    assert alarm["message"] == "not passed on"
    assert alarm["reason"].startswith("1 publications failed, the first: ")
    first = next(line for line in logged if line.get("outcome") == "mirrored")
    (published,) = json.loads(writer.kept.invocations[0][1])["outcomes"]
    assert published["outcome"] == "already_mirrored"
    assert published["outcome_id"] == first["outcome_id"]
    assert len(world.adds()) == 1


def test_a_failed_hand_over_fails_the_invocation_and_still_publishes(serve: Serve) -> None:
    world = serve([1], [a_session(1, status="Modifying")])
    writer = world.writer()
    writer.kept.refuses = True

    with pytest.raises(HandOverError):
        writer.deliver(attached(1))


def test_every_outcome_and_every_invocation_is_one_json_line_without_secrets(
    serve: Serve,
) -> None:
    world = serve([1, 2], [1])
    writer = world.writer()

    writer.deliver(attached(1), attached(2))

    text = writer.lines.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["message"] for line in lines] == ["outcome", "outcome", "invocation"]
    assert lines[-1]["outcomes"] == 2
    assert not [secret for secret in SECRETS if secret in text]


def test_many_outcomes_are_published_in_payloads_the_platform_takes(serve: Serve) -> None:
    world = serve([], [1])
    writer = world.writer().publishing_to(NOTIFY)
    request = {"request": 1, "network_interface_ids": [eni(n) for n in range(1, 401)]}

    answer = writer.deliver(request)

    payloads = [payload for _, payload, _ in writer.kept.invocations]
    assert len(payloads) > 1
    assert max(map(len, payloads)) < 128 * 1024
    published = [one for payload in payloads for one in json.loads(payload)["outcomes"]]
    assert len(published) == len(answer["outcomes"]) == 400
