"""Reads matches, and the interfaces that expectations describe in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from evermirror.model import IN_USE, Instance, NetworkInterface
from evermirror.policy.matchers import (
    FACTS,
    Matcher,
    OneOf,
    Tagged,
    all_of,
    any_of,
    none_of,
)
from evermirror.policy.reading import Part
from evermirror.policy.vocabulary import read_tag_key, read_tag_value, read_tags, read_value

_TAGS = ("tags", "instance_tags")
_COMBINERS: Mapping[str, Callable[[Iterable[Matcher]], Matcher]] = {"all": all_of, "any": any_of}
MATCH_KEYS = (*FACTS, *_TAGS, *_COMBINERS, "not")
EXAMPLE_KEYS = (*FACTS, *_TAGS, "service_managed", "trunk_network_interface")

_DEEPEST = 10
_TAGS_MEANT = "a mapping of tag keys to values"


def read_match(part: Part, depth: int = 1) -> Matcher | None:
    """Read a match; None when something in it is wrong, which the part's problems then tell.

    Keys side by side mean all of them, a list means any of its values.
    """
    if depth > _DEEPEST:
        part.wrong(f"matches are nested more than {_DEEPEST} deep")
        return None
    before = len(part.problems)
    if part.value == {}:
        part.wrong("is empty; name at least one matcher")
    matchers = [_matcher(key, entry, depth) for key, entry in part.fields(MATCH_KEYS).items()]
    return all_of(filter(None, matchers)) if len(part.problems) == before else None


def _matcher(key: str, part: Part, depth: int) -> Matcher | None:
    if key in _TAGS:
        return _tags(part, of_instance=key == "instance_tags")
    if key == "not":
        negated = read_match(part, depth + 1)
        return none_of(negated) if negated else None
    if key in _COMBINERS:
        if part.value in ([], ()):
            part.wrong("is an empty list; give at least one match")
        operands = [read_match(item, depth + 1) for item in part.items("matches")]
        return _COMBINERS[key](filter(None, operands))
    values = [read_value(key, item) for item in part.one_or_more("the values you mean")]
    return OneOf(key, frozenset(filter(None, values)))


def _tags(part: Part, *, of_instance: bool) -> Matcher:
    if part.value == {}:
        part.wrong("is empty; name at least one tag")
    return all_of(
        Tagged(of_instance, key, frozenset(value for value in values if value is not None))
        for entry in part.entries(_TAGS_MEANT).values()
        if (key := read_tag_key(entry)) is not None
        and (values := [read_tag_value(item) for item in entry.one_or_more("the values you mean")])
    )


def read_example(part: Part) -> tuple[NetworkInterface, Instance]:
    """Read an interface in the words of a match, with one value where a match may list several.

    What is not said, the example does not have: no tag, no resource group, an instance without
    tags. When something is wrong, the part's problems tell.
    """
    entries = part.fields(EXAMPLE_KEYS)
    one = {key: _one_value(key, entry) for key, entry in entries.items() if key in _SINGLE}
    interface = NetworkInterface(
        id=one.get("network_interface", ""),
        status=IN_USE,
        type=one.get("type", "Primary"),
        instance_id=one.get("instance", ""),
        vpc_id=one.get("vpc"),
        vswitch_id=one.get("vswitch"),
        zone_id=one.get("zone"),
        security_group_ids=_groups(entries.get("security_group")),
        tags=_example_tags(entries.get("tags")),
        resource_group_id=one.get("resource_group"),
        service_managed=_flag(entries.get("service_managed")),
        trunk_network_interface_id=one.get("trunk_network_interface"),
    )
    instance = Instance(
        id=one.get("instance", ""),
        family=one.get("instance_family", ""),
        tags=_example_tags(entries.get("instance_tags")),
    )
    return interface, instance


_SINGLE = {*FACTS, "trunk_network_interface"} - {"security_group"}


def _one_value(key: str, part: Part) -> str:
    kind = "network_interface" if key == "trunk_network_interface" else key
    return read_value(kind, part) or ""


def _groups(part: Part | None) -> frozenset[str]:
    items = part.one_or_more("security group ids") if part else []
    return frozenset(filter(None, (read_value("security_group", item) for item in items)))


def _example_tags(part: Part | None) -> dict[str, str]:
    return read_tags(part) if part else {}


def _flag(part: Part | None) -> bool:
    if part is not None and not isinstance(part.value, bool):
        part.wrong("must be true or false")
    return part is not None and part.value is True
