"""DeleteInstance and DeleteInstances: instances go, and with them what belongs to them.

The primary interface goes with its instance, a secondary one if it says so; otherwise it is
Available again (ECS API 2014-05-26).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from localcloud.api.context import Context
from localcloud.api.ecs import lives, power
from localcloud.api.parameters import Boolean, IdempotentParameters
from localcloud.refusals import refused
from localcloud.world.objects import Instance
from localcloud.world.world import World


class DeleteOne(power.One):
    """Parameters of DeleteInstance."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset({"ForceStop", "TerminateSubscription"})

    force: Boolean = False


class DeleteSeveral(IdempotentParameters):
    """Parameters of DeleteInstances."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset({"ForceStop", "TerminateSubscription"})

    instance_id: power.Ids
    force: Boolean = False


def delete_one(world: World, asked: DeleteOne, context: Context) -> Mapping[str, Any]:
    """Accept the deletion of one instance."""
    _delete(world, [asked.instance_id], asked, context)
    return {}


def delete_several(world: World, asked: DeleteSeveral, context: Context) -> Mapping[str, Any]:
    """Accept the deletion of all instances, or of none."""
    _delete(world, asked.instance_id, asked, context)
    return {}


def _delete(
    world: World,
    instance_ids: Sequence[str],
    asked: DeleteOne | DeleteSeveral,
    context: Context,
) -> None:
    instances = power.each(world, instance_ids)
    for instance in instances:
        _check_deletable(world, instance, force=asked.force)
    if asked.dry_run:
        raise refused("DryRunOperation")
    for instance in instances:
        # Asked for again, a deletion that is under way goes on as it was.
        if not world.instances.is_leaving(instance):
            lives.release(world, instance, context)


def _check_deletable(world: World, instance: Instance, *, force: bool) -> None:
    if instance.deletion_protection:
        raise refused("InvalidOperation.DeletionProtection", instance.id)
    if instance.status == "Pending":
        raise refused("IncorrectInstanceStatus.Initializing", instance.id)
    deletable = {"Stopped", "Running"} if force else {"Stopped"}
    if instance.status not in deletable and not world.instances.is_leaving(instance):
        raise refused("IncorrectInstanceStatus", instance.id)
