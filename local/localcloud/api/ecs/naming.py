"""What the calls that create things are given for them: names, tags, groups, addresses.

The errors are those of ECS API 2014-05-26, RunInstances and CreateNetworkInterface.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from localcloud.api.parameters import Identifier, Tag
from localcloud.refusals import refused
from localcloud.world.objects import VSwitch
from localcloud.world.world import World

_RESERVED = ("aliyun", "acs:")
_ADDRESS = ("http://", "https://")
_KEY_LIMIT = _VALUE_LIMIT = 128
_NAME_LEAST, _NAME_MOST = 2, 128
# ECS, "Specify sequential instance names": name_prefix[begin_number,bits]name_suffix.
_COUNTED = re.compile(r"\[(\d{0,6}),(\d?)\]")
_USUAL_DIGITS = 3


def _no_address(text: str) -> str:
    if text.startswith(_ADDRESS):
        raise ValueError("does not begin like an address")
    return text


_Name = Field(min_length=_NAME_LEAST, max_length=_NAME_MOST)
Name = Annotated[str, _Name, AfterValidator(_no_address)]
Description = Annotated[str, Field(min_length=2, max_length=256), AfterValidator(_no_address)]
Groups = Annotated[tuple[Identifier, ...], Field(max_length=16)]
NewTags = Annotated[tuple[Tag, ...], Field(max_length=20)]


def check_instance_name(name: str) -> None:
    """2 to 128 characters that do not begin like an address."""
    if not _NAME_LEAST <= len(name) <= _NAME_MOST or name.startswith(_ADDRESS):
        raise refused("InvalidInstanceName.Malformed", name)


def tags_of(asked: Sequence[Tag]) -> dict[str, str]:
    """Tags to give; one without a value has an empty one."""
    tags: dict[str, str] = {}
    for tag in asked:
        if len(tag.key) > _KEY_LIMIT or tag.key.lower().startswith((*_RESERVED, *_ADDRESS)):
            raise refused("InvalidTagKey.Malformed", tag.key)
        value = tag.value or ""
        if len(value) > _VALUE_LIMIT or value.startswith(_ADDRESS):
            raise refused("InvalidTagValue.Malformed", value)
        if tag.key in tags:
            raise refused("Duplicate.TagKey", tag.key)
        tags[tag.key] = value
    return tags


def groups_of(single: str | None, several: Sequence[str]) -> tuple[str, ...]:
    """The security groups that one parameter or the other names; not both may."""
    if single is not None and several:
        raise refused("InvalidSecurityGroupId.SingleIdAndMultiIdConflict")
    for group in several:
        if several.count(group) > 1:
            raise refused("InvalidParameter.SecurityGroupIdRepeated", group)
    return (single,) if single is not None else tuple(several)


def existing_vswitch(world: World, vswitch_id: str | None) -> VSwitch:
    if vswitch_id is None:
        raise refused("MissingParameter", "VSwitchId")
    vswitch = world.networks.vswitch(vswitch_id)
    if vswitch is None:
        raise refused("InvalidVSwitchId.NotFound", vswitch_id)
    return vswitch


def check_groups(world: World, groups: Sequence[str], vswitch: VSwitch, mismatch: str) -> None:
    """They exist, and in the VPC of the vSwitch; `mismatch` is the code where they do not."""
    if not groups:
        raise refused("MissingParameter", "SecurityGroupId")
    for group_id in groups:
        group = world.networks.security_group(group_id)
        if group is None:
            raise refused("InvalidSecurityGroupId.NotFound", group_id)
        if group.vpc != vswitch.vpc:
            raise refused(mismatch, group_id)


def is_address(text: str) -> bool:
    """Whether a text is an IPv4 address."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def counted(name: str, place: int, *, unique_suffix: bool) -> str:
    """The name of the instance at a place (from 0) among those of one call."""
    pattern = _COUNTED.search(name)
    if pattern is not None:
        begin, digits = int(pattern[1] or 0), int(pattern[2] or 0)
        number = str(begin + place).zfill(digits or _USUAL_DIGITS)
        name = name[: pattern.start()] + number + name[pattern.end() :]
        # Without a suffix of its own a counted name is unique already.
        unique_suffix = unique_suffix and pattern.end() < len(pattern.string)
    return f"{name}{place + 1:0{_USUAL_DIGITS}d}" if unique_suffix else name
