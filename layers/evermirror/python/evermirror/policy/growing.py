"""Reads how a pool makes its next session, each value within what the cloud accepts.

Limits are those of CreateTrafficMirrorSession (VPC API 2016-04-28): what the cloud would refuse at
night, in the middle of a launch, is refused in the review.
"""

from __future__ import annotations

from collections.abc import Mapping

from evermirror.policy.reading import Part, quoted
from evermirror.policy.session_tags import (
    ADDRESSES,
    EITHER_ADDRESS,
    MOST_MADE,
    read_session_tags,
    unfit_for_a_tag,
)
from evermirror.policy.sessions import POOL_TAG, Growth, Target
from evermirror.policy.vocabulary import (
    FILTER,
    KINDS,
    LOAD_BALANCER,
    LONGEST_NAME,
    Kind,
)

GROWTH_KEYS = (
    "filter",
    "targets",
    "priorities",
    "max_sessions",
    "name",
    "packet_length",
    "resource_group",
    "tags",
)
TARGET_KEYS = ("id", "type")
TARGET_KINDS: Mapping[str, Kind] = {
    "NetworkInterface": KINDS["network_interface"],
    "SLB": LOAD_BALANCER,
}
PRIORITIES = (1, 32766)
_NO_PRIORITIES = (1, 0)
PACKET_LENGTHS = (64, 8500)
SESSION_NUMBERS = (1, 20_000)
"""How many sessions an account may have in a region."""
MAY_BE_NULL = ("packet_length", "resource_group")


def read_growth(pool: str, part: Part) -> Growth:
    """Read how a pool makes its next session; it means something only without a problem.

    Sessions are called after the pool where `name` is not given.
    """
    entries = {
        key: entry
        for key, entry in part.fields(GROWTH_KEYS).items()
        if entry.value is not None or key not in MAY_BE_NULL
    }
    filter_ = part.required(entries, "filter", f"name one, such as {FILTER.example}")
    most = part.required(entries, "max_sessions", "say how many sessions the pool may make")
    first, last = _read_priorities(part, entries)
    growth = Growth(
        filter_id=(FILTER.read(filter_) if filter_ else None) or "",
        targets=_read_targets(part, entries),
        first_priority=first,
        last_priority=last,
        max_sessions=(most.whole("a number of sessions", *SESSION_NUMBERS) if most else None) or 1,
        name=_read_name(entries.get("name")) or pool,
        packet_length=_read_packet_length(entries.get("packet_length")),
        resource_group_id=_read_resource_group(entries.get("resource_group")),
        tags=_read_tags(entries["tags"]) if "tags" in entries else {},
    )
    _check_name(entries.get("name", part), growth)
    _check_pool_name(pool, part)
    return growth


def _read_name(part: Part | None) -> str | None:
    name = part.text("what the pool's sessions are called") if part else None
    if part and name is not None and not (name.strip() and name.isprintable()):
        part.wrong(f"{quoted(name)} cannot be a session's name: use printable characters")
    return name


def _read_targets(part: Part, entries: Mapping[str, Part]) -> tuple[Target, ...]:
    hint = f"list where the traffic goes, such as {{id: {LOAD_BALANCER.example}, type: SLB}}"
    listed = part.required(entries, "targets", hint)
    if listed is None:
        return ()
    if listed.value in ([], ()):
        listed.wrong("is an empty list; give at least one target")
    targets: list[Target] = []
    for item in listed.items("targets"):
        target = _read_target(item)
        if target is not None and target in targets:
            item.wrong(f"{target.id} is given twice")
        elif target is not None:
            targets.append(target)
    return tuple(targets)


def _read_target(part: Part) -> Target | None:
    entries = part.fields(TARGET_KEYS)
    id_ = part.required(entries, "id", "name a network interface or a load balancer")
    type_ = part.required(entries, "type", f"write one of {', '.join(TARGET_KINDS)}")
    word = type_.choice("a type of target", tuple(TARGET_KINDS)) if type_ else None
    kind = TARGET_KINDS.get(word or "")
    text = kind.read(id_) if kind and id_ else None
    return Target(text, word) if text and word else None


def _read_priorities(part: Part, entries: Mapping[str, Part]) -> tuple[int, int]:
    hint = "give the first and the last that the pool may use, such as [1000, 2000]"
    listed = part.required(entries, "priorities", hint)
    items = listed.items("two priorities, the first and the last") if listed else []
    if listed is None or len(items) != 2:
        if listed is not None and isinstance(listed.value, (list, tuple)):
            listed.wrong(f"must be two priorities; {hint}")
        return _NO_PRIORITIES
    first, last = (item.whole("a priority", *PRIORITIES) for item in items)
    if first is not None and last is not None and first > last:
        listed.wrong(f"begins with {first} and ends with {last}; write the lower one first")
    return (first, last) if first and last else _NO_PRIORITIES


def _read_packet_length(part: Part | None) -> int | None:
    return part.whole("bytes of a packet", *PACKET_LENGTHS) if part else None


def _read_resource_group(part: Part | None) -> str | None:
    return KINDS["resource_group"].read(part) if part else None


def _read_tags(part: Part) -> dict[str, str]:
    most = f"a session can have {MOST_MADE} besides Evermirror's own"
    tags = read_session_tags(part, MOST_MADE, most)
    if POOL_TAG in tags:
        part.child(POOL_TAG, None).wrong(
            "is the tag by which Evermirror knows the sessions it made; choose another key"
        )
    return tags


def _check_name(part: Part, growth: Growth) -> None:
    longest = growth.session_name(growth.numbers[-1]) if growth.numbers else growth.name
    if len(longest) > LONGEST_NAME:
        part.wrong(
            f"makes names of {len(longest)} characters with their numbers, such as "
            f"{quoted(longest)}; a session's name has at most {LONGEST_NAME}"
        )
    if growth.name.startswith(ADDRESSES):
        part.wrong(f"begins with {EITHER_ADDRESS}, which no name of a session may")


def _check_pool_name(pool: str, part: Part) -> None:
    unfit = unfit_for_a_tag(pool)
    if unfit is not None:
        part.wrong(f"the pool's name {unfit}; sessions that it makes carry the name as a tag")
