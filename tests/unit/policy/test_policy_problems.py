"""Every mistake in a policy is told at its place: the document, its pools, results."""

from __future__ import annotations

import pytest

from evermirror.policy import compile_policy, key_path

from .sound_policy import MISSING, SESSION, SOUND, VPC, changed, problems_of


def test_the_document_that_is_spoilt_is_sound() -> None:
    assert compile_policy(SOUND).pools["ids"].session_ids == (SESSION,)


@pytest.mark.parametrize(
    ("path", "value", "place", "sentence"),
    [
        # the document
        ("version", MISSING, "", "`version` is missing; write `version: 1`"),
        (
            "version",
            2,
            "version",
            "must be the number 1, the only version of the format known here",
        ),
        (
            "version",
            "1",
            "version",
            "must be the number 1, the only version of the format known here",
        ),
        (
            "version",
            True,
            "version",
            "must be the number 1, the only version of the format known here",
        ),
        ("rulez", [], "rulez", "unknown key; did you mean `rules`?"),
        (
            "qqq",
            1,
            "qqq",
            "unknown key; known here: version, pools, members, rules, default, expect",
        ),
        ("rules", {}, "rules", "is a mapping, but must be a list of rules"),
        (
            "members",
            "skp",
            "members",
            '"skp" is not a way to treat trunk and member interfaces; did you mean `skip`?',
        ),
        (
            "members",
            False,
            "members",
            (
                "is read as the boolean false, but must be a way to treat trunk and member "
                'interfaces (skip, try) as text: write the word in quotes, as in "on" or "off"'
            ),
        ),
        # pools
        (
            "pools/ids",
            [],
            "pools.ids",
            (
                "is a list, but must be a mapping with the keys sessions, discover, targets, "
                "filter, directions, was, sensors, grow"
            ),
        ),
        (
            "pools/ids/sessions",
            MISSING,
            "pools.ids",
            (
                "`sessions` is missing; list the ids of the pool's sessions, or say how to find "
                "them (`discover`) or to make them (`grow`)"
            ),
        ),
        (
            "pools/ids/sessions",
            [],
            "pools.ids.sessions",
            "is an empty list; give at least one of the pool's sessions",
        ),
        (
            "pools/ids/sessions",
            None,
            "pools.ids.sessions",
            "is empty, but must be a traffic mirror session id",
        ),
        (
            "pools/ids/sessions/0",
            "tms-bp1****",
            "pools.ids.sessions.0",
            (
                '"tms-bp1****" is not a traffic mirror session id; one looks like '
                "tms-j6c00000000000000001"
            ),
        ),
        (
            "pools/ids/sessions/0",
            "tms-j6c00000000000000001\n",
            "pools.ids.sessions.0",
            (
                '"tms-j6c00000000000000001\\n" is not a traffic mirror session id; one looks '
                "like tms-j6c00000000000000001"
            ),
        ),
        (
            "pools/ids/sessions",
            [SESSION, SESSION],
            "pools.ids.sessions.1",
            'tms-j6c00000000000000001 is already a session of pool "ids"',
        ),
        (
            "pools/big/sessions",
            [SESSION],
            "pools.big.sessions.0",
            'tms-j6c00000000000000001 is already a session of pool "ids"',
        ),
        ("pools/big/sensor", {}, "pools.big.sensor", "unknown key; did you mean `sensors`?"),
        ("pools/big/sensors", {}, "pools.big.sensors", "is empty; name at least one matcher"),
        (
            "pools/spare",
            {"sessions": ["tms-j6c00000000000000003"]},
            "pools.spare",
            "no rule and no default sends anything to this pool",
        ),
        # results
        (
            "rules/0/never",
            MISSING,
            "rules.0",
            "needs a result: `pool` with the name of a pool, or `never: true`",
        ),
        ("rules/0/never", False, "rules.0.never", "must be `true`, or left out"),
        ("rules/0/pool", "ids", "rules.0", "has both `pool` and `never`; keep one of them"),
        ("rules/1/pool", "idz", "rules.1.pool", 'no pool is called "idz"; did you mean `ids`?'),
        (
            "rules/1/pool",
            "nowhere",
            "rules.1.pool",
            'no pool is called "nowhere"; known here: ids, big',
        ),
        ("rules/1/pool", ["ids"], "rules.1.pool", "is a list, but must be the name of a pool"),
        (
            "default",
            "nevr",
            "default",
            "must be `never`, or `{pool: NAME}` with the name of a pool",
        ),
        (
            "default",
            {},
            "default",
            "names no pool; write `never`, or `{pool: NAME}` with the name of a pool",
        ),
        ("default", {"pool": "bg"}, "default.pool", 'no pool is called "bg"; did you mean `big`?'),
    ],
)
def test_a_mistake_is_told_at_its_place(
    path: str, value: object, place: str, sentence: str
) -> None:
    problem = f"{place}: {sentence}" if place else sentence
    assert problem in problems_of(changed(path, value))


def test_pools_must_be_there() -> None:
    assert "`pools` is missing; it names the sessions to mirror to" in problems_of({"version": 1})


def test_a_pool_must_have_a_name() -> None:
    document = changed("pools/ ", {"sessions": ["tms-j6c00000000000000003"]})
    assert (
        'pools. : " " cannot be the name of a pool: use 1 to 100 printable characters'
        in problems_of(document)
    )


@pytest.mark.parametrize("document", [None, [], "version: 1", 1, True])
def test_what_is_no_mapping_is_one_problem(document: object) -> None:
    (problem,) = problems_of(document)
    assert "but must be a mapping with the keys version, pools," in problem


def test_every_problem_is_told_at_once() -> None:
    document = changed("rules/1/match/vcp", VPC)
    document["rules"][1]["pool"] = "idz"
    document["pools"]["big"]["sessions"] += [SESSION, "tms-x"]
    document["rules"].append({"match": {"vpc": VPC, "tags": {"a": "b"}}, "never": True})
    document["rules"].append({"match": {"tags": {"mirror": "off"}}, "pool": "big"})
    document["defalt"] = "never"
    places = [problem.split(": ")[0] for problem in problems_of(document)]
    assert sorted(places) == [
        "defalt",
        "pools.big.sessions.1",
        "pools.big.sessions.2",
        "rules.1.match.vcp",
        "rules.1.pool",
        "rules.4",
    ]


def test_a_path_is_written_so_that_it_can_be_shown() -> None:
    assert key_path(("rules", 0, "match", "\ud800")) == "rules.0.match.\\ud800"
