"""Without one of its permissions the product says so, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import eni, tms

from .asking import asked_by_webhook, attach, coverage, swept
from .conftest import Product, Run
from .every_permission import (
    EVERYTHING_ON,
    GONE,
    a_world,
    ask_asynchronously,
    notify_refuses,
    policy_of,
    reclaim,
    switch_off,
)
from .permissions import all_actions, refused, template_without

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")

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


def may_not_list_filters(product: Product) -> None:
    """It is placed all the same; only that packets pass cannot be told."""
    assert once_attached(product) == {(eni(1), "unconfirmed", "filters_not_visible")}
    assert eni(1) in product.placements()
    assert "filters cannot be read" in product.log("mirror")


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


def sweep_may_not_list_filters(product: Product) -> None:
    """What can be seen is put right all the same; only the number is not to be had."""
    found = once_swept(product)
    assert (found["status"], found["unknown"]) == ("unknown", "filters_not_visible")
    assert found["asked"] > 0
    assert product.placements().keys() >= {eni(1), eni(3)}


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
LIST, FILTERS = "vpc:ListTrafficMirrorSessions", "vpc:ListTrafficMirrorFilters"
INTERFACES, INSTANCES = "ecs:DescribeNetworkInterfaces", "ecs:DescribeInstances"
WITHOUT: dict[tuple[str, str], Callable[[Product], None]] = {
    ("MirrorRole", "vpc:AddSourcesToTrafficMirrorSession"): may_not_change,
    ("MirrorRole", "vpc:CreateTrafficMirrorSession"): may_not_create,
    ("MirrorRole", "vpc:RemoveSourcesFromTrafficMirrorSession"): may_not_remove,
    ("MirrorRole", "vpc:UpdateTrafficMirrorSessionAttribute"): may_not_heal,
    ("MirrorRole", LIST): may_not_change,
    ("MirrorRole", FILTERS): may_not_list_filters,
    ("MirrorRole", INTERFACES): sees_no_interface,
    ("MirrorRole", INSTANCES): sees_no_instance,
    ("MirrorRole", INVOKE): may_not_publish,
    ("MirrorRole", DEAD_LETTERS): mirrors_failure_is_recorded_nowhere,
    ("MirrorRole", LOGS): logs_nothing,
    ("NotifyRole", DEAD_LETTERS): notify_failure_nowhere,
    ("NotifyRole", LOGS): notify_logs_nothing,
    ("ReconcileRole", LIST): sweep_may_not_list,
    ("ReconcileRole", FILTERS): sweep_may_not_list_filters,
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
    run: Run, tmp_path: Path, role: str, action: str
) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    template = template_without(folder, role, action)
    # A message of a queue is pushed again for a day: what fails is to be seen failing quickly.
    channels = "file:///nowhere/outcomes" if (role, action) == ("NotifyRole", DEAD_LETTERS) else ""
    # A sweep waits a minute of its own before it has a source removed.
    reclaims = "on" if action.startswith("vpc:Remove") else "report"
    switches: dict[str, Any] = {**EVERYTHING_ON, "Channels": channels, "Reclaim": reclaims}
    product = run(a_world(), policy_of(tmp_path), speed=60.0, template=template, **switches)

    WITHOUT[role, action](product)

    tried = {found for _, found in refused(product)}
    assert tried == (set() if action in READS_NOTHING else {action})
