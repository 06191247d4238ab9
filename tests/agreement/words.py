"""The words of each who is asked, told in the oracle's words; each line with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .oracle import (
    CLAIMED,
    EXCLUDED,
    IMPOSSIBLE,
    INEFFECTIVE,
    MIRRORED,
    MISSING,
    NEW,
    PENDING,
    UNATTACHED,
    UNDECIDED,
)

Told = Mapping[str, Any]
PLACED = "placed"
"""It gets a place, or got one; alone, that is `missing`, `pending` or `claimed_by_stranger`."""
REFUSED = "refused"
"""The service does not take it: only asking shows that."""
UNTOLD = "untold"
"""Whoever is asked does not read the fact that it hangs on, and says so."""
UNLISTED = "in none of the lists"
"""Coverage lists what is to be done about; the rest it only counts."""
UNHEARD = "not in the vocabulary"


@dataclass(frozen=True)
class Said:
    """An answer about one interface."""

    kind: str
    reason: str | None = None
    session: str | None = None

    def __str__(self) -> str:
        return " ".join(str(one) for one in (self.kind, self.reason, self.session) if one)


EXPLAINED = {
    "mirrored": MIRRORED,
    "ineffective": INEFFECTIVE,
    "pending": PENDING,
    "missing": MISSING,
    "claimed_by_stranger": CLAIMED,
    "unattached": UNATTACHED,
    "excluded": EXCLUDED,
    "undecided": UNDECIDED,
    # Safeguards that have a standing of their own, because a person asks about them most.
    "target_instance": EXCLUDED,
    "no_instance": EXCLUDED,
    # Nothing that hangs on filters can be said where they may not be read.
    "filters_not_visible": UNTOLD,
}

BECAUSE = {
    # Of what no rule decides, `explain` tells the reason as a sentence.
    "another cloud service manages it": "service_managed",
    "it is a trunk or member interface": "trunk_or_member_interface",
    "it is a sensor": "sensor",
    "it is a target": "target_instance",
    "the default says never": "excluded_by_default",
}


def of_explain(told: Told) -> Said:
    """Any standing that is none of the others is the reason for which it is impossible."""
    standing = told["standing"]
    kind = EXPLAINED.get(standing, IMPOSSIBLE)
    if kind == EXCLUDED:
        return Said(kind, _why_excluded(told))
    return Said(kind, standing if kind == IMPOSSIBLE else told.get("reason"))


def _why_excluded(told: Told) -> str:
    """A rule by its name, as coverage has it."""
    if told["standing"] != "excluded":
        return str(told["standing"])
    if told.get("reason") not in {None, "excluded_by_rule"}:
        return str(told["reason"])
    if told["rule"] is not None:
        return str(told["rule"])
    found = (word for words, word in BECAUSE.items() if words in told["because"])
    return next(found, f"{UNHEARD}: {told['because']}")


def of_coverage(told: Told) -> dict[str, Said]:
    """What coverage lists; what is in two lists is told by the worse one."""
    listed = told["listed"]
    kinds = {
        "pending": PENDING,
        "undecided": UNDECIDED,
        "missing": MISSING,
        "impossible": IMPOSSIBLE,
        "ineffective": INEFFECTIVE,
    }
    said = {one: Said(kind) for name, kind in kinds.items() for one in listed.get(name, [])}
    for one in listed.get("claimed_by_stranger", []):
        interface, _, session = one.partition(" in ")
        said[interface] = Said(CLAIMED, session=session)
    return said


def of_mirror(told: Told | None) -> Said:
    """An outcome; without one it was handed on, which is to wait for something."""
    if told is None:
        return Said(UNTOLD, "handed over")
    word, reason, session = told["outcome"], told["reason"], told["session_id"]
    if word == "skipped":
        # Rules go by their names everywhere.
        return Said(EXCLUDED, told["rule"] if reason == "excluded_by_rule" else reason)
    if word == "would_mirror":
        # A session that would be made has no id yet.
        return Said(PLACED, session=NEW if reason == "would_create_session" else session)
    plain = {
        "mirrored": PLACED,  # added by this run
        "already_mirrored": MIRRORED,  # listed before, in a session that works
        "ineffective": INEFFECTIVE,
        "unconfirmed": UNTOLD,  # accepted or listed, and whether it works cannot be told
    }
    if word in plain:
        return Said(plain[word], reason, session)
    return _of_no(word, reason)


def _of_no(word: str, reason: str) -> Said:
    own = {
        "instance_not_visible": Said(UNDECIDED),  # waited for, and still not to be seen
        "interface_not_attached": Said(UNATTACHED),
        "out_of_time": Said(UNTOLD, reason),
    }
    if reason in own:
        return own[reason]
    if "." in reason:
        # The cloud's codes have a point in them, our words have none.
        return Said(REFUSED, reason)
    return Said(IMPOSSIBLE if word == "deferred" else f"{UNHEARD}: {word}", reason)
