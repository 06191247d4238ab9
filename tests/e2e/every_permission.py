"""A product that needs every permission, and what somebody does to it that takes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient

from commandline.assembly import STACK_KEY
from commandline.policy_file import read_policy
from evermirror.stack_key import Recipient, StackKey
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import ACCOUNT, REGION, a_fleet, a_session, eni, tms

from .conftest import Product
from .launching import BRIEF

NOTIFY = "InvokeFunction:notify"
REFUSED = {"error": "ServiceUnavailable", "status": 503}
EVERYTHING_ON: dict[str, Any] = {"AllowGrowth": True, "Reclaim": "on", "SweepInterval": 60}
POLICY = f"""\
version: 1
pools:
  ids: {{sessions: [{tms(1)}]}}
  stuck: {{sessions: [{tms(3)}]}}
  big:
    sensors: {{instance_tags: {{role: sensor}}}}
    grow:
      filter: tmf-j6c00000000000000001
      targets: [{{id: lb-j6c00000000000000002, type: SLB}}]
      priorities: [1000, 2000]
      max_sessions: 5
      name: big
rules:
  - {{name: test machines, match: {{instance_tags: {{env: test}}}}, never: true}}
  - {{name: big, match: {{network_interface: [{eni(2)}]}}, pool: big}}
  - {{name: stuck, match: {{network_interface: [{eni(3)}]}}, pool: stuck}}
default: {{pool: ids}}
"""
GONE = 99


def a_world() -> dict[str, Any]:
    return a_fleet(
        [1, 2, 3, 4, 5],
        [a_session(1, GONE), 3],
        settle_s=1.0,
        behaviour=BRIEF,
        slbs=[{"id": "lb-j6c00000000000000001"}, {"id": "lb-j6c00000000000000002"}],
    )


def policy_of(tmp_path: Path) -> Any:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    return read_policy(file)


def reclaim(product: Product) -> Any:
    request: dict[str, Any] = {
        "request": 1,
        "purpose": "reclaim",
        "session_id": tms(1),
        "network_interface_ids": [eni(GONE)],
    }
    code = StackKey([STACK_KEY]).mac(request, Recipient(ACCOUNT, REGION, "mirror"))
    return product.invoke("mirror", {**request, "mac": code})


def switch_off(product: Product) -> None:
    """Somebody disables a session, with the official client."""
    client = VpcClient(
        Config(
            access_key_id=ACCESS_KEY_ID,
            access_key_secret=ACCESS_KEY_SECRET,
            endpoint=product.cloud.address,
            protocol="HTTP",
            region_id=REGION,
        )
    )
    client.update_traffic_mirror_session_attribute(
        vpc.UpdateTrafficMirrorSessionAttributeRequest(
            region_id=REGION, traffic_mirror_session_id=tms(1), enabled=False
        )
    )


def ask_asynchronously(product: Product, number: int) -> None:
    request = {"request": 1, "network_interface_ids": [eni(number)]}
    product.invoke("mirror", request, {"x-fc-invocation-type": "Async"})


def make_busy(product: Product, session_id: str, seconds: float) -> None:
    """Somebody's change of this session takes so long."""
    world = product.cloud.state()
    (session,) = [one for one in world["sessions"] if one["id"] == session_id]
    session |= {"status": "Modifying", "change": {"remaining_s": seconds}}
    product.cloud.load(world)


def notify_refuses(product: Product) -> None:
    product.cloud.set_faults([{"action": NOTIFY, "do": REFUSED}])
