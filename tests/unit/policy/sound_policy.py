"""A policy without a mistake, and the same spoilt at one place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from evermirror.errors import PolicyError
from evermirror.policy import InvalidPolicyError, compile_policy

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
