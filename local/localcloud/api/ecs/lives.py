"""What instances and interfaces go through once a call is accepted, and how long it takes.

ECS, "Instance lifecycle": Pending, Starting, Running; Stopping, Stopped. ECS,
"AttachNetworkInterface" and its sisters: Attaching, InUse; Detaching, Available; Deleting and
gone. How long each takes is a key of `behaviour`. A call that fails in the background ends where
it began, a launch in nothing; detaching and deleting get stuck, as their pages say.
"""

from __future__ import annotations

from collections.abc import Sequence

from localcloud.api.context import Context
from localcloud.world.objects import (
    Deleted,
    Instance,
    InstanceStatus,
    InstanceTurn,
    InterfaceOperation,
    InterfaceStatus,
    NetworkInterface,
    Turn,
)
from localcloud.world.world import World


def launch(world: World, instance: Instance, primary: NetworkInterface, context: Context) -> float:
    """Take in a new instance with its primary interface; seconds until it is Running."""
    pending_s = world.draw_s(world.behaviour.pending_s)
    running_s = pending_s + world.draw_s(world.behaviour.boot_s)
    instance.status = "Pending"
    if context.fails_in_background:
        instance.becomes = (_turn("Deleted", pending_s, context),)
    else:
        instance.becomes = (
            _turn("Starting", pending_s, context),
            _turn("Running", running_s, context),
        )
    primary.status, primary.becomes = "Attaching", (Turn("InUse", pending_s),)
    world.instances.add(instance, context.now)
    world.network_interfaces.add(primary, context.now)
    world.tell_of_instance(instance.id, "Created", context.request_id, context.now)
    return running_s


def start(world: World, instance: Instance, context: Context) -> None:
    """From Stopped to Running."""
    boot_s = world.draw_s(world.behaviour.boot_s)
    end: InstanceStatus = "Stopped" if context.fails_in_background else "Running"
    _begin(world, instance, "Starting", (_turn(end, boot_s, context),), context)


def stop(world: World, instance: Instance, context: Context) -> None:
    """From Running to Stopped."""
    stop_s = world.draw_s(world.behaviour.stop_s)
    end: InstanceStatus = "Running" if context.fails_in_background else "Stopped"
    _begin(world, instance, "Stopping", (_turn(end, stop_s, context),), context)


def release(world: World, instance: Instance, context: Context) -> None:
    """To nothing; what is not Stopped yet is stopped on the way."""
    stop_s = 0.0 if instance.status == "Stopped" else world.draw_s(world.behaviour.stop_s)
    end = _turn("Deleted", stop_s + world.draw_s(world.behaviour.release_s), context)
    ending = () if context.fails_in_background else (end,)
    if instance.status == "Stopped":
        world.instances.begin(instance, "Stopped", ending, context.now)
        return
    turns = (_turn("Stopped", stop_s, context), *ending)
    _begin(world, instance, "Stopping", turns, context)


def attach(
    world: World,
    interface: NetworkInterface,
    instance_id: str,
    context: Context,
    by_s: float | None = None,
) -> None:
    """From Available to InUse; `by_s` says when, where the documents do."""
    world.network_interfaces.attach(interface, instance_id, context.now)
    end: InterfaceStatus = "Available" if context.fails_in_background else "InUse"
    takes_s = world.draw_s(world.behaviour.attach_s) if by_s is None else by_s
    _change(world, interface, ("Attaching", end), takes_s, context)


def detach(world: World, interface: NetworkInterface, context: Context) -> None:
    """From InUse to Available; one that cannot stays Detaching until it is asked again."""
    detach_s = world.draw_s(world.behaviour.detach_s)
    _change(world, interface, ("Detaching", "Available"), detach_s, context)


def delete(world: World, interface: NetworkInterface, context: Context) -> None:
    """From Available to nothing; one that cannot stays Deleting until it is asked again."""
    delete_s = world.draw_s(world.behaviour.delete_interface_s)
    _change(world, interface, ("Deleting", "Deleted"), delete_s, context)


def _change(
    world: World,
    interface: NetworkInterface,
    statuses: tuple[InterfaceStatus, InterfaceStatus | Deleted],
    takes_s: float,
    context: Context,
) -> None:
    meanwhile, end = statuses
    stuck = context.fails_in_background and meanwhile != "Attaching"
    turn = Turn(end, takes_s, _OPERATIONS[meanwhile], context.request_id)
    world.network_interfaces.begin(interface, meanwhile, () if stuck else (turn,), context.now)


_OPERATIONS: dict[InterfaceStatus, InterfaceOperation] = {
    "Attaching": "AttachNetworkInterface",
    "Detaching": "DetachNetworkInterface",
    "Deleting": "DeleteNetworkInterface",
}


def _begin(
    world: World,
    instance: Instance,
    status: InstanceStatus,
    turns: Sequence[InstanceTurn],
    context: Context,
) -> None:
    world.instances.begin(instance, status, turns, context.now)
    world.tell_of_instance(instance.id, status, context.request_id, context.now)


def _turn(status: InstanceStatus | Deleted, after_s: float, context: Context) -> InstanceTurn:
    return InstanceTurn(status, after_s, context.request_id)
