"""What a comparison of policy and cloud comes to: every interface in one list, with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from evermirror.policy import Decision
from evermirror.reasons import REMEDIES, SAFEGUARDS, remedy_for
from evermirror.values import dataclass


class Status(str, Enum):
    """How it stands in one word.

    `pending`: what is not mirrored yet is too young to be called a gap. `unknown`: what was read
    cannot be trusted to be everything, or nothing in it should be mirrored.
    """

    FULL = "full"
    PENDING = "pending"
    GAPS = "gaps"
    UNKNOWN = "unknown"


MISSING = "evermirror explain ENI says why an interface is missing, and what to do."

_TAKE_OUT = {
    "shadowed": "A session outside the pool takes the packets of those shadowed, as its priority "
    "number is lower. Take them out of that session, or leave it so on purpose.",
    "twice": "Those mirrored twice cost twice. Take each out of one of its sessions: "
    "evermirror explain ENI names them.",
    "extra": "The policy does not want the extra sources where they are, and they go on costing. "
    "Take them out of those sessions, or change the policy.",
}


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """A source of a session."""

    network_interface_id: str
    session_id: str


def _none() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Coverage:
    """Interface ids by how they stand; oldest first where nothing else is said.

    Eligible are the attached interfaces that the policy places in a pool. Each of them is in
    exactly one of `mirrored`, `ineffective` (by reason: listed, but in a session that is switched
    off, locked, or whose filter accepts nothing), `pending` (younger than the grace time, or in a
    session that is being created), `missing`, and `impossible` (by reason: what was read shows that
    asking cannot help).

    `excluded` counts by rule or reason what the policy does not want, `unattached` what hangs on
    no instance, `undecided` are interfaces whose instance nobody could see. Of the mirrored,
    `shadowed` are listed as well in a session outside their pool that takes the packets first (its
    priority number is lower; VPC API 2016-04-28: a packet is mirrored once, by priority), `twice`
    in more than one session of their pool. `extra` are sources of a pool's sessions that the
    policy does not want there, `gone` sources whose interface is absent or attached to nothing.
    `silent` are missing interfaces so young that an event should just have told of them.
    """

    mirrored: tuple[str, ...] = ()
    ineffective: Mapping[str, tuple[str, ...]] = field(default_factory=_none)
    pending: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    impossible: Mapping[str, tuple[str, ...]] = field(default_factory=_none)
    excluded: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    unattached: int = 0
    undecided: tuple[str, ...] = ()
    shadowed: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    extra: tuple[Listed, ...] = ()
    gone: tuple[Listed, ...] = ()
    silent: tuple[str, ...] = ()
    sessions_not_listed: tuple[str, ...] = ()
    oldest_gap_s: float | None = None
    unknown: str | None = None

    @property
    def gaps(self) -> int:
        """How many eligible interfaces past the grace time are not mirrored, or to no effect."""
        by_reason = (*self.ineffective.values(), *self.impossible.values())
        return len(self.missing) + sum(map(len, by_reason))

    @property
    def eligible(self) -> int:
        return len(self.mirrored) + len(self.pending) + self.gaps

    @property
    def share(self) -> float | None:
        """Mirrored of eligible, 0 to 1; None where that is unknown."""
        if self.unknown is not None or not self.eligible:
            return None
        return len(self.mirrored) / self.eligible

    @property
    def status(self) -> Status:
        if self.share is None:
            return Status.UNKNOWN
        if self.gaps:
            return Status.GAPS
        return Status.PENDING if self.pending else Status.FULL


def excluding(decision: Decision) -> str:
    """What excludes an interface: a rule by its name, or the word for a safeguard or default.

    A rule that bears the word of a safeguard is told apart from it.
    """
    if decision.rule is None:
        return decision.reason
    return f'rule "{decision.rule}"' if decision.rule in SAFEGUARDS else decision.rule


def remedies(found: Coverage) -> list[str]:
    """What a person should do about it, a sentence each; none where everything is as it should."""
    unknown = remedy_for(found.unknown)
    sentences = [
        *([unknown] if unknown else []),
        *([MISSING] if found.missing else []),
        *(REMEDIES[reason] for reason in (*found.ineffective, *found.impossible)),
        *(sentence for kind, sentence in _TAKE_OUT.items() if getattr(found, kind)),
    ]
    return list(dict.fromkeys(sentences))


def unknown_because(reason: str) -> Coverage:
    """The coverage of what could not be read; `reason` is the cloud's code or a word for it."""
    return Coverage(unknown=reason)
