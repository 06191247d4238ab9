"""The comparator of the sweep: fetches every page that a sweep reads, and decodes its JSON."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import httpx

from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.rpc import open_http
from evermirror.aliyun.signing import Acs3Auth
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET

VPC, ECS = "2016-04-28", "2014-05-26"
LISTS = (
    ("ListTrafficMirrorSessions", VPC, "100"),
    ("ListTrafficMirrorFilters", VPC, "100"),
    ("DescribeNetworkInterfaces", ECS, "500"),
)
IDS_A_CALL = 100


def sensor_instance(number: int) -> str:
    """The instance under the target of that number."""
    return f"i-j6s{number:016}"


def resident_mib() -> float:
    """The most that this process ever held; what it was started from does not count."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(endpoint: str, targets: int) -> None:
    auth = Acs3Auth(
        lambda: Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET),
        time.time,  # noqa: TID251 - signatures are dated by real time
        lambda: uuid.uuid4().hex,
    )
    with open_http(verify=False) as http:
        began = time.perf_counter()
        for action, version, a_page in LISTS:
            _read(http, endpoint, auth, action, version, {"MaxResults": a_page})
        for start in range(0, targets, IDS_A_CALL):
            ids = json.dumps([sensor_instance(n) for n in range(start, start + IDS_A_CALL)])
            asked = {"InstanceIds": ids, "MaxResults": "100"}
            _read(http, endpoint, auth, "DescribeInstances", ECS, asked)
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "mib": resident_mib()}))


def _read(
    http: httpx.Client,
    endpoint: str,
    auth: Acs3Auth,
    action: str,
    version: str,
    asked: Mapping[str, str],
) -> None:
    token = ""
    while True:
        place = {"NextToken": token} if token else {}
        answer = http.post(
            f"{endpoint}/",
            params={"RegionId": "cn-hongkong", **asked, **place},
            headers={
                "accept": "application/json",
                "x-acs-action": action,
                "x-acs-version": version,
            },
            auth=auth,
        )
        token = json.loads(answer.content)["NextToken"]
        if not token:
            return


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
