"""Pools that find their sessions or make them: what is read, and what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from evermirror.model import Session
from evermirror.policy import compile_policy, dump, load
from evermirror.policy.sessions import POOL_TAG, Discovery, Growth, Target

from .growing_policy import BALANCER, FILTER, MISSING, SENSOR, SOUND, changed, pool


def test_what_a_pool_finds_and_makes_is_read() -> None:
    assert pool().discovery == Discovery(FILTER, BALANCER, {"mirror": "big"}, "ids-")
    assert pool().growth == Growth(
        filter_id=FILTER,
        targets=(Target(BALANCER, "SLB"), Target(SENSOR, "NetworkInterface")),
        first_priority=1000,
        last_priority=2000,
        max_sessions=50,
        name="big",
        packet_length=1500,
        tags={"team": "security"},
    )


def test_a_pool_that_grows_may_have_no_session_yet() -> None:
    document = changed("discover", MISSING)
    assert pool(document).session_ids == ()
    assert pool(document).discovery is None


@pytest.mark.parametrize("key", ["filter", "target", "tags", "name_prefix"])
def test_one_thing_in_common_is_enough(key: str) -> None:
    only = {key: SOUND["pools"]["big"]["discover"][key]}
    assert pool(changed("discover", only)).discovery == Discovery(
        **{{"filter": "filter_id", "target": "target_id"}.get(key, key): only[key]}
    )


def test_sessions_that_are_made_are_called_after_the_pool_where_no_name_is_given() -> None:
    growth = pool(changed("grow/name", MISSING)).growth
    assert growth is not None
    assert growth.session_name(3) == "big-3"


def test_what_is_not_said_of_a_session_to_be_made_is_left_to_the_cloud() -> None:
    document = changed("grow/packet_length", None)
    del document["pools"]["big"]["grow"]["tags"]
    growth = pool(document).growth
    assert growth is not None
    assert (growth.packet_length, growth.resource_group_id, growth.tags) == (None, None, {})


def test_the_compiled_form_is_the_same_policy(tmp_path: Path) -> None:
    policy = compile_policy(SOUND)
    compiled = tmp_path / "policy.json"
    compiled.write_bytes(dump(policy))
    assert load(compiled) == policy
    assert load(compiled).digest == policy.digest


def test_another_way_to_find_or_to_make_sessions_is_another_policy() -> None:
    digests = {
        compile_policy(document).digest
        for document in (
            SOUND,
            changed("discover/name_prefix", "x"),
            changed("grow/max_sessions", 51),
            changed("grow/targets", SOUND["pools"]["big"]["grow"]["targets"][::-1]),
        )
    }
    assert len(digests) == 4


def test_a_pool_holds_what_it_finds_and_what_it_made() -> None:
    found = Session(
        "tms-j6c00000000000000007",
        "Created",
        name="ids-7",
        filter_id=FILTER,
        target_id=BALANCER,
        tags={"mirror": "big", "more": "x"},
    )
    made = Session(
        "tms-j6c00000000000000008",
        "Created",
        name="big-4",
        priority=1004,
        tags={POOL_TAG: "big"},
    )
    strange = Session("tms-j6c00000000000000009", "Created", name="big-4", priority=1004)
    assert [pool().holds(session) for session in (found, made, strange)] == [True, True, False]
