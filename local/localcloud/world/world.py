"""The world: everything that exists and what it does by itself while time passes.

Synchronous and without I/O: every question says what time it is, so a simulation drives it as
well as a server does.
"""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable

from localcloud.world.filters import Filters
from localcloud.world.fleet import Fleet
from localcloud.world.generated import things_of
from localcloud.world.happenings import Happenings
from localcloud.world.interfaces import NetworkInterfaces
from localcloud.world.ledger import Ledger
from localcloud.world.objects import Instance, Slb
from localcloud.world.sessions import Sessions

_ALPHABET = string.digits + string.ascii_lowercase
_ID_LENGTH = 17


class World:
    """A fleet come to life at a moment (`now`, seconds since the epoch)."""

    def __init__(self, fleet: Fleet, now: float) -> None:
        things = things_of(fleet)
        self.fleet = fleet
        self.region = fleet.region
        self.account_id = fleet.account_id
        self.limits = fleet.limits
        self.behaviour = fleet.behaviour
        self.service = fleet.service
        self.instances: dict[str, Instance] = {one.id: one for one in things.instances}
        self.instance_ids = sorted(self.instances)
        self.slbs: dict[str, Slb] = {one.id: one for one in fleet.slbs}
        self.filters = Filters(things.filters, now)
        self.happenings = Happenings()
        self.network_interfaces = NetworkInterfaces(things.network_interfaces, now)
        self.sessions = Sessions(things.sessions, fleet.behaviour, now)
        self.tokens = Ledger(fleet.behaviour)
        self.tokens.restore(fleet.tokens, now)
        self._settling = random.Random(f"{fleet.seed}:settle")  # noqa: S311 - repeatable
        self._things = random.Random(f"{fleet.seed}:things")  # noqa: S311 - repeatable
        self._requests = random.Random(f"{fleet.seed}:request")  # noqa: S311 - repeatable

    def settle(self, now: float) -> None:
        """Let everything happen that is due by now."""
        self.network_interfaces.settle(now)
        self.filters.settle(now)
        self.sessions.settle(now)

    def draw_settle_s(self) -> float:
        """How long the next change of a session takes, in seconds."""
        settle_s = self.fleet.settle_s
        if isinstance(settle_s, tuple):
            return self._settling.uniform(*settle_s)
        return settle_s

    def draw_virtual_network_id(self) -> int:
        """A VXLAN network identifier for a session that was given none."""
        return self._things.randrange(1, 1 << 24)

    def draw_id(self, prefix: str, taken: Callable[[str], object | None]) -> str:
        """An id that nothing has: `taken` finds what has it, or None."""
        while True:
            drawn = "".join(self._things.choices(_ALPHABET, k=_ID_LENGTH))
            if taken(prefix + drawn) is None:
                return prefix + drawn

    def draw_request_id(self) -> str:
        """An id for a request, as the cloud writes them: an upper-case UUID."""
        return str(uuid.UUID(int=self._requests.getrandbits(128), version=4)).upper()

    def state(self, now: float) -> Fleet:
        """Everything as a fleet that gives this world again."""
        self.settle(now)
        return Fleet(
            region=self.region,
            account_id=self.account_id,
            seed=self.fleet.seed,
            settle_s=self.fleet.settle_s,
            limits=self.limits,
            behaviour=self.behaviour,
            service=self.service,
            keys=self.fleet.keys,
            instances=tuple(self.instances[one] for one in self.instance_ids),
            network_interfaces=self.network_interfaces.records(now),
            slbs=tuple(self.slbs.values()),
            filters=self.filters.records(now),
            sessions=self.sessions.records(now),
            time=now,
            tokens=self.tokens.seen(now),
        )
