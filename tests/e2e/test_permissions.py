"""Every action of every role is used, and no other is tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import eni, tms

from .asking import asked_by_webhook, attach, swept
from .conftest import Run
from .every_permission import (
    EVERYTHING_ON,
    GONE,
    a_world,
    ask_asynchronously,
    make_busy,
    notify_refuses,
    policy_of,
    reclaim,
    switch_off,
)
from .launching import client_of, interfaces_of, launch
from .permissions import all_actions, invoked, may_invoke, refused, used

# The clients leave their connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")


def test_a_launch_a_sweep_and_a_request_use_no_permission_that_they_do_not_have(
    run: Run, tmp_path: Path
) -> None:
    product = run(a_world(), policy_of(tmp_path))

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
def test_every_action_of_every_role_is_used_and_no_other_is_tried(run: Run, tmp_path: Path) -> None:
    # Notify's channel never works, so that its invocations end in its failure destination.
    nowhere = "file:///nowhere/outcomes"
    product = run(a_world(), policy_of(tmp_path), speed=20.0, Channels=nowhere, **EVERYTHING_ON)

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
