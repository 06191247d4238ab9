"""What others do with a burst of attached interfaces: something for our figures to stand beside.

Both handle each event alone, on as many instances as the account allows, and choose a session
with room at random, which is kinder to them than the first or the least loaded one, where all
would meet.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Mapping, Sequence
from random import Random

from bench.crowd import Handler, run
from bench.stepped import Answer, SteppedCloud
from localcloud.calls import Value

INSTANCES_AT_ONCE = 100
"""Instances of a function at the same time (Function Compute, limits)."""

SETTLE_S = 3.0
POLL_S = 3.0
GIVES_UP_AFTER_S = 300.0
RETRIED = (
    "IncorrectStatus",
    "OperationConflict",
    "SystemBusy",
    "LastTokenProcessing",
    "ServiceUnavailable",
    "Throttling",
)
"""What the Terraform provider tries again when it adds or removes sources; anywhere in the code."""

Events = Sequence[tuple[str | None, str | None]]
"""Interfaces that were attached, or instances that run: one of the two is set."""

ADD = "AddSourcesToTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"


class OneByOne:
    """Each event alone: find a session, add, try again for five minutes, wait for Created.

    The retry pattern of the Terraform provider: after 3 s, then every 5 s, with a new token each
    time; full sessions and every other refusal are final.
    """

    def __init__(self, cloud: SteppedCloud, seed: int = 1) -> None:
        self.cloud = cloud
        self.covered_s: dict[str, float] = {}
        self._now = cloud.clock.now
        self._began = self._now()
        self._chance = Random(seed)  # noqa: S311 - repeatable
        self._tokens = itertools.count()

    def handler(self, network_interface_id: str) -> Handler:
        rooms = yield from self._rooms(network_interface_id)
        if not rooms:
            return
        session_id = self._chance.choice(rooms)
        accepted = yield from self._add(session_id, network_interface_id)
        if accepted:
            yield from self._until_created(session_id)

    def of_instance(self, instance_id: str) -> Handler:
        """An instance that runs: its interfaces first, then each of them."""
        parameters: dict[str, Value] = {"InstanceId": instance_id, "MaxResults": 100}
        answer = yield from self._tried("DescribeNetworkInterfaces", parameters)
        if answer.code is None:
            for one in answer.body["NetworkInterfaceSets"]["NetworkInterfaceSet"]:
                yield from self.handler(one["NetworkInterfaceId"])

    def _rooms(self, network_interface_id: str) -> Generator[float, None, list[str]]:
        rooms: list[str] = []
        token = ""
        while True:
            page: dict[str, Value] = {"MaxResults": 100, "NextToken": token}
            answer = yield from self._tried(LIST, page)
            if answer.code is not None:
                return []
            for session in answer.body["TrafficMirrorSessions"]:
                sources = session["TrafficMirrorSourceIds"]
                if network_interface_id in sources:
                    return []
                if len(sources) < 10:
                    rooms.append(session["TrafficMirrorSessionId"])
            token = answer.body["NextToken"]
            if not token:
                return rooms

    def _add(self, session_id: str, network_interface_id: str) -> Generator[float, None, bool]:
        parameters: dict[str, Value] = {
            "TrafficMirrorSessionId": session_id,
            "TrafficMirrorSourceIds": [network_interface_id],
        }
        answer = yield from self._tried(ADD, parameters)
        if answer.code is not None:
            return False
        # It is kinder to count from when the source takes effect than from when they know of it.
        self.covered_s[network_interface_id] = self._now() - self._began + SETTLE_S
        return True

    def _until_created(self, session_id: str) -> Handler:
        until = self._now() + GIVES_UP_AFTER_S
        while self._now() < until:
            yield POLL_S
            answer = self.cloud.call(LIST, {"TrafficMirrorSessionIds": [session_id]})
            listed = answer.body.get("TrafficMirrorSessions", [])
            if listed and listed[0]["TrafficMirrorSessionStatus"] == "Created":
                return

    def _tried(
        self, action: str, parameters: Mapping[str, Value]
    ) -> Generator[float, None, Answer]:
        until = self._now() + GIVES_UP_AFTER_S
        pause = POLL_S
        while True:
            token = {"ClientToken": f"TF-{next(self._tokens)}"} if action == ADD else {}
            answer = self.cloud.call(action, {**parameters, **token})
            final = answer.code is None or not any(code in answer.code for code in RETRIED)
            if final or self._now() + pause > until:
                return answer
            yield pause
            pause = 5.0


class NeverAgain(OneByOne):
    """The pattern of the vendors' samples: look, add, and neither wait nor try again.

    An error is logged and the function returns, so the platform does not try again either.
    """

    def handler(self, network_interface_id: str) -> Handler:
        rooms = yield from self._rooms(network_interface_id)
        if rooms:
            yield from self._add(self._chance.choice(rooms), network_interface_id)

    def _tried(
        self, action: str, parameters: Mapping[str, Value]
    ) -> Generator[float, None, Answer]:
        yield 0.0
        return self.cloud.call(action, parameters)


def terraform(cloud: SteppedCloud, events: Events) -> Mapping[str, float]:
    """When each interface is covered, by the retry pattern of the Terraform provider."""
    return _by(OneByOne(cloud), events)


def samples(cloud: SteppedCloud, events: Events) -> Mapping[str, float]:
    """When each interface is covered, by the pattern of the vendors' samples."""
    return _by(NeverAgain(cloud), events)


def _by(contender: OneByOne, events: Events) -> Mapping[str, float]:
    handlers = (
        contender.handler(interface) if interface else contender.of_instance(instance or "")
        for interface, instance in events
    )
    run(contender.cloud.clock, handlers, INSTANCES_AT_ONCE)
    return contender.covered_s
