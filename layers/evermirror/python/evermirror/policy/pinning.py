"""Reads what a pool's sessions must have for traffic to count as mirrored, and its former names.

Whether the parts of a pool agree is looked at in `contradictions`, where nothing is read any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from evermirror.policy.reading import Part, quoted
from evermirror.policy.session_tags import unfit_for_a_tag
from evermirror.policy.sessions import Pool
from evermirror.policy.vocabulary import FILTER, TARGET

DIRECTIONS = ("ingress", "egress")


def with_pins(pool: Pool, entries: Mapping[str, Part]) -> Pool:
    """Add to a pool what these entries say; it means something only without a problem."""
    return replace(
        pool,
        target_ids=frozenset(_distinct(entries.get("targets"), "the pool's targets", TARGET.read)),
        filter_id=FILTER.read(entries["filter"]) if "filter" in entries else None,
        directions=frozenset(
            _distinct(entries.get("directions"), "ingress and egress", _read_direction)
        ),
        was=tuple(sorted(_distinct(entries.get("was"), "the pool's former names", _read_name))),
    )


def _distinct(part: Part | None, meant: str, read: Callable[[Part], str | None]) -> set[str]:
    values: set[str] = set()
    for item in part.one_or_more(meant) if part else ():
        value = read(item)
        if value is not None and value in values:
            item.wrong(f"{quoted(value)} is given twice")
        elif value is not None:
            values.add(value)
    return values


def _read_direction(part: Part) -> str | None:
    return part.choice("a direction of traffic", DIRECTIONS)


def _read_name(part: Part) -> str | None:
    name = part.name("a former name of a pool")
    unfit = None if name is None else unfit_for_a_tag(name)
    if unfit is not None:
        part.wrong(f"{unfit}; no session can be tagged with this name")
    return name
