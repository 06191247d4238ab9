"""What can stand beside each key of a match, so that a mistyped id is found before deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from evermirror import ids
from evermirror.policy.reading import Part, quoted

INTERFACE_TYPES = ("Primary", "Secondary", "Trunk", "Member")
"""Types of DescribeNetworkInterfaces (ECS 2014-05-26) and, for the last two, of Terway."""

LONGEST_TAG = 128  # characters of a key or a value, as in ECS TagResources (2014-05-26)
LONGEST_NAME = 128  # characters of a session's name (VPC API 2016-04-28)


class Kind(NamedTuple):
    """A kind of value: what it is called, what one looks like, and the pattern of all of them."""

    name: str
    example: str
    pattern: str

    def fits(self, text: str) -> bool:
        # Compiled at the first use by `re` itself: a function that never sees a zone pays for none.
        return re.fullmatch(self.pattern, text) is not None

    def read(self, part: Part) -> str | None:
        text = part.text(self.name)
        if text is None or self.fits(text):
            return text
        part.wrong(f"{quoted(text)} is not {self.name}{self._meant(text)}")
        return None

    def _meant(self, text: str) -> str:
        for kinds in (KINDS, POOL_KINDS):
            for key, kind in kinds.items():
                if kind.fits(text):
                    place = f": that goes under `{key}`" if self in kinds.values() else ""
                    return f" but {kind.name}{place}"
        return f"; one looks like {self.example}"


SESSION = Kind("a traffic mirror session id", "tms-j6c00000000000000001", ids.SESSION.pattern)
FILTER = Kind("a traffic mirror filter id", "tmf-j6c00000000000000001", ids.FILTER.pattern)
LOAD_BALANCER = Kind("a load balancer id", "lb-j6c00000000000000001", ids.LOAD_BALANCER.pattern)
TARGET = Kind(
    "a target (a network interface id or a load balancer id)",
    "lb-j6c00000000000000001",
    f"{ids.NETWORK_INTERFACE.pattern}|{ids.LOAD_BALANCER.pattern}",
)

KINDS: Mapping[str, Kind] = {
    "vpc": Kind("a VPC id", "vpc-j6c00000000000000001", "vpc-[a-z0-9]{8,40}"),
    "vswitch": Kind("a vSwitch id", "vsw-j6c00000000000000001", "vsw-[a-z0-9]{8,40}"),
    # Zones of cn-hongkong end in -b, those of ap-southeast-1 in 1a; a region alone ends in neither.
    "zone": Kind("a zone id", "cn-hongkong-b", "[a-z]{2}-[a-z]+(-[a-z0-9]+)*-([a-z]|[0-9]+[a-z])"),
    "security_group": Kind("a security group id", "sg-j6c0000000000000001", "sg-[a-z0-9]{8,40}"),
    "instance": Kind("an instance id", "i-j6c0000000000000001", ids.INSTANCE.pattern),
    "instance_family": Kind(
        "an instance family (an instance type without its size)",
        "ecs.g7",
        r"ecs\.[a-z0-9]+(-[a-z0-9]+)*",
    ),
    "resource_group": Kind("a resource group id", "rg-j6c000000000001", "rg-[a-z0-9]{8,40}"),
    "network_interface": Kind(
        "a network interface id", "eni-j6c000000000000001", ids.NETWORK_INTERFACE.pattern
    ),
}

POOL_KINDS: Mapping[str, Kind] = {"sessions": SESSION, "filter": FILTER, "target": LOAD_BALANCER}
"""Ids that stand in pools, where those of a match do not belong, and the other way round."""


def read_value(key: str, part: Part) -> str | None:
    """Read what stands beside a key of a match: an id of its kind, or an interface type."""
    if key == "type":
        return part.choice("an interface type", INTERFACE_TYPES)
    return KINDS[key].read(part)


def read_tags(part: Part) -> dict[str, str]:
    """Read tags with one value each, as a session or an example carries them."""
    entries = part.entries("a mapping of tag keys to values")
    read = ((read_tag_key(entry), read_tag_value(entry)) for entry in entries.values())
    return {key: value for key, value in read if key is not None and value is not None}


def read_tag_value(part: Part) -> str | None:
    """Read a tag's value, which is compared letter by letter."""
    value = part.text("a tag value")
    if value == "*":
        part.wrong('"*" is no wildcard: values are compared letter by letter; list those you mean')
        return None
    return _short_enough(value, part)


def read_tag_key(part: Part) -> str | None:
    """Read the key of a tag, which is the last step to its value."""
    key = part.key.text("the key of a tag")
    if key == "":
        part.wrong("a tag needs a key")
        return None
    return _short_enough(key, part)


def _short_enough(text: str | None, part: Part) -> str | None:
    if text is None or len(text) <= LONGEST_TAG:
        return text
    part.wrong(f"is longer than a tag can be ({LONGEST_TAG} characters)")
    return None
