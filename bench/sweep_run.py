"""One sweep as the function runs it, without the budget that would only make it wait."""

from __future__ import annotations

import io
import json
import sys
import time
import uuid

from bench.sweep_pages import resident_mib
from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import Vpc
from evermirror.clock import SystemClock
from evermirror.errors import InvocationError
from evermirror.fleet import FleetReader
from evermirror.log import Log
from evermirror.model import Place
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import Tagged
from evermirror.policy.sessions import Discovery
from evermirror.reconcile.reclaiming import Suspects
from evermirror.reconcile.sweep import Reach, Sweep
from evermirror.settings import Mode, Reclaiming
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET

MIRROR = "acs:fc:cn-hongkong:1234567890123456:functions/mirror"
NOTIFY = "acs:fc:cn-hongkong:1234567890123456:functions/notify"
EXPECTED = {"eligible": 90_000, "mirrored": 45_000, "missing": 45_000, "extra": 5_000}


class Nobody:
    """Takes every invocation."""

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        """Takes it."""

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        """Has no answer."""
        raise InvocationError(f"{function_arn}: {len(payload)} bytes, {limit_s} s, and nobody")


def main(endpoint: str) -> None:
    clock = SystemClock()
    credentials = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
    auth = Acs3Auth(lambda: credentials, clock.now, lambda: uuid.uuid4().hex)
    region = "cn-hongkong"
    with open_http(verify=False) as http:
        budget = Budget(time.monotonic, clock.sleep, 1e9)
        rpc = Rpc(http, Endpoints(region, endpoint), auth, region, budget, time.monotonic)
        ecs = Ecs(rpc)
        sweep = Sweep(
            place=Place("1234567890123456", region),
            policy=_policy(),
            reader=FleetReader(Vpc(rpc), ecs, clock, Filters(rpc)),
            invoker=Nobody(),
            log=Log(io.StringIO()),
            clock=clock,
            mode=Mode.ACT,
            limits=Limits(grace_s=300.0, period_s=900.0),
            reach=Reach(MIRROR, NOTIFY, 720),
            suspects=Suspects(ecs, clock, Reclaiming.REPORT, 50),
        )
        began = time.perf_counter()
        told = sweep.handle(b"")
        seconds = time.perf_counter() - began
    if {name: told[name] for name in EXPECTED} != EXPECTED:
        raise RuntimeError(f"the sweep counted wrongly: {told}")
    print(json.dumps({"seconds": seconds, "mib": resident_mib()}))


def _policy() -> Policy:
    opted_out = Rule("opted out", Tagged(False, "mirror", frozenset({"off"})), None)
    pool = Pool("all", discovery=Discovery(tags={"mirror": "all"}))
    return Policy({"all": pool}, (opted_out,), "all")


if __name__ == "__main__":
    main(sys.argv[1])
