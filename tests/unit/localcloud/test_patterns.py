"""Event patterns, row by row of the published table."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.eventbridge.patterns import Pattern, PatternError

EVENT: dict[str, Any] = {
    "source": "acs.ecs",
    "type": "ecs:ActionTrail:ApiCall",
    "data": {
        "state": "Running",
        "count": 5,
        "address": "10.0.0.7",
        "nothing": None,
        "empty": "",
        "flag": True,
        "many": ["a", "b"],
        "deep": {"er": "x"},
    },
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({}, True),
        ({"source": ["acs.ecs"]}, True),
        ({"source": ["ACS.ECS"]}, False),
        ({"source": ["acs.oss", "acs.ecs"]}, True),
        ({"source": ["acs.ecs"], "type": ["other"]}, False),
        ({"type": [{"prefix": "ecs:"}]}, True),
        ({"type": [{"prefix": "vpc:"}]}, False),
        ({"type": [{"suffix": ":ApiCall"}]}, True),
        ({"type": [{"contains": "Trail"}]}, True),
        ({"type": [{"prefix": "ecs:", "suffix": ":ApiCall"}]}, True),
        ({"type": [{"prefix": "ecs:", "suffix": ":ConsoleOperation"}]}, False),
        ({"data": {"state": [{"anything-but": "Stopped"}]}}, True),
        ({"data": {"state": [{"anything-but": "Running"}]}}, False),
        ({"data": {"state": [{"anything-but": ["Stopped", "Running"]}]}}, False),
        ({"data": {"state": [{"anything-but": {"prefix": "Run"}}]}}, False),
        ({"data": {"count": [{"anything-but": 4}]}}, True),
        ({"data": {"missing": [{"anything-but": "x"}]}}, False),
        ({"data": {"count": [{"numeric": [">", 0, "<=", 5]}]}}, True),
        ({"data": {"count": [{"numeric": [">", 5]}]}}, False),
        ({"data": {"state": [{"numeric": [">", 0]}]}}, False),
        ({"data": {"flag": [{"numeric": ["=", 1]}]}}, False),
        ({"data": {"address": [{"cidr": "10.0.0.0/24"}]}}, True),
        ({"data": {"address": [{"cidr": "10.0.1.0/24"}]}}, False),
        ({"data": {"state": [{"cidr": "10.0.0.0/24"}]}}, False),
        ({"data": {"errorCode": [{"exists": False}]}}, True),
        ({"data": {"state": [{"exists": False}]}}, False),
        ({"data": {"nothing": [{"exists": True}]}}, True),
        ({"gone": {"errorCode": [{"exists": False}]}}, True),
        ({"source": {"errorCode": ["x"]}}, False),
        ({"data": {"nothing": [None]}}, True),
        ({"data": {"missing": [None]}}, False),
        ({"data": {"empty": [""]}}, True),
        ({"data": {"flag": [True]}}, True),
        ({"data": {"flag": [1]}}, False),
        ({"data": {"many": ["b"]}}, True),
        ({"data": {"many": ["c"]}}, False),
        ({"data": {"deep": {"er": ["x"]}}}, True),
    ],
)
def test_a_pattern_lets_through_what_it_says(pattern: dict[str, Any], matches: bool) -> None:
    assert Pattern(pattern).matches(EVENT) is matches


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ({"source": "acs.ecs"}, "source"),
        ({"data": {"state": []}}, "data.state"),
        ({"data": {"state": list("abcdef")}}, "data.state"),
        ({"data": {"state": [{"like": "x"}]}}, "data.state"),
        ({"data": {"state": [{}]}}, "data.state"),
        ({"data": {"state": [{"prefix": 1}]}}, "data.state.prefix"),
        ({"data": {"state": [{"exists": "no"}]}}, "data.state.exists"),
        ({"data": {"state": [{"numeric": [">"]}]}}, "data.state.numeric"),
        ({"data": {"state": [{"numeric": ["?", 1]}]}}, "data.state.numeric"),
        ({"data": {"state": [{"cidr": "here"}]}}, "data.state.cidr"),
    ],
)
def test_what_is_no_pattern_is_refused_with_its_place(pattern: dict[str, Any], place: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(pattern)
    assert str(caught.value).startswith(f"{place}:")
