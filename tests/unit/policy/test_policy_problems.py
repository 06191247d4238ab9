"""Every mistake in a policy is told at its place, in a sentence that says what is meant."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from evermirror.errors import PolicyError
from evermirror.policy import InvalidPolicyError, compile_policy, example_interface, key_path

VPC = "vpc-j6c00000000000000001"
SESSION = "tms-j6c00000000000000001"
MISSING = object()

SOUND: dict[str, Any] = {
    "version": 1,
    "pools": {"ids": {"sessions": [SESSION]}, "big": {"sessions": ["tms-j6c00000000000000002"]}},
    "members": "skip",
    "rules": [
        {"name": "opted out", "match": {"tags": {"mirror": "off"}}, "never": True},
        {"name": "web", "match": {"vpc": [VPC]}, "pool": "ids"},
        {"name": "rest", "match": {"zone": "cn-hongkong-b"}, "pool": "big"},
    ],
    "default": "never",
    "expect": [{"interface": {"vpc": VPC}, "pool": "ids"}],
}


def problems_of(document: object) -> list[str]:
    with pytest.raises(InvalidPolicyError) as caught:
        compile_policy(document)
    assert isinstance(caught.value, PolicyError)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [str(problem) for problem in caught.value.problems]


def changed(path: str, value: object) -> dict[str, Any]:
    """The sound document with the part at a path replaced, or left out when it is MISSING."""
    document = copy.deepcopy(SOUND)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    part: Any = document
    for step in way:
        part = part[step]
    if value is MISSING:
        del part[last]
    else:
        part[last] = value
    return document


def test_the_document_that_is_spoilt_below_is_sound() -> None:
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
            ("is a list, but must be a mapping with the keys sessions, discover, sensors, grow"),
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
        # rules
        (
            "rules/1",
            "web",
            "rules.1",
            "is text, but must be a mapping with the keys name, match, pool, never",
        ),
        (
            "rules/1/name",
            "",
            "rules.1.name",
            '"" cannot be the name of a rule: use 1 to 100 printable characters',
        ),
        (
            "rules/1/name",
            "a\u202eb",
            "rules.1.name",
            '"a\\u202eb" cannot be the name of a rule: use 1 to 100 printable characters',
        ),
        (
            "rules/1/name",
            "opted out",
            "rules.1",
            'another rule is called "opted out"; reports must tell them apart',
        ),
        (
            "rules/1/match",
            MISSING,
            "rules.1",
            "`match` is missing; to match every interface, write `match: {}`",
        ),
        (
            "rules/1/match",
            None,
            "rules.1.match",
            (
                "is empty, but must be a mapping with the keys vpc, vswitch, zone, "
                "security_group, type, resource_group, network_interface, instance, "
                "instance_family, tags, instance_tags, all, any, not"
            ),
        ),
        # matchers
        ("rules/1/match/vcp", VPC, "rules.1.match.vcp", "unknown key; did you mean `vpc`?"),
        (
            "rules/1/match/vpc",
            [],
            "rules.1.match.vpc",
            "is an empty list; give at least one of the values you mean",
        ),
        (
            "rules/1/match/vpc",
            ["vsw-j6c00000000000000001"],
            "rules.1.match.vpc.0",
            (
                '"vsw-j6c00000000000000001" is not a VPC id but a vSwitch id: that goes under '
                "`vswitch`"
            ),
        ),
        (
            "rules/1/match/vpc",
            "production",
            "rules.1.match.vpc",
            '"production" is not a VPC id; one looks like vpc-j6c00000000000000001',
        ),
        (
            "rules/1/match/instance_family",
            "ecs.g7.large",
            "rules.1.match.instance_family",
            (
                '"ecs.g7.large" is not an instance family (an instance type without its size); '
                "one looks like ecs.g7"
            ),
        ),
        (
            "rules/1/match/zone",
            "cn-hongkong",
            "rules.1.match.zone",
            '"cn-hongkong" is not a zone id; one looks like cn-hongkong-b',
        ),
        (
            "rules/1/match/type",
            "secondary",
            "rules.1.match.type",
            '"secondary" is not an interface type; did you mean `Secondary`?',
        ),
        ("rules/1/match/all", [], "rules.1.match.all", "is an empty list; give at least one match"),
        (
            "rules/1/match/any",
            {"vpc": VPC},
            "rules.1.match.any",
            "is a mapping, but must be a list of matches",
        ),
        ("rules/1/match/any", [{}], "rules.1.match.any.0", "is empty; name at least one matcher"),
        ("rules/1/match/not", {}, "rules.1.match.not", "is empty; name at least one matcher"),
        ("rules/0/match/tags", {}, "rules.0.match.tags", "is empty; name at least one tag"),
        (
            "rules/0/match/tags",
            ["mirror"],
            "rules.0.match.tags",
            "is a list, but must be a mapping of tag keys to values",
        ),
        (
            "rules/0/match/tags/mirror",
            False,
            "rules.0.match.tags.mirror",
            (
                "is read as the boolean false, but must be a tag value as text: write the word "
                'in quotes, as in "on" or "off"'
            ),
        ),
        (
            "rules/0/match/tags/mirror",
            1,
            "rules.0.match.tags.mirror",
            "is read as a number, but must be a tag value as text: write the word in quotes",
        ),
        (
            "rules/0/match/tags/mirror",
            date(2026, 1, 1),
            "rules.0.match.tags.mirror",
            "is read as a date, but must be a tag value as text: write the word in quotes",
        ),
        (
            "rules/0/match/tags/mirror",
            "*",
            "rules.0.match.tags.mirror",
            '"*" is no wildcard: values are compared letter by letter; list those you mean',
        ),
        (
            "rules/0/match/tags/mirror",
            [],
            "rules.0.match.tags.mirror",
            "is an empty list; give at least one of the values you mean",
        ),
        (
            "rules/0/match/tags/mirror",
            "x" * 129,
            "rules.0.match.tags.mirror",
            "is longer than a tag can be (128 characters)",
        ),
        (
            "rules/0/match/tags/mirror",
            "\ud800",
            "rules.0.match.tags.mirror",
            "contains half of a character, which no name or tag can have",
        ),
        ("rules/0/match/tags", {"": "x"}, "rules.0.match.tags.", "a tag needs a key"),
        (
            "rules/0/match/tags",
            {False: "x", "a": "b"},
            "rules.0.match.tags",
            "a key is the boolean false; write it in quotes to make it text",
        ),
        # rules that cannot decide
        (
            "rules/0/match",
            {},
            "rules.1",
            (
                '"web" can never decide: "opted out" comes first and matches everything that it'
                " matches"
            ),
        ),
        (
            "rules/2/match",
            {"vpc": VPC, "type": "Primary"},
            "rules.2",
            ('"rest" can never decide: "web" comes first and matches everything that it matches'),
        ),
        (
            "rules/2/match",
            {"type": ["Trunk", "Member"]},
            "rules.2",
            (
                '"rest" can never decide: `members: skip` excludes trunk and member interfaces '
                "before the rules"
            ),
        ),
        # expectations
        ("expect", {}, "expect", "is a mapping, but must be a list of expectations"),
        (
            "expect/0/interface",
            MISSING,
            "expect.0",
            "`interface` is missing; describe one in the words of a match",
        ),
        (
            "expect/0/interface/vpc",
            [VPC],
            "expect.0.interface.vpc",
            "is a list, but must be a VPC id",
        ),
        (
            "expect/0/interface/service_managed",
            "yes",
            "expect.0.interface.service_managed",
            "must be true or false",
        ),
        (
            "expect/0/interface/any",
            [],
            "expect.0.interface.any",
            (
                "unknown key; known here: vpc, vswitch, zone, security_group, type, "
                "resource_group, network_interface, instance, instance_family, tags, "
                "instance_tags, service_managed, trunk_network_interface"
            ),
        ),
        (
            "expect/0/pool",
            MISSING,
            "expect.0",
            "needs a result: `pool` with the name of a pool, or `never: true`",
        ),
        ("expect/0/pool", "bigg", "expect.0.pool", 'no pool is called "bigg"; did you mean `big`?'),
        ("expect/0/rule", "webb", "expect.0.rule", 'no rule is called "webb"; did you mean `web`?'),
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


def test_a_rule_whose_match_cannot_be_read_is_not_called_unreachable_too() -> None:
    document = changed("rules/2/match", {"vpc": "x"})
    assert len(problems_of(document)) == 1


def test_a_rule_whose_pool_cannot_be_read_does_not_make_that_pool_unused() -> None:
    assert len(problems_of(changed("rules/2/pool", 1))) == 1


def test_matches_nest_only_so_deep() -> None:
    match: dict[str, Any] = {"vpc": VPC}
    for _ in range(10):
        match = {"not": match}
    place = ".".join(["rules.1.match", *["not"] * 10])
    assert f"{place}: matches are nested more than 10 deep" in problems_of(
        changed("rules/1/match", match)
    )


def test_data_that_contains_itself_is_refused_not_followed() -> None:
    match: dict[str, Any] = {}
    match["not"] = match
    assert (
        "matches are nested more than 10 deep" in problems_of(changed("rules/1/match", match))[-1]
    )


def test_a_rule_without_a_name_is_called_by_its_position() -> None:
    assert [rule.name for rule in compile_policy(changed("rules/1/name", MISSING)).rules] == [
        "opted out",
        "rule 2",
        "rest",
    ]


def test_a_path_is_written_so_that_it_can_be_shown() -> None:
    assert key_path(("rules", 0, "match", "\ud800")) == "rules.0.match.\\ud800"


def test_an_example_interface_is_read_in_the_words_of_a_match() -> None:
    interface, instance = example_interface(
        {
            "vpc": VPC,
            "security_group": ["sg-j6c0000000000000001"],
            "instance": "i-j6c0000000000000001",
            "instance_family": "ecs.g7",
            "instance_tags": {"env": "prod"},
            "tags": {"role": "web"},
            "type": "Member",
            "trunk_network_interface": "eni-j6c000000000000009",
            "service_managed": True,
        }
    )
    assert (interface.vpc_id, interface.type) == (VPC, "Member")
    assert interface.security_group_ids == {"sg-j6c0000000000000001"}
    assert interface.tags == {"role": "web"}
    assert interface.trunk_network_interface_id == "eni-j6c000000000000009"
    assert interface.service_managed
    assert interface.instance_id == instance.id == "i-j6c0000000000000001"
    assert (instance.family, instance.tags) == ("ecs.g7", {"env": "prod"})


def test_an_example_interface_with_mistakes_is_refused_with_all_of_them() -> None:
    with pytest.raises(InvalidPolicyError) as caught:
        example_interface({"vpc": "x", "tagz": {}})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "zone", ["cn-hongkong-b", "ap-southeast-1a", "cn-shanghai-finance-1-a", "cn-heyuan-acdr-1a"]
)
def test_zones_are_told_from_regions_in_every_spelling(zone: str) -> None:
    assert example_interface({"zone": zone})[0].zone_id == zone
    with pytest.raises(InvalidPolicyError):
        example_interface({"zone": zone[:-1].rstrip("-")})


def test_an_instance_family_may_have_a_dash() -> None:
    assert example_interface({"instance_family": "ecs.gn7i-c8"})[1].family == "ecs.gn7i-c8"
