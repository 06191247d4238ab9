"""What a comparison of policy and cloud comes to: every interface in one list, with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from evermirror.policy import Decision
from evermirror.reasons import (
    CLAIMED_BY_STRANGER,
    INSTANCE_TYPE_NOT_SUPPORTED,
    REMEDIES,
    SAFEGUARDS,
    excluding_families,
    remedy_for,
)
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

_TO_DO = {
    "shadowed": "A session outside the pool takes the packets of those shadowed, as its priority "
    "number is lower. Take them out of that session, or leave it so on purpose.",
    "twice": "Those mirrored twice cost twice. Take each out of one of its sessions: "
    "evermirror explain ENI names them.",
    "extra": "The policy does not want the extra sources where they are, and they go on costing. "
    "Take them out of those sessions, or change the policy.",
    "untagged": "Sessions that a pool made have lost their tag: they count, but are not filled. "
    "Give each its tag evermirror-pool back.",
    "unknown_pool": "Sessions carry the tag of a pool that the policy does not have. Name the pool "
    "that has them now in `was`, or delete them: their sources go on costing.",
    "one_direction": "The filters of some sessions accept one direction only, so half of each "
    "conversation is not mirrored. Add rules, or say in the pool's `directions` that it is meant.",
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
    exactly one of `mirrored`, `ineffective` (by reason: listed, but in a session that mirrors
    nothing, or not as the policy wants it), `pending` (younger than the grace time, or in a
    session that is being made or changed), `missing`, `claimed_by_stranger` (a session of no pool
    has it as its target), and `impossible` (by reason: what was read shows that asking cannot
    help, or the service refuses it for its type). `unsupported_families` are instance families of
    the latter, and `oldest_gap_s` counts none of them: only the policy can end that. `targets`
    counts the mirrored by the target that their packets go to.

    `excluded` counts by rule or reason what the policy does not want, `unattached` what hangs on
    no instance, `undecided` are interfaces whose instance nobody could see. Of the mirrored,
    `shadowed` are listed as well in a session outside their pool that takes the packets first (its
    priority number is lower; VPC API 2016-04-28: a packet is mirrored once, by priority), `twice`
    in more than one session of their pool. `extra` are sources of a pool's sessions that the
    policy does not want there, `gone` sources whose interface is absent or attached to nothing.
    `silent` are missing interfaces so young that an event should just have told of them.

    Of sessions: `untagged` lost the tag of the pool that made them, `unknown_pool` carry the tag of
    none, the state of the target was not read for those in `target_not_read`, and the filter of
    those in `one_direction` accepts only incoming, or only outgoing packets.
    """

    mirrored: tuple[str, ...] = ()
    ineffective: Mapping[str, tuple[str, ...]] = field(default_factory=_none)
    pending: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    claimed_by_stranger: tuple[Listed, ...] = ()
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
    untagged: tuple[str, ...] = ()
    unknown_pool: tuple[str, ...] = ()
    target_not_read: tuple[str, ...] = ()
    one_direction: tuple[str, ...] = ()
    targets: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    unsupported_families: tuple[str, ...] = ()
    oldest_gap_s: float | None = None
    unknown: str | None = None

    @property
    def gaps(self) -> int:
        """How many eligible interfaces past the grace time are not mirrored, or to no effect."""
        by_reason = (*self.ineffective.values(), *self.impossible.values())
        alone = len(self.missing) + len(self.claimed_by_stranger)
        return alone + sum(map(len, by_reason))

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
        *([REMEDIES[CLAIMED_BY_STRANGER]] if found.claimed_by_stranger else []),
        *(_remedy(reason, found) for reason in (*found.ineffective, *found.impossible)),
        *(sentence for kind, sentence in _TO_DO.items() if getattr(found, kind)),
    ]
    return list(dict.fromkeys(sentences))


def _remedy(reason: str, found: Coverage) -> str:
    families = found.unsupported_families
    if reason == INSTANCE_TYPE_NOT_SUPPORTED and families:
        return excluding_families(families)
    return REMEDIES[reason]


def unknown_because(reason: str) -> Coverage:
    """The coverage of what could not be read; `reason` is the cloud's code or a word for it."""
    return Coverage(unknown=reason)
