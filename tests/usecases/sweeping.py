"""The sweep, whole but for its process, on the same served local cloud that the writers work on."""

from __future__ import annotations

import io
import json
import time
import uuid
from dataclasses import replace
from typing import Any

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.totals import Shortfalls
from evermirror.aliyun.vpc import Vpc
from evermirror.fleet import FleetReader
from evermirror.log import Log
from evermirror.model import Place
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, Pool
from evermirror.reconcile.reclaiming import Suspects
from evermirror.reconcile.sweep import Reach, Sweep
from evermirror.settings import Mode, Reclaiming
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import ACCOUNT, REGION

from .writers import KEY, MIRROR, NOTIFY, Kept, World

LIMITS = Limits(grace_s=300.0, period_s=900.0)
OURS = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)


class Sweeper:
    """One instance of reconcile. `tick` is one invocation of it."""

    def __init__(
        self,
        world: World,
        policy: Policy | None = None,
        limits: Limits = LIMITS,
        credentials: Credentials = OURS,
        reclaiming: Reclaiming = Reclaiming.REPORT,
        limit: int = 50,
    ) -> None:
        ids = tuple(session["id"] for session in world.cloud.state()["sessions"])
        self.lines = io.StringIO()
        self.kept = Kept()
        self._http = open_http(verify=False)
        auth = Acs3Auth(
            lambda: credentials,
            time.time,  # noqa: TID251 - signatures are dated by real time, as the verifier's is
            lambda: uuid.uuid4().hex,
        )
        budget = Budget(time.monotonic, lambda _: None, 1e9)
        endpoints = Endpoints(REGION, world.cloud.endpoint)
        rpc = Rpc(self._http, endpoints, auth, REGION, budget, time.monotonic)
        ecs, shortfalls = Ecs(rpc), Shortfalls()
        sessions, filters = Vpc(rpc, shortfalls), Filters(rpc, shortfalls)
        self.sweep = Sweep(
            place=Place(ACCOUNT, REGION),
            policy=policy or Policy(pools={"all": Pool("all", ids)}, default="all"),
            reader=FleetReader(sessions, ecs, world.clock, filters),
            invoker=self.kept,
            log=Log(self.lines),
            clock=world.clock,
            mode=Mode.ACT,
            limits=limits,
            reach=Reach(MIRROR, NOTIFY, 500),
            suspects=Suspects(ecs, world.clock, reclaiming, limit),
            shortfalls=shortfalls,
            key=KEY,
        )

    def changed(self, **changes: Any) -> Sweeper:
        self.sweep = replace(self.sweep, **changes)
        return self

    def tick(self, at: str = "2026-01-02T00:00:00Z") -> dict[str, Any]:
        event = {"triggerTime": at, "triggerName": "sweep", "payload": ""}
        return self.sweep.handle(json.dumps(event).encode())

    @property
    def asked(self) -> list[bytes]:
        """What was handed to mirror, in order."""
        return [payload for arn, payload, _ in self.kept.invocations if arn == MIRROR]

    @property
    def told(self) -> list[dict[str, Any]]:
        """What was published, in order."""
        return [json.loads(payload) for arn, payload, _ in self.kept.invocations if arn == NOTIFY]

    def logged(self) -> list[dict[str, Any]]:
        """The coverage lines of the log."""
        lines = [json.loads(line) for line in self.lines.getvalue().splitlines()]
        return [line for line in lines if line["message"] == "coverage"]

    def close(self) -> None:
        self._http.close()
