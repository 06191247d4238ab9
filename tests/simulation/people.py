"""Everybody else in the account: they launch, attach, detach and delete, and change sessions.

What they do is drawn as they go, out of what is there at that moment, and asked for like any
other call: signed, under the same rules, refused where the cloud refuses it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from localcloud.api.gateway import Gateway
from localcloud.calls import Value, signed_call

from .scene import (
    ADD,
    BALANCERS,
    CREATE,
    FILTER,
    LOWEST_GROWN,
    POOLS,
    REMOVE,
    SUPPORTED,
    UNSUPPORTED,
)
from .scheduler import Scheduler


class People:
    """One storm's worth of them.

    `added` is what they put into which session, or tried to; `undone_at` when they took a source
    out of a session, or (None) switched it off, or tried to; `left` are interfaces that were
    detached or deleted.
    """

    def __init__(self, gateway: Gateway, scheduler: Scheduler, chance: Random) -> None:
        self._gateway = gateway
        self._scheduler = scheduler
        self._chance = chance
        self._nonces = itertools.count()
        self.undone_at: dict[tuple[str, str | None], float] = {}
        self.added: set[tuple[str, str]] = set()
        self.left: set[str] = set()

    def bustle(self, deeds: int, for_s: float) -> None:
        """So many deeds, spread over so many seconds."""
        moments = sorted(self._chance.uniform(0.0, for_s) for _ in range(deeds))
        begin = self._scheduler.now()
        for moment in moments:
            self._scheduler.sleep(max(0.0, begin + moment - self._scheduler.now()))
            self._chance.choices(self._deeds, self._weights)[0]()

    @property
    def _deeds(self) -> list[Callable[[], None]]:
        return [
            self._launch,
            self._attach,
            self._detach,
            self._delete_interface,
            self._delete_instance,
            self._reboot,
            self._take_room,
            self._remove_source,
            self._switch_off,
            self._delete_session,
            self._take_a_priority,
        ]

    _weights = (6, 5, 2, 1, 2, 1, 1, 2, 1, 1, 1)

    def _launch(self) -> None:
        tags = {"pool": self._chance.choice(POOLS)}
        kind = UNSUPPORTED if self._chance.random() < 0.1 else SUPPORTED
        self._call(
            "RunInstances",
            {
                "InstanceType": kind,
                "ImageId": "any",
                "VSwitchId": "vsw-j6c00000000000000001",
                "SecurityGroupId": "sg-j6c0000000000000001",
                "Amount": self._chance.randint(1, 4),
                **_tags(tags),
            },
        )

    def _attach(self) -> None:
        running = [one.id for one in self._instances() if one.status == "Running"]
        if not running:
            return
        tags = {"pool": self._chance.choice(POOLS)}
        if self._chance.random() < 0.1:
            tags["mirror"] = "off"
        made = self._call(
            "CreateNetworkInterface",
            {
                "VSwitchId": "vsw-j6c00000000000000001",
                "SecurityGroupId": "sg-j6c0000000000000001",
                **_tags(tags),
            },
        )
        if made is None:
            return
        self._scheduler.sleep(self._chance.choice((2.0, 5.0)))
        self._call(
            "AttachNetworkInterface",
            {
                "NetworkInterfaceId": made["NetworkInterfaceId"],
                "InstanceId": self._chance.choice(running),
            },
        )

    def _detach(self) -> None:
        attached = self._secondary("InUse")
        if attached:
            one = self._chance.choice(attached)
            parameters = {"NetworkInterfaceId": one.id, "InstanceId": one.instance}
            self._call("DetachNetworkInterface", parameters)
            self.left.add(one.id)

    def _delete_interface(self) -> None:
        free = self._secondary("Available")
        if free:
            self._call(
                "DeleteNetworkInterface", {"NetworkInterfaceId": self._chance.choice(free).id}
            )

    def _delete_instance(self) -> None:
        instances = self._instances()
        if len(instances) > 1:
            gone = self._chance.choice(instances).id
            self.left.update(one.id for one in self._interfaces() if one.instance == gone)
            self._call("DeleteInstance", {"InstanceId": gone, "Force": True})

    def _reboot(self) -> None:
        running = [one.id for one in self._instances() if one.status == "Running"]
        if running:
            chosen = self._chance.choice(running)
            if self._call("StopInstance", {"InstanceId": chosen}) is not None:
                self._scheduler.sleep(60.0)
                self._call("StartInstance", {"InstanceId": chosen})

    def _take_room(self) -> None:
        """Somebody mirrors an interface by hand, perhaps into a session of ours."""
        interfaces = [one for one in self._interfaces() if one.status == "InUse"]
        sessions = self._sessions()
        if interfaces and sessions:
            session, source = self._chance.choice(sessions).id, self._chance.choice(interfaces).id
            parameters = {"TrafficMirrorSessionId": session, "TrafficMirrorSourceIds": [source]}
            self._call(ADD, parameters)
            self.added.add((session, source))

    def _remove_source(self) -> None:
        sessions = [one for one in self._sessions() if one.sources]
        if sessions:
            session = self._chance.choice(sessions)
            source = self._chance.choice(session.sources)
            parameters = {
                "TrafficMirrorSessionId": session.id,
                "TrafficMirrorSourceIds": [source],
            }
            self._call(REMOVE, parameters)
            self.undone_at[session.id, source] = self._scheduler.now()

    def _switch_off(self) -> None:
        if sessions := self._sessions():
            chosen = self._chance.choice(sessions).id
            parameters = {"TrafficMirrorSessionId": chosen, "Enabled": False}
            self._call("UpdateTrafficMirrorSessionAttribute", parameters)
            self.undone_at[chosen, None] = self._scheduler.now()

    def _delete_session(self) -> None:
        sessions = self._sessions()
        if len(sessions) > 1:
            session = self._chance.choice(sessions)
            parameters = {"TrafficMirrorSessionId": session.id}
            self._call("DeleteTrafficMirrorSession", parameters)
            for source in (*session.sources, None):
                self.undone_at[session.id, source] = self._scheduler.now()

    def _take_a_priority(self) -> None:
        """Somebody's own session stands where a pool wants to grow."""
        interfaces = [one for one in self._interfaces() if one.status == "InUse"]
        if interfaces:
            self._call(
                CREATE,
                {
                    "TrafficMirrorSourceIds": [self._chance.choice(interfaces).id],
                    "TrafficMirrorTargetId": BALANCERS[0],
                    "TrafficMirrorTargetType": "SLB",
                    "TrafficMirrorFilterId": FILTER,
                    "Priority": LOWEST_GROWN + self._chance.randint(0, 2),
                    "TrafficMirrorSessionName": "somebody-else",
                    "Enabled": True,
                },
            )

    def _call(self, action: str, parameters: Mapping[str, Value]) -> dict[str, Any] | None:
        """The answer, or None where the cloud refused or its answer was lost."""
        now = self._scheduler.now()
        request = signed_call(action, parameters, now, f"people-{next(self._nonces)}")
        answer = self._gateway.handle(request, now, now).response
        if answer is None or answer.status != 200 or answer.truncate is not None:
            return None
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def _state(self) -> Any:
        return self._gateway.world.state(self._scheduler.now())

    def _instances(self) -> list[Any]:
        return list(self._state().instances)

    def _interfaces(self) -> list[Any]:
        return list(self._state().network_interfaces)

    def _sessions(self) -> list[Any]:
        return [one for one in self._state().sessions if one.status == "Created"]

    def _secondary(self, status: str) -> list[Any]:
        return [
            one
            for one in self._interfaces()
            if one.type == "Secondary" and one.status == status and not one.service_managed
        ]


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {
        f"Tag.{number}.{part}": text
        for number, pair in enumerate(tags.items(), start=1)
        for part, text in zip(("Key", "Value"), pair, strict=True)
    }
