"""RunInstances: up to a hundred instances at once, with their interfaces, all or at least so many.

The errors are those of ECS API 2014-05-26, as far as they concern what is modelled here: networks,
interfaces, names, tags, numbers. Nobody pays and nothing has a disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from localcloud.api.context import Context
from localcloud.api.ecs import naming
from localcloud.api.ecs.create_network_interface import check_quota
from localcloud.api.ecs.launch_interfaces import Interfaces, wanted_interfaces
from localcloud.api.ecs.launch_parameters import RunInstances
from localcloud.refusals import refused
from localcloud.world.objects import Instance
from localcloud.world.world import World


def run_instances(world: World, asked: RunInstances, context: Context) -> Mapping[str, Any]:
    """Accept the launch; the instances are Pending from now on, then Starting, then Running."""
    _check_given(asked)
    tags = naming.tags_of(asked.tag)
    interfaces = wanted_interfaces(world, asked)
    amount = _amount(world, asked)
    check_quota(world, amount * interfaces.new)
    if asked.dry_run:
        raise refused("DryRunOperation")
    launched = [
        _launched(world, asked, interfaces, tags, (place, context)) for place in range(amount)
    ]
    return {
        "InstanceIdSets": {"InstanceIdSet": launched},
        "OrderId": "",
        "TradePrice": 0.0,
    }


def _check_given(asked: RunInstances) -> None:
    template = asked.launch_template_id or asked.launch_template_name
    if template is not None:
        raise refused("InvalidLaunchTemplate.NotFound", template)
    if asked.image_id is None and asked.image_family is None:
        raise refused("MissingParameter", "ImageId")
    if asked.instance_type is None:
        raise refused("MissingParameter", "InstanceType")
    if asked.instance_name is not None:
        naming.check_instance_name(asked.instance_name)
    if asked.min_amount is not None and asked.min_amount > asked.amount:
        raise refused("InvalidMinAmount.Malformed")


def _amount(world: World, asked: RunInstances) -> int:
    """How many there will be: `Amount`, or as many as there is room for, from `MinAmount` on."""
    wanted = asked.instance_type or ""
    if any(fnmatchcase(wanted, pattern) for pattern in world.behaviour.sold_out):
        raise refused("OperationDenied.NoStock", wanted)
    most = world.limits.instances
    if most is None:
        return asked.amount
    room = most - len(world.instances.ids)
    if room < (asked.min_amount or asked.amount):
        raise refused("QuotaExceed.AfterpayInstance")
    return min(room, asked.amount)


def _launched(
    world: World,
    asked: RunInstances,
    interfaces: Interfaces,
    tags: Mapping[str, str],
    at: tuple[int, Context],
) -> str:
    """One instance of a launch; its id."""
    place, context = at
    kind = asked.instance_type or ""
    without = world.behaviour.types_without_mirror
    instance = Instance(
        id=world.draw_id("i-", world.instances.find),
        type=kind,
        supports_mirror=not any(fnmatchcase(kind, pattern) for pattern in without),
        tags=dict(tags),
        description=asked.description or "",
        image=asked.image_id or f"{asked.image_family}-latest",
        zone=interfaces.primary.vswitch.zone,
        resource_group=asked.resource_group_id or "",
        deletion_protection=asked.deletion_protection,
        created=context.now,
    )
    suffix = asked.unique_suffix and asked.amount > 1
    for field, name in (("name", asked.instance_name), ("host_name", asked.host_name)):
        if name is not None:
            setattr(instance, field, naming.counted(name, place, unique_suffix=suffix))
    instance.name = instance.name or instance.id
    interfaces.launch(world, instance, place, context)
    return instance.id
