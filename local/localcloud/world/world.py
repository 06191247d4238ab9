"""The world: everything that exists and what it does by itself while time passes.

Synchronous and without I/O: every question says what time it is, so a simulation drives it as
well as a server does. What happens is told as events, to be had from `events_due`.
"""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable

from localcloud.world.addresses import private_ip
from localcloud.world.events import Envelopes, Event, Told
from localcloud.world.filters import Filters
from localcloud.world.fleet import Fleet
from localcloud.world.generated import things_of
from localcloud.world.instances import InstanceChange, Instances
from localcloud.world.interfaces import InterfaceChange, NetworkInterfaces
from localcloud.world.ledger import Ledger
from localcloud.world.moments import after
from localcloud.world.networks import Networks
from localcloud.world.objects import NetworkInterface, Slb
from localcloud.world.outbox import Outbox
from localcloud.world.sessions import Sessions
from localcloud.world.settings import Duration

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
        self.instances = Instances(things.instances, now)
        self.slbs: dict[str, Slb] = {one.id: one for one in fleet.slbs}
        self.filters = Filters(things.filters, now)
        self.network_interfaces = NetworkInterfaces(things.network_interfaces, now)
        self.networks = Networks(fleet.vswitches, fleet.security_groups, things.network_interfaces)
        self.sessions = Sessions(things.sessions, fleet.behaviour, now)
        self.tokens = Ledger(fleet.behaviour)
        self.tokens.restore(fleet.tokens, now)
        self.outbox = Outbox(fleet.events, now)
        self.envelopes = Envelopes(fleet.account_id, fleet.region, fleet.seed)
        self._chance = {
            purpose: random.Random(f"{fleet.seed}:{purpose}")  # noqa: S311 - repeatable
            for purpose in ("settle", "things", "request", "durations", "events")
        }

    def settle(self, now: float) -> None:
        """Let everything happen that is due by now, in the order in which it is due."""
        while (moment := self._next_turn()) is not None and moment <= now:
            self._settle_sessions(moment)
            for left in self.network_interfaces.settle(moment):
                self._interface_changed(left)
            for changed in self.instances.settle(moment):
                self._instance_changed(changed)
        self._settle_sessions(now)

    def next_event(self) -> float | None:
        """The earliest moment at which `events_due` may have something to hand out."""
        moments = [self.outbox.next(), self.instances.next()]
        if self.behaviour.interface_events:
            moments.append(self.network_interfaces.next())
        return min((one for one in moments if one is not None), default=None)

    def events_due(self, now: float) -> list[Event]:
        """Every event that is on the bus by now, in order, each handed out once.

        Events are CloudEvents as EventBridge delivers them, as plain data. It is enough to ask
        whenever one cares: what becomes due in between is raised for its own moment.
        """
        self.settle(now)
        return self.outbox.take(now)

    def tell(self, told: Told, at: float, delay: Duration) -> None:
        """Raise an event of the moment `at`, on the bus `delay` later, and maybe again."""
        twice = self._chance["events"].random() < self.behaviour.duplicate_events
        for _ in range(1 + twice):
            published = after(at, _drawn(delay, self._chance["events"]))
            self.outbox.put(self.envelopes.sealed(told, at, published), published)

    def tell_of_instance(self, instance_id: str, state: str, request_id: str, at: float) -> None:
        """Raise the event that says that an instance is in a state from now on."""
        told = self.envelopes.of_instance(instance_id, state, request_id, at)
        self.tell(told, at, self.behaviour.state_change_delay_s)

    def draw_s(self, duration: Duration) -> float:
        """How long something takes this time, in seconds."""
        return _drawn(duration, self._chance["durations"])

    def draw_settle_s(self) -> float:
        """How long the next change of a session takes, in seconds."""
        return _drawn(self.fleet.settle_s, self._chance["settle"])

    def draw_virtual_network_id(self) -> int:
        """A VXLAN network identifier for a session that was given none."""
        return self._chance["things"].randrange(1, 1 << 24)

    def draw_id(self, prefix: str, taken: Callable[[str], object | None]) -> str:
        """An id that nothing has: `taken` finds what has it, or None."""
        while True:
            drawn = "".join(self._chance["things"].choices(_ALPHABET, k=_ID_LENGTH))
            if taken(prefix + drawn) is None:
                return prefix + drawn

    def draw_request_id(self) -> str:
        """An id for a request, as the cloud writes them: an upper-case UUID."""
        return str(uuid.UUID(int=self._chance["request"].getrandbits(128), version=4)).upper()

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
            instances=self.instances.records(now),
            network_interfaces=self.network_interfaces.records(now),
            vswitches=self.networks.vswitches,
            security_groups=self.networks.security_groups,
            slbs=tuple(self.slbs.values()),
            filters=self.filters.records(now),
            sessions=self.sessions.records(now),
            time=now,
            tokens=self.tokens.seen(now),
            events=self.outbox.records(now),
        )

    def _next_turn(self) -> float | None:
        moments = (self.network_interfaces.next(), self.instances.next())
        return min((one for one in moments if one is not None), default=None)

    def _settle_sessions(self, now: float) -> None:
        self.filters.settle(now)
        self.sessions.settle(now)

    def _interface_changed(self, change: InterfaceChange) -> None:
        interface, turn = change.interface, change.turn
        if change.left or turn.status == "Deleted":
            self.sessions.interface_gone(interface.id, change.at)
        told_of = turn.operation != "" and interface.type == "Secondary"
        if told_of and self.behaviour.interface_events:
            told = self.envelopes.of_interface(change, private_ip(interface))
            self.tell(told, change.at, self.behaviour.state_change_delay_s)

    def _instance_changed(self, change: InstanceChange) -> None:
        instance, turn = change.instance, change.turn
        if turn.status == "Deleted":
            for interface in self.network_interfaces.of_instance(instance.id):
                self._release(interface, change.at)
        self.tell_of_instance(instance.id, turn.status, turn.request_id, change.at)

    def _release(self, interface: NetworkInterface, at: float) -> None:
        if interface.type == "Primary" or interface.delete_on_release:
            self.network_interfaces.remove(interface, at)
        else:
            self.network_interfaces.detach(interface, at)
        self.sessions.interface_gone(interface.id, at)


def _drawn(duration: Duration, chance: random.Random) -> float:
    return chance.uniform(*duration) if isinstance(duration, tuple) else duration
