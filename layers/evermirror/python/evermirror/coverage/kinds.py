"""The lists that a count fills, so that counting itself stays short."""

from __future__ import annotations

from dataclasses import field

from evermirror.coverage.report import Listed
from evermirror.model import NetworkInterface
from evermirror.values import dataclass


@dataclass(slots=True)
class Kinds:
    """The lists that fill up while interfaces are taken one after another."""

    mirrored: list[NetworkInterface] = field(default_factory=list)
    pending: list[NetworkInterface] = field(default_factory=list)
    missing: list[NetworkInterface] = field(default_factory=list)
    claimed: list[Listed] = field(default_factory=list)
    undecided: list[NetworkInterface] = field(default_factory=list)
    shadowed: list[NetworkInterface] = field(default_factory=list)
    twice: list[NetworkInterface] = field(default_factory=list)
    silent: list[NetworkInterface] = field(default_factory=list)
    extra: list[Listed] = field(default_factory=list)
    ineffective: dict[str, list[NetworkInterface]] = field(default_factory=dict)
    impossible: dict[str, list[NetworkInterface]] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    unattached: int = 0
