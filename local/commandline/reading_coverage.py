"""Reads a fleet's interfaces and sessions through the API, and counts coverage."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.rpc import Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import Vpc
from evermirror.coverage import Coverage, coverage
from evermirror.policy import Policy

CALLS_PER_MINUTE = 6000.0


def read_coverage(
    endpoint: str,
    region: str,
    credentials: Credentials,
    policy: Policy,
    network_interface_ids: Sequence[str],
) -> Coverage:
    """Coverage of these interfaces under the policy; raises ReadError or StopError."""
    auth = Acs3Auth(
        lambda: credentials,
        time.time,  # noqa: TID251 - an entry point hands out the real clock
        lambda: uuid.uuid4().hex,
    )
    budget = Budget(time.monotonic, time.sleep, CALLS_PER_MINUTE)  # noqa: TID251 - as above
    with open_http(verify=endpoint.startswith("https:")) as http:
        rpc = Rpc(http, Endpoints(region, endpoint), auth, region, budget, time.monotonic)
        ecs, vpc = Ecs(rpc), Vpc(rpc)
        interfaces = ecs.describe_network_interfaces(network_interface_ids)
        instances = ecs.describe_instances(sorted({i.instance_id or "" for i in interfaces} - {""}))
        sessions = vpc.list_sessions(
            sorted({i for pool in policy.pools.values() for i in pool.session_ids})
        )
    return coverage(
        policy,
        interfaces,
        {instance.id: instance for instance in instances},
        {session.id: session for session in sessions},
    )
