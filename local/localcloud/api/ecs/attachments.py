"""AttachNetworkInterface, DetachNetworkInterface, DeleteNetworkInterface.

Each answers at once and is done later. The errors are those of the three tables of ECS API
2014-05-26; which of them fits a case is not said there, so the docstrings here say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.api.context import Context
from localcloud.api.ecs import lives
from localcloud.api.parameters import Boolean, Identifier, Integer, Parameters
from localcloud.refusals import refused
from localcloud.world.objects import Instance, NetworkInterface
from localcloud.world.world import World


class DeleteInterface(Parameters):
    """Parameters of DeleteNetworkInterface."""

    network_interface_id: Identifier


class DetachInterface(DeleteInterface):
    """Parameters of DetachNetworkInterface. There are no trunk interfaces to detach from here."""

    instance_id: Identifier
    trunk_network_instance_id: Identifier | None = None


class AttachInterface(DetachInterface):
    """Parameters of AttachNetworkInterface; card and readiness change nothing here."""

    network_card_index: Integer | None = None
    wait_for_network_configuration_ready: Boolean | None = None


def attach_interface(world: World, asked: AttachInterface, context: Context) -> Mapping[str, Any]:
    """Accept the attachment; the interface is Attaching from now on, then InUse."""
    interface = _own_secondary(world, asked.network_interface_id, "InvalidOperation.InvalidEniType")
    instance = _usable_instance(world, asked.instance_id)
    check_free(interface)
    check_fits(world, interface, instance)
    check_room(world, instance.id, 1)
    lives.attach(world, interface, instance.id, context)
    return {}


def detach_interface(world: World, asked: DetachInterface, context: Context) -> Mapping[str, Any]:
    """Accept the detachment; the interface is Detaching from now on, then Available.

    An interface that belongs to another instance is InvalidInstanceId.NotFound, which this
    operation publishes with 403 besides InvalidEcsId.NotFound.
    """
    primary = "InvalidOperation.DetachPrimaryEniNotAllowed"
    interface = _own_secondary(world, asked.network_interface_id, primary)
    _usable_instance(world, asked.instance_id)
    if interface.status not in {"InUse", "Detaching"}:
        raise refused("InvalidOperation.InvalidEniState", interface.id)
    if interface.instance != asked.instance_id:
        raise refused("InvalidInstanceId.NotFound", asked.instance_id, status=403)
    if interface.status == "InUse" or not world.network_interfaces.is_changing(interface):
        lives.detach(world, interface, context)
    return {}


def delete_interface(world: World, asked: DeleteInterface, context: Context) -> Mapping[str, Any]:
    """Accept the deletion; the interface is Deleting from now on, then gone."""
    interface = _own_secondary(world, asked.network_interface_id, "InvalidOperation.InvalidEniType")
    if interface.status not in {"Available", "CreateFailed", "Deleting"}:
        raise refused("InvalidOperation.InvalidEniState", interface.id)
    if interface.status != "Deleting" or not world.network_interfaces.is_changing(interface):
        lives.delete(world, interface, context)
    return {}


def existing_interface(world: World, interface_id: str) -> NetworkInterface:
    if not interface_id.startswith("eni-"):
        raise refused("InvalidParams.EniId", interface_id)
    interface = world.network_interfaces.find(interface_id)
    if interface is None:
        raise refused("InvalidEniId.NotFound", interface_id)
    return interface


def check_free(interface: NetworkInterface) -> None:
    """Attached to nothing, and about to be nothing else."""
    if interface.status != "Available" or interface.instance is not None:
        raise refused("InvalidOperation.InvalidEniState", interface.id)


def check_fits(world: World, interface: NetworkInterface, instance: Instance) -> None:
    """In the zone and VPC of the instance, as far as its primary interface tells them."""
    beside = world.network_interfaces.of_instance(instance.id)
    zone = beside[0].zone if beside else instance.zone
    if interface.zone != zone:
        raise refused("InvalidOperation.AvailabilityZoneMismatch", interface.id)
    if beside and interface.vpc != beside[0].vpc:
        raise refused("InvalidOperation.VpcMismatch", interface.id)


def check_room(world: World, instance_id: str, more: int) -> None:
    """The instance may have that many interfaces more."""
    most = world.limits.interfaces_per_instance
    if most is not None and len(world.network_interfaces.of_instance(instance_id)) + more > most:
        raise refused("EniPerInstanceLimitExceeded", instance_id)


def _own_secondary(world: World, interface_id: str, primary: str) -> NetworkInterface:
    """An interface that its owner may do something with; `primary` is the code for another."""
    interface = existing_interface(world, interface_id)
    if interface.type == "Primary":
        raise refused(primary, interface.id)
    if interface.service_managed:
        raise refused("InvalidOperation.EniServiceManaged", interface.id)
    return interface


def _usable_instance(world: World, instance_id: str) -> Instance:
    """An instance that is Running or Stopped, and not on its way out."""
    if not instance_id.startswith("i-"):
        raise refused("InvalidInstanceID.Malformed", instance_id)
    instance = world.instances.find(instance_id)
    if instance is None:
        raise refused("InvalidEcsId.NotFound", instance_id)
    usable = instance.status in {"Running", "Stopped"}
    if not usable or world.instances.is_leaving(instance):
        raise refused("InvalidOperation.InvalidEcsState", instance_id)
    return instance
