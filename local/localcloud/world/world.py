"""The world: everything that exists and what it does by itself while time passes.

Synchronous and without I/O: every question says what time it is, so a simulation drives it as
well as a server does.
"""

from __future__ import annotations

import copy
import random
import uuid

from localcloud.world.fleet import Fleet
from localcloud.world.generated import things_of
from localcloud.world.interfaces import NetworkInterfaces
from localcloud.world.ledger import Ledger
from localcloud.world.objects import Filter, Instance
from localcloud.world.sessions import Sessions


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
        self.instances: dict[str, Instance] = {one.id: copy.copy(one) for one in things.instances}
        self.instance_ids = sorted(self.instances)
        self.filters: dict[str, Filter] = {one.id: one for one in things.filters}
        self.network_interfaces = NetworkInterfaces(things.network_interfaces, now)
        self.sessions = Sessions(things.sessions, fleet.behaviour, now)
        self.tokens = Ledger(fleet.behaviour)
        self.tokens.restore(fleet.tokens, now)
        self._settling = random.Random(f"{fleet.seed}:settle")  # noqa: S311 - repeatable
        self._requests = random.Random(f"{fleet.seed}:request")  # noqa: S311 - repeatable

    def settle(self, now: float) -> None:
        """Let everything happen that is due by now."""
        self.network_interfaces.settle(now)
        self.sessions.settle(now)

    def draw_settle_s(self) -> float:
        """How long the next change of a session takes, in seconds."""
        settle_s = self.fleet.settle_s
        if isinstance(settle_s, tuple):
            return self._settling.uniform(*settle_s)
        return settle_s

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
            filters=tuple(self.filters.values()),
            sessions=self.sessions.records(now),
            time=now,
            tokens=self.tokens.seen(now),
        )
