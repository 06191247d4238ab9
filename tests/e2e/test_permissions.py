"""Every action of every role is used, no other is tried, and without one the product says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient

from commandline.policy_file import read_policy
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import REGION, a_fleet, a_session, eni, tms

from .asking import asked_by_webhook, attach, coverage, swept
from .conftest import Product, Run
from .launching import BRIEF, client_of, interfaces_of, launch
from .permissions import all_actions, invoked, may_invoke, refused, template_without, used

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

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


@pytest.fixture
def policy(tmp_path: Path) -> Any:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    return read_policy(file)


def reclaim(product: Product) -> Any:
    return product.invoke(
        "mirror",
        {
            "request": 1,
            "purpose": "reclaim",
            "session_id": tms(1),
            "network_interface_ids": [eni(GONE)],
        },
    )


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


def test_a_launch_a_sweep_and_a_request_use_no_permission_that_they_do_not_have(
    run: Run, policy: Any
) -> None:
    product = run(a_world(), policy)

    launched = launch(client_of(product), 1)
    assert asked_by_webhook(product, 4) == 202
    swept(product)
    product.settled()

    assert {*interfaces_of(product, launched), eni(4)} <= product.placements().keys()
    assert refused(product) == set()
    allowed = all_actions()
    assert [role for role, actions in used(product).items() if not actions <= allowed[role]] == []


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_every_action_of_every_role_is_used_and_no_other_is_tried(run: Run, policy: Any) -> None:
    # Notify's channel never works, so that its invocations end in its failure destination.
    nowhere = "file:///nowhere/outcomes"
    product = run(a_world(), policy, speed=20.0, Channels=nowhere, **EVERYTHING_ON)

    launch(client_of(product), 1)
    attach(product, 1, 2)
    assert asked_by_webhook(product, 4) == 202
    product.settled(100)
    reclaim(product)
    switch_off(product)
    product.settled(100)
    swept(product)
    product.settled(100)
    notify_refuses(product)
    ask_asynchronously(product, 1)
    swept(product)
    product.settled(100)
    product.cloud.set_faults([])
    # Longer than one invocation waits for it.
    make_busy(product, tms(3), 25 * 20.0)
    attach(product, 3)
    product.settled(100)

    assert used(product) == all_actions()
    assert invoked(product) == may_invoke()
    assert refused(product) == set()
    assert eni(GONE) not in product.placements()


Told = set[tuple[str, str, str | None]]


def told(product: Product) -> Told:
    return {
        (one["network_interface_id"], one["outcome"], one["reason"])
        for one in product.control.outcomes()
    }


def once_attached(product: Product, number: int = 1) -> Told:
    attach(product, number)
    assert product.settled()["dead_letters"] == 0
    return told(product)


def once_swept(product: Product) -> dict[str, Any]:
    swept(product)
    product.settled()
    return coverage(product)


def may_not_change(product: Product) -> None:
    assert once_attached(product) == {(eni(1), "deferred", "Forbidden.RAM")}
    assert "the service refused" in product.log("mirror")


def may_not_create(product: Product) -> None:
    assert once_attached(product, 2) == {(eni(2), "deferred", "growth_not_allowed")}
    assert "the service refused" in product.log("mirror")


def sees_no_interface(product: Product) -> None:
    assert once_attached(product) == {(eni(1), "rejected", "interface_not_visible")}


def sees_no_instance(product: Product) -> None:
    assert once_attached(product) == {(eni(1), "rejected", "instance_not_visible")}


def may_not_publish(product: Product) -> None:
    """The cloud's work is done, and the message stays until outcomes can be told."""
    attach(product, 1)
    idle = product.control.wait_until_idle(6)
    assert idle["queues"]["evermirror-events"] == 1
    assert list(product.placements()) == [eni(GONE), eni(1)]
    assert '"message":"not passed on"' in product.log("mirror")
    assert "Function Compute answered 403" in product.log("mirror")


def mirrors_failure_is_recorded_nowhere(product: Product) -> None:
    notify_refuses(product)
    ask_asynchronously(product, 1)
    idle = product.settled()
    assert (idle["dead_letters"], idle["undelivered"]) == (0, 1)


def logs_nothing(product: Product) -> None:
    assert once_attached(product) == {(eni(1), "mirrored", None)}
    assert product.log("mirror") == ""


def may_not_remove(product: Product) -> None:
    answer = reclaim(product)
    assert [(one["outcome"], one["reason"]) for one in answer["outcomes"]] == [
        ("deferred", "Forbidden.RAM")
    ]
    assert eni(GONE) in product.placements()


def may_not_heal(product: Product) -> None:
    assert once_attached(product) == {(eni(1), "mirrored", None)}
    switch_off(product)
    product.settled()
    assert (eni(1), "ineffective", "session_disabled") in told(product)
    assert product.cloud.session(tms(1))["enabled"] is False
    assert "the service refused" in product.log("mirror")


def notify_failure_nowhere(product: Product) -> None:
    attach(product, 1)
    idle = product.settled()
    assert (idle["dead_letters"], idle["undelivered"]) == (0, 1)


def notify_logs_nothing(product: Product) -> None:
    assert once_attached(product) == {(eni(1), "mirrored", None)}
    assert product.log("notify") == ""


def sweep_may_not_list(product: Product) -> None:
    found = once_swept(product)
    assert (found["status"], found["unknown"]) == ("unknown", "Forbidden.RAM")


def sweep_sees_no_interface(product: Product) -> None:
    found = once_swept(product)
    assert (found["status"], found["unknown"]) == ("unknown", "no_interfaces_read")
    assert (found["gone"], found["asked"]) == (0, 0)


def sweep_sees_no_instance(product: Product) -> None:
    found = once_swept(product)
    assert (found["status"], found["unknown"]) == ("unknown", "instances_not_visible")
    assert (found["eligible"], found["asked"]) == (0, 0)


def sweep_may_not_ask(product: Product) -> None:
    swept(product)
    idle = product.settled()
    assert idle["dead_letters"] == 1
    assert (coverage(product)["asked"], coverage(product)["missing"]) == (0, 5)
    assert "Function Compute answered 403" in product.log("reconcile")


def sweep_failure_nowhere(product: Product) -> None:
    notify_refuses(product)
    swept(product)
    idle = product.settled()
    # The dead letter is mirror's, which could not tell either what it was asked for.
    assert (idle["dead_letters"], idle["undelivered"]) == (1, 1)


def sweep_logs_nothing(product: Product) -> None:
    swept(product)
    product.settled()
    assert product.log("reconcile") == ""
    assert product.placements().keys() >= {eni(1), eni(3)}


def webhook_may_not_ask(product: Product) -> None:
    assert asked_by_webhook(product, 1) == 503
    product.settled()
    assert "Function Compute answered 403" in product.log("webhook")
    assert eni(1) not in product.placements()


def webhook_logs_nothing(product: Product) -> None:
    assert asked_by_webhook(product, 1) == 202
    product.settled()
    assert product.log("webhook") == ""
    assert eni(1) in product.placements()


def nothing_is_pushed(product: Product) -> None:
    attach(product, 1)
    idle = product.control.wait_until_idle(3)
    assert idle["queues"]["evermirror-events"] == 1
    assert eni(1) not in product.placements()


INVOKE, DEAD_LETTERS, LOGS = "fc:InvokeFunction", "mns:SendMessage", "log:PostLogStoreLogs"
LIST = "vpc:ListTrafficMirrorSessions"
INTERFACES, INSTANCES = "ecs:DescribeNetworkInterfaces", "ecs:DescribeInstances"
WITHOUT: dict[tuple[str, str], Callable[[Product], None]] = {
    ("MirrorRole", "vpc:AddSourcesToTrafficMirrorSession"): may_not_change,
    ("MirrorRole", "vpc:CreateTrafficMirrorSession"): may_not_create,
    ("MirrorRole", "vpc:RemoveSourcesFromTrafficMirrorSession"): may_not_remove,
    ("MirrorRole", "vpc:UpdateTrafficMirrorSessionAttribute"): may_not_heal,
    ("MirrorRole", LIST): may_not_change,
    ("MirrorRole", INTERFACES): sees_no_interface,
    ("MirrorRole", INSTANCES): sees_no_instance,
    ("MirrorRole", INVOKE): may_not_publish,
    ("MirrorRole", DEAD_LETTERS): mirrors_failure_is_recorded_nowhere,
    ("MirrorRole", LOGS): logs_nothing,
    ("NotifyRole", DEAD_LETTERS): notify_failure_nowhere,
    ("NotifyRole", LOGS): notify_logs_nothing,
    ("ReconcileRole", LIST): sweep_may_not_list,
    ("ReconcileRole", INTERFACES): sweep_sees_no_interface,
    ("ReconcileRole", INSTANCES): sweep_sees_no_instance,
    ("ReconcileRole", INVOKE): sweep_may_not_ask,
    ("ReconcileRole", DEAD_LETTERS): sweep_failure_nowhere,
    ("ReconcileRole", LOGS): sweep_logs_nothing,
    ("WebhookRole", INVOKE): webhook_may_not_ask,
    ("WebhookRole", LOGS): webhook_logs_nothing,
    ("EventsRole", INVOKE): nothing_is_pushed,
}
"""By role and action what is seen of a product whose template does not give it."""

READS_NOTHING = {INTERFACES, INSTANCES}
"""A Describe without permission is no refusal but an empty answer (ECS API 2014-05-26)."""


def test_every_action_of_every_role_has_a_run_without_it() -> None:
    assert WITHOUT.keys() == {(role, one) for role, found in all_actions().items() for one in found}


@pytest.mark.prove
@pytest.mark.parametrize(("role", "action"), WITHOUT)
def test_without_a_permission_the_product_says_so_and_loses_nothing(
    run: Run, policy: Any, tmp_path: Path, role: str, action: str
) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    template = template_without(folder, role, action)
    # A message of a queue is pushed again for a day: what fails is to be seen failing quickly.
    channels = "file:///nowhere/outcomes" if (role, action) == ("NotifyRole", DEAD_LETTERS) else ""
    # A sweep waits a minute of its own before it has a source removed.
    reclaims = "on" if action.startswith("vpc:Remove") else "report"
    switches: dict[str, Any] = {**EVERYTHING_ON, "Channels": channels, "Reclaim": reclaims}
    product = run(a_world(), policy, speed=60.0, template=template, **switches)

    WITHOUT[role, action](product)

    tried = {found for _, found in refused(product)}
    assert tried == (set() if action in READS_NOTHING else {action})
