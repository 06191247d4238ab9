"""What a look alone does not show: since when an interface is attached, and what the service says.

The cloud tells when an interface was made, not when it was attached, and of an interface that
cannot be mirrored nothing at all until it is asked for. Whoever knows more passes it on in this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from evermirror.reasons import INSTANCE_TYPE_NOT_SUPPORTED, INTERFACE_TYPE_NOT_SUPPORTED
from evermirror.results import Meaning
from evermirror.values import dataclass

_NEVER = {
    Meaning.INSTANCE_TYPE: INSTANCE_TYPE_NOT_SUPPORTED,
    Meaning.INTERFACE_TYPE: INTERFACE_TYPE_NOT_SUPPORTED,
}


@dataclass(frozen=True, slots=True)
class Known:
    """By the ids of interfaces.

    `detached_at` is when one was last seen attached to nothing, or elsewhere (epoch seconds): so it
    is where it is no longer than since then. `fresh` were seen so in the look before this one.
    `impossible` are those that the service refuses for good, with the reason, and `families` the
    instance families of those refused for it. `takes` says of those that it was asked about just
    now whether it would take them; None where what it would take is not in question.
    """

    detached_at: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    fresh: frozenset[str] = frozenset()
    impossible: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    families: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    takes: Mapping[str, bool] | None = None


NOTHING_MORE = Known()


def never_because(means: Meaning | None) -> str | None:
    """The reason for which a refusal that means this is for good; None where it is not."""
    return None if means is None else _NEVER.get(means)
