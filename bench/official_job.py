"""What mirror does for one event, written on the vendor's own clients: the comparator of the cold
start.

It is what a careful engineer would deploy without Evermirror: clients built once an instance, a
ClientToken, a look before and after, the outcome published with a deduplication id. It leaves out
what costs little and only Evermirror has: policy, batches, placement, redelivery, the error table.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from functools import cache
from typing import Any

from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_fc20230330 import models as fc_models
from alibabacloud_fc20230330.client import Client as Fc
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as Vpc

SESSION_LIMIT = 10
LOOKS = 10


@cache
def clients() -> tuple[Ecs, Vpc, Fc]:
    environment = os.environ  # noqa: TID251 - a function of its own, outside the library
    config: dict[str, Any] = {
        "access_key_id": environment["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        "access_key_secret": environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        "security_token": environment["ALIBABA_CLOUD_SECURITY_TOKEN"],
        "endpoint": environment["EVERMIRROR_ENDPOINT"].removeprefix("http://"),
        "protocol": "HTTP",
        "region_id": environment["FC_REGION"],
    }
    return Ecs(Config(**config)), Vpc(Config(**config)), Fc(Config(**config))


def handler(event: bytes, context: Any) -> str:
    """Mirrors the interface of one AttachNetworkInterface event and publishes what came of it."""
    ecs, vpc, fc = clients()
    told = json.loads(event)
    interface = told["data"]["requestParameters"]["NetworkInterfaceId"]
    described = ecs.describe_network_interfaces(
        ecs_models.DescribeNetworkInterfacesRequest(
            region_id=context.region, network_interface_id=[interface]
        )
    ).body
    (found,) = described.network_interface_sets.network_interface_set
    session = place(vpc, context.region, interface)
    token = hashlib.sha256(f"{told['source']} {told['id']} {session}".encode()).hexdigest()
    vpc.add_sources_to_traffic_mirror_session(
        vpc_models.AddSourcesToTrafficMirrorSessionRequest(
            region_id=context.region,
            traffic_mirror_session_id=session,
            traffic_mirror_source_ids=[interface],
            client_token=token,
        )
    )
    outcome = {
        "outcome_id": f"o-{token[:32]}",
        "outcome": confirmed(vpc, context.region, session, interface),
        "network_interface_id": interface,
        "instance_id": found.instance_id,
        "session_id": session,
        "cause": {"source": told["source"], "id": told["id"]},
    }
    publish(fc, {"schema_version": 1, "outcomes": [outcome]})
    return json.dumps(outcome)


def sessions(vpc: Vpc, region: str) -> list[Any]:
    ids = os.environ["JOB_SESSIONS"].split()  # noqa: TID251 - as above
    asked = vpc_models.ListTrafficMirrorSessionsRequest(
        region_id=region, traffic_mirror_session_ids=ids, max_results=100
    )
    return list(vpc.list_traffic_mirror_sessions(asked).body.traffic_mirror_sessions)


def place(vpc: Vpc, region: str, interface: str) -> str:
    listed = sessions(vpc, region)
    for session in listed:
        if interface in session.traffic_mirror_source_ids:
            return str(session.traffic_mirror_session_id)
    for session in listed:
        if len(session.traffic_mirror_source_ids) < SESSION_LIMIT:
            return str(session.traffic_mirror_session_id)
    raise RuntimeError("every session is full")


def confirmed(vpc: Vpc, region: str, wanted: str, interface: str) -> str:
    for _ in range(LOOKS):
        time.sleep(3)  # noqa: TID251 - the vendor's hint for polling
        for session in sessions(vpc, region):
            at_rest = session.traffic_mirror_session_status == "Created"
            if session.traffic_mirror_session_id == wanted and at_rest:
                listed = interface in session.traffic_mirror_source_ids
                return "mirrored" if listed else "unconfirmed"
    return "unconfirmed"


def publish(fc: Fc, delivery: dict[str, Any]) -> None:
    payload = json.dumps(delivery).encode()
    fc.invoke_function_with_options(
        "notify",
        fc_models.InvokeFunctionRequest(body=payload),
        fc_models.InvokeFunctionHeaders(
            x_fc_invocation_type="Async",
            common_headers={"x-fc-async-task-id": f"p-{hashlib.sha256(payload).hexdigest()}"},
        ),
        RuntimeOptions(),
    )
