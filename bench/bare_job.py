"""The same requests by `http.client` alone: what a cold start cannot be faster than, in Python."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import time
import uuid
from functools import cache
from typing import Any
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
VPC, ECS, FC = "2016-04-28", "2014-05-26", "2023-03-30"


@cache
def connection() -> http.client.HTTPConnection:
    address = os.environ["EVERMIRROR_ENDPOINT"]  # noqa: TID251 - no part of the library
    return http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)


def handler(event: bytes, context: Any) -> str:
    told = json.loads(event)
    interface = told["data"]["requestParameters"]["NetworkInterfaceId"]
    region = {"RegionId": context.region}
    call(ECS, "DescribeNetworkInterfaces", {**region, "NetworkInterfaceId.1": interface})
    ids = os.environ["JOB_SESSIONS"].split()  # noqa: TID251 - as above
    listed = {**region, "MaxResults": "100"}
    listed |= {f"TrafficMirrorSessionIds.{n}": one for n, one in enumerate(ids, start=1)}
    sessions = call(VPC, "ListTrafficMirrorSessions", listed)["TrafficMirrorSessions"]
    session = next(one for one in sessions if len(one["TrafficMirrorSourceIds"]) < 10)
    change = {
        "TrafficMirrorSessionId": session["TrafficMirrorSessionId"],
        "TrafficMirrorSourceIds.1": interface,
        "ClientToken": hashlib.sha256(told["id"].encode()).hexdigest(),
    }
    call(VPC, "AddSourcesToTrafficMirrorSession", {**region, **change})
    seen = call(VPC, "ListTrafficMirrorSessions", listed)["TrafficMirrorSessions"]
    mirrored = any(interface in one["TrafficMirrorSourceIds"] for one in seen)
    outcome = {
        "outcome": "mirrored" if mirrored else "unconfirmed",
        "network_interface_id": interface,
        "cause": {"source": told["source"], "id": told["id"]},
    }
    payload = json.dumps({"schema_version": 1, "outcomes": [outcome]}).encode()
    headers = {
        "x-fc-invocation-type": "Async",
        "x-fc-async-task-id": f"p-{hashlib.sha256(payload).hexdigest()}",
    }
    signed(FC, "InvokeFunction", f"/{FC}/functions/notify/invocations", {}, payload, headers)
    return json.dumps(outcome)


def call(version: str, action: str, parameters: dict[str, str]) -> Any:
    return json.loads(signed(version, action, "/", parameters, b"", {}))


def signed(
    version: str,
    action: str,
    path: str,
    parameters: dict[str, str],
    body: bytes,
    more: dict[str, str],
) -> bytes:
    key = {name: os.environ[f"ALIBABA_CLOUD_{name}"] for name in NAMES}  # noqa: TID251 - as above
    digest = hashlib.sha256(body).hexdigest()
    headers = {
        "host": f"{connection().host}:{connection().port}",
        "x-acs-action": action,
        "x-acs-version": version,
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": digest,
        "x-acs-security-token": key["SECURITY_TOKEN"],
    }
    query = "&".join(f"{k}={quote(v, safe='')}" for k, v in sorted(parameters.items()))
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n{path}\n{query}\n{lines}\n{names}\n{digest}"
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    made = hmac.new(key["ACCESS_KEY_SECRET"].encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"{ALGORITHM} Credential={key['ACCESS_KEY_ID']},SignedHeaders={names},Signature={made}"
    )
    target = f"{path}?{query}" if query else path
    connection().request("POST", target, body, {**headers, **more})
    answer = connection().getresponse()
    content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(content.decode())
    return content


NAMES = ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
