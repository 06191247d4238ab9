"""Who does what in a storm, how often, and what else arrives at mirror: requests and rubbish."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from . import launches, tampering
from .functioncompute import Platform
from .people import People
from .themes import TURN_S, Theme

DEEDS: tuple[tuple[Callable[[People], object], int], ...] = (
    (launches.launch, 12),
    (launches.create_and_attach, 12),
    (launches.detach, 4),
    (launches.attach_again, 4),
    (launches.move, 4),
    (launches.delete_interface, 2),
    (launches.delete_instance, 3),
    (launches.reboot, 2),
    (launches.tag_interface, 3),
    (launches.tag_instance, 2),
    (tampering.take_room, 4),
    (tampering.remove_source, 4),
    (tampering.switch_off, 2),
    (tampering.switch_on, 1),
    (tampering.rename, 3),
    (tampering.change_priority, 2),
    (tampering.retarget, 2),
    (tampering.change_filter, 2),
    (tampering.delete_session, 2),
    (tampering.take_a_priority, 2),
    (tampering.tag_session, 2),
    (tampering.lock_session, 1),
    (tampering.add_rule, 1),
    (tampering.delete_rule, 1),
    (tampering.stop_paying, 1),
)
OFTEN = 20
"""The weight of a deed that the storm is about."""

EARLIER_S, BURST_S = (3.0, 15.0), 30.0
POISON: tuple[Any, ...] = (
    {},
    None,
    "rubbish",
    [[[[]]]],
    {"request": 1, "network_interface_ids": ["not-an-id"]},
    {"request": 2, "network_interface_ids": ["eni-j6c000000000000001"]},
    {"specversion": "1.0", "type": "ecs:Instance:StateChange", "source": "acs.ecs", "data": 7},
    {"eventName": "AttachNetworkInterface", "eventId": 5, "requestParameters": "x"},
)


@dataclass(slots=True)
class Bustle:
    """A storm's deeds, spread over its time; `kinds` of them are done at all."""

    people: People
    platform: Platform
    chance: Random
    kinds: frozenset[str]
    theme: Theme

    def go_on(self, deeds: int, for_s: float) -> None:
        scheduler = self.people.scheduler
        bursts = [self.chance.uniform(0.0, for_s) for _ in range(self.theme.bursts or 0)]
        moments = sorted(self._moment(for_s, bursts) for _ in range(deeds))
        begin = scheduler.now()
        drawn = [(deed, weight) for deed, weight in DEEDS if deed.__name__ in self.kinds]
        chosen = [one for one, _ in drawn]
        weights = [OFTEN if one.__name__ in self.theme.deeds else weight for one, weight in drawn]
        for moment in moments:
            scheduler.sleep(max(0.0, begin + moment - scheduler.now()))
            deed = self.chance.choices(chosen, weights)[0]
            # A deed that waits, for a reboot say, holds nobody else up.
            scheduler.start(deed.__name__, partial(_do, deed, self.people))
            if self.chance.random() < 0.15:
                self._ask()
            if self.chance.random() < 0.05:
                self.platform.send(json.dumps(self.chance.choice(POISON)).encode())

    def _moment(self, for_s: float, bursts: Sequence[float]) -> float:
        at = self.chance.uniform(0.0, for_s)
        if bursts and self.chance.random() < 0.8:
            return self.chance.choice(bursts) + self.chance.uniform(0.0, BURST_S)
        if self.theme.turns and self.chance.random() < 0.7:
            return TURN_S - self.chance.uniform(*EARLIER_S)
        return at

    def _ask(self) -> None:
        """Somebody asks by name, perhaps only to see what would be done."""
        interfaces = [one.id for one in self.people.interfaces()]
        instances = [one.id for one in self.people.instances()]
        named = self.chance.choice(("network_interface_ids", "instance_ids"))
        known = interfaces if named == "network_interface_ids" else instances
        if known:
            wanted = self.chance.sample(known, min(len(known), self.chance.randint(1, 3)))
            request = {"request": 1, named: wanted, "dry_run": self.chance.random() < 0.4}
            cause = {"source": "somebody", "id": f"asks-{self.chance.getrandbits(32)}"}
            self.platform.send(json.dumps({**request, "cause": cause}).encode())


def _do(deed: Callable[[People], object], people: People) -> None:
    deed(people)


def draw_kinds(chance: Random, theme: Theme) -> frozenset[str]:
    """Launches always; of the rest each storm has some, so that not everything hides everything."""
    always = {"launch", "create_and_attach"}
    share = 0.1 if theme.alone else chance.choice((0.2, 0.5, 1.0))
    others = {deed.__name__ for deed, _ in DEEDS if chance.random() < share}
    return frozenset(always | others | set(theme.deeds))
