"""Mirror, whole but for its process, on a served local cloud whose time is stepped.

Calls are real HTTP, signed and verified. When the engine sleeps, the local cloud's time moves.
"""

from __future__ import annotations

import base64
import io
import json
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from threading import Lock
from typing import Any

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import Vpc
from evermirror.engine.reclaim import Reclaim
from evermirror.engine.removals import Removals
from evermirror.engine.run import Engine
from evermirror.healing.healing import healing_of
from evermirror.healing.pace import Pace
from evermirror.invocation import InvocationError
from evermirror.invocation.arn import parse
from evermirror.log import Log
from evermirror.mirror import Mirror
from evermirror.model import Place
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, Pool
from evermirror.settings import Mode
from evermirror.stack_key import NO_KEY, StackKey
from evermirror.workers import Workers
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from localcloud.testing import ServedCloud
from tests.worlds import ACCOUNT, REGION, numbers, tms

MIRROR = f"acs:fc:{REGION}:{ACCOUNT}:functions/mirror"
NOTIFY = f"acs:fc:{REGION}:{ACCOUNT}:functions/notify"

Outcome = dict[str, Any]

KEY = StackKey([base64.b64encode(bytes(range(40))).decode()])


def signed(request: Mapping[str, Any], key: StackKey = KEY) -> dict[str, Any]:
    """The request as mirror and the sweep sign it."""
    return {**request, "mac": key.mac(request, parse(MIRROR).recipient)}


class SteppedTime:
    """The engine's clock: its sleep moves the local cloud's time. Shared by all writers."""

    def __init__(self, cloud: ServedCloud) -> None:
        self._cloud = cloud
        self._lock = Lock()
        self._now = cloud.advance(0)
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now = self._cloud.advance(seconds)
            self.slept.append(seconds)


class Astray:
    """A clock that is set wrong by so many seconds: what it measures is right all the same."""

    def __init__(self, clock: SteppedTime, off_by: Callable[[], float]) -> None:
        self._clock = clock
        self._off_by = off_by
        self.monotonic = clock.monotonic
        self.sleep = clock.sleep

    def now(self) -> float:
        return self._clock.now() + self._off_by()


class KilledError(BaseException):
    """The function's process is gone."""


class DyingAsleep(SteppedTime):
    """The clock of a process that is killed when it first waits."""

    def sleep(self, _seconds: float) -> None:
        raise KilledError


class Interrupted:
    """Session calls of one writer, during one of which somebody else does something."""

    def __init__(self, api: Any, action: str, at: int, meanwhile: Callable[[], None]) -> None:
        self._api = api
        self._action = action
        self._left = at
        self._meanwhile = meanwhile

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._api, name)
        if name != self._action:
            return call

        def calling(*arguments: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                self._meanwhile()
            return call(*arguments)

        return calling


class Kept:
    """Stands where Function Compute would be: keeps what mirror hands to it."""

    def __init__(self) -> None:
        self.invocations: list[tuple[str, bytes, str]] = []
        self.refuses = False
        self.hears: Callable[[], None] = lambda: None
        self.answers: Callable[[bytes], dict[str, Any]] | None = None
        self.questions: list[bytes] = []

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        assert (function_arn, limit_s <= 60) == (MIRROR, True)
        if self.answers is None:
            raise InvocationError("nobody answers for the test", 429)
        self.questions.append(payload)
        return json.dumps(self.answers(payload)).encode()

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        if self.refuses:
            raise InvocationError("refused for the test", 503)
        self.hears()
        self.invocations.append((function_arn, payload, deduplication_id))


class Writer:
    """One instance of mirror. `deliver` is one invocation of it."""

    def __init__(
        self, cloud: ServedCloud, clock: SteppedTime, policy: Policy, limits: Limits
    ) -> None:
        self.cloud = cloud
        self.clock = clock
        self.lines = io.StringIO()
        self.kept = Kept()
        self._http = open_http(verify=False)
        rpc = self._rpc(Budget(time.monotonic, lambda _: None, 1e9))
        engine = Engine(
            place=Place(ACCOUNT, REGION),
            policy=policy,
            limits=limits,
            sessions=Vpc(rpc),
            interfaces=Ecs(rpc),
            filters=Filters(rpc),
            clock=clock,
            executor=Workers(4),
            chance=Random(1).random,
        )
        self.mirror = Mirror(
            engine,
            self.kept,
            Log(self.lines),
            clock,
            Mode.ACT,
            notify=None,
            itself=MIRROR,
            key=KEY,
            function="mirror",
        )

    def _rpc(self, budget: Budget) -> Rpc:
        auth = Acs3Auth(
            lambda: Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET),
            time.time,  # noqa: TID251 - signatures are dated by real time, as the verifier's is
            lambda: uuid.uuid4().hex,
        )
        endpoints = Endpoints(REGION, self.cloud.endpoint)
        return Rpc(self._http, endpoints, auth, REGION, budget, time.monotonic)

    def at_work_since(self, seconds: float) -> Writer:
        """The instance began so long ago: what one before it did is shown by every List."""
        self.mirror.engine.learned.changes.begin(self.clock.monotonic() - seconds)
        return self

    def with_a_budget_of(self, calls_per_minute: float) -> Writer:
        """Lets it call no faster, one call after another; waiting for a turn is stepped time."""
        rpc = self._rpc(Budget(self.clock.now, self.clock.sleep, calls_per_minute))
        engine = replace(
            self.mirror.engine, sessions=Vpc(rpc), interfaces=Ecs(rpc), executor=Workers(1)
        )
        self.mirror = replace(self.mirror, engine=engine)
        return self

    def deliver(self, *events: Mapping[str, Any], timeout_s: float = 240.0) -> dict[str, Any]:
        payload = json.dumps(events[0] if len(events) == 1 else events).encode()
        return self.deliver_bytes(payload, timeout_s=timeout_s)

    def deliver_bytes(self, payload: bytes, timeout_s: float = 240.0) -> dict[str, Any]:
        return self.mirror.handle(payload, f"request-{next(numbers)}", timeout_s)

    def outcomes(self, *events: Mapping[str, Any]) -> list[Outcome]:
        outcomes: list[Outcome] = self.deliver(*events)["outcomes"]
        return outcomes

    def outcome(self, *events: Mapping[str, Any]) -> Outcome:
        (only,) = self.outcomes(*events)
        return only

    def in_mode(self, mode: Mode) -> Writer:
        self.mirror = replace(self.mirror, mode=mode)
        return self

    def with_a_clock_off_by(self, seconds: Callable[[], float] | float) -> Writer:
        """Lets its clock show another time, always or as it is asked."""
        off_by = seconds if callable(seconds) else lambda: seconds
        clock = Astray(self.clock, off_by)
        engine = replace(self.mirror.engine, clock=clock)
        self.mirror = replace(self.mirror, engine=engine, clock=clock)
        return self

    def dying_asleep(self) -> Writer:
        engine = replace(self.mirror.engine, clock=DyingAsleep(self.cloud))
        self.mirror = replace(self.mirror, engine=engine)
        return self

    def before(self, method: str, at: int, meanwhile: Callable[[], None]) -> Writer:
        """Somebody else does something just before this method's call number `at`."""
        api = Interrupted(self.mirror.engine.sessions, method, at, meanwhile)
        self.mirror = replace(self.mirror, engine=replace(self.mirror.engine, sessions=api))
        return self

    def healing(self, per_hour: int = 3) -> Writer:
        """Lets it put back what somebody changed; it remembers its heals from here on."""
        pace = Pace(per_hour)
        self.mirror = replace(
            self.mirror,
            healing=lambda: healing_of(self.mirror.engine, pace, hands_over=True),
        )
        return self

    def reclaiming(self, most_an_hour: int = 1000) -> Writer:
        """Lets it take sources whose interface is gone out of their sessions."""
        engine = self.mirror.engine
        reclaim = Reclaim(
            engine.place,
            engine.policy,
            engine.sessions,
            engine.interfaces,
            engine.clock,
            Removals(most_an_hour),
        )
        self.mirror = replace(self.mirror, reclaim=reclaim)
        return self

    def without_a_key(self) -> Writer:
        self.mirror = replace(self.mirror, key=NO_KEY)
        return self

    def publishing_to(self, arn: str) -> Writer:
        self.mirror = replace(self.mirror, notify=arn)
        return self

    def close(self) -> None:
        self._http.close()


class World:
    """A served local cloud and the writers that work on it."""

    def __init__(self, cloud: ServedCloud, stack: ExitStack) -> None:
        self.cloud = cloud
        self.clock = SteppedTime(cloud)
        self._stack = stack

    def writer(self, policy: Policy | None = None, **limits: Any) -> Writer:
        sessions = tuple(session["id"] for session in self.cloud.state()["sessions"])
        chosen = policy or Policy(pools={"all": Pool("all", sessions)}, default="all")
        writer = Writer(self.cloud, self.clock, chosen, Limits(**limits))
        self._stack.callback(writer.close)
        return writer

    def sources(self, *numbers: int) -> list[list[str]]:
        """What the sessions list, or those of these numbers, once everything has settled."""
        self.clock.sleep(60)
        state = {session["id"]: session["sources"] for session in self.cloud.state()["sessions"]}
        return [sorted(state[tms(n)]) for n in numbers] if numbers else sorted(state.values())

    def placements(self) -> dict[str, list[str]]:
        """By interface, the sessions that list it once everything has settled."""
        self.clock.sleep(60)
        found: dict[str, list[str]] = {}
        for session in self.cloud.state()["sessions"]:
            for source in session["sources"]:
                found.setdefault(source, []).append(session["id"])
        return found

    def adds(self) -> list[dict[str, Any]]:
        """Every Add that the local cloud saw, in order."""
        return self.cloud.journal("AddSourcesToTrafficMirrorSession")
