"""A policy as it is drawn: its document for the product, and its meaning for the judge.

The judge reads the drawn parts and never the compiled policy, so that a mistake of the product's
own decider cannot hide in its judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

POOL_TAG = "evermirror-pool"
SENSOR = ("role", "sensor")


@dataclass(frozen=True, slots=True)
class Grow:
    """How a pool makes sessions. `targets` are pairs of id and type."""

    filter: str
    targets: tuple[tuple[str, str], ...]
    first: int
    last: int
    max_sessions: int
    name: str

    @property
    def numbers(self) -> range:
        return range(min(self.max_sessions, self.last - self.first + 1))

    def target(self, number: int) -> tuple[str, str]:
        return self.targets[number % len(self.targets)]

    def document(self) -> dict[str, Any]:
        return {
            "filter": self.filter,
            "targets": [{"id": one, "type": kind} for one, kind in self.targets],
            "priorities": [self.first, self.last],
            "max_sessions": self.max_sessions,
            "name": self.name,
        }


@dataclass(frozen=True, slots=True)
class DrawnPool:
    """A pool. Interfaces, or instances, whose tag `pool` is `tag` go there."""

    name: str
    tag: str
    sessions: tuple[str, ...] = ()
    prefix: str | None = None
    grow: Grow | None = None
    targets: tuple[str, ...] = ()
    filter: str | None = None
    directions: tuple[str, ...] = ()
    was: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.was)

    @property
    def allowed_targets(self) -> frozenset[str]:
        """What its sessions are to mirror to, as far as the policy names it."""
        return frozenset(self.targets)

    def document(self) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "sessions": list(self.sessions),
            "discover": None if self.prefix is None else {"name_prefix": self.prefix},
            "grow": None if self.grow is None else self.grow.document(),
            "targets": list(self.targets),
            "filter": self.filter,
            "directions": list(self.directions),
            "was": list(self.was),
        }
        sensors = {"sensors": {"instance_tags": dict([SENSOR])}}
        return {**{name: part for name, part in parts.items() if part}, **sensors}


@dataclass(frozen=True, slots=True)
class Edition:
    """One policy. `opted_out` are values of the tag `mirror` that keep an interface out."""

    pools: tuple[DrawnPool, ...]
    opted_out: tuple[str, ...] = ("off",)
    members: str = "skip"

    def pool(self, name: str) -> DrawnPool:
        return next(pool for pool in self.pools if pool.name == name)

    def document(self) -> dict[str, Any]:
        return {
            "version": 1,
            "pools": {pool.name: pool.document() for pool in self.pools},
            "members": self.members,
            "rules": [
                {
                    "name": "opted out",
                    "match": {"tags": {"mirror": list(self.opted_out)}},
                    "never": True,
                },
                *(
                    {
                        "name": f"to {pool.name}",
                        "match": {
                            "any": [
                                {"tags": {"pool": pool.tag}},
                                {"instance_tags": {"pool": pool.tag}},
                            ]
                        },
                        "pool": pool.name,
                    }
                    for pool in self.pools
                ),
            ],
            "default": "never",
        }
