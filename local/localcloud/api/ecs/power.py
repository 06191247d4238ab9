"""StartInstance(s) and StopInstance(s): one instance, or up to a hundred of them.

Of several, `BatchOptimization` starts or stops all or none (`AllTogether`), or those that it can
(`SuccessFirst`), and the answer says of each what became of it (ECS API 2014-05-26).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from localcloud.api.context import Context
from localcloud.api.ecs import lives
from localcloud.api.parameters import Boolean, Identifier, Parameters, Text
from localcloud.refusals import RefusedError, refused
from localcloud.world.objects import Instance
from localcloud.world.world import World

Begin = Callable[[World, Instance, Context], None]
Ids = Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]
StoppedMode = Literal["KeepCharging", "StopCharging", "Not-applicable"]


class One(Parameters):
    """What the calls about one instance take. They name no region."""

    region_id: Text = ""
    instance_id: Identifier
    dry_run: Boolean = False


class StartOne(One):
    """Parameters of StartInstance."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset({"InitLocalDisk", "SourceRegionId"})


class StopOne(One):
    """Parameters of StopInstance; however it is stopped, it takes the same time here."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset({"ConfirmStop", "ForceStop", "Hibernate"})

    stopped_mode: StoppedMode | None = None


class StartSeveral(Parameters):
    """Parameters of StartInstances."""

    instance_id: Ids
    batch_optimization: Literal["AllTogether", "SuccessFirst"] = "AllTogether"
    dry_run: Boolean = False


class StopSeveral(StartSeveral):
    """Parameters of StopInstances."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset({"ForceStop"})

    stopped_mode: StoppedMode | None = None


def start_one(world: World, asked: StartOne, context: Context) -> Mapping[str, Any]:
    """Accept the start; the instance is Starting from now on, then Running."""
    _one(world, asked, context, ("Stopped", lives.start))
    return {}


def stop_one(world: World, asked: StopOne, context: Context) -> Mapping[str, Any]:
    """Accept the stop; the instance is Stopping from now on, then Stopped."""
    _one(world, asked, context, ("Running", lives.stop))
    return {}


def start_several(world: World, asked: StartSeveral, context: Context) -> Mapping[str, Any]:
    """Accept the starts, and say of each instance what became of it."""
    return _several(world, asked, context, ("Stopped", lives.start))


def stop_several(world: World, asked: StopSeveral, context: Context) -> Mapping[str, Any]:
    """Accept the stops, and say of each instance what became of it."""
    return _several(world, asked, context, ("Running", lives.stop))


def existing_instance(world: World, instance_id: str) -> Instance:
    instance = world.instances.find(instance_id)
    if instance is None:
        raise refused("InvalidInstanceId.NotFound", instance_id)
    return instance


def _one(world: World, asked: One, context: Context, how: tuple[str, Begin]) -> None:
    instance = _ready(world, asked.instance_id, how[0])
    if asked.dry_run:
        raise refused("DryRunOperation")
    how[1](world, instance, context)


def _ready(world: World, instance_id: str, status: str) -> Instance:
    """An instance in the status that the call needs, neither locked nor on its way out."""
    instance = existing_instance(world, instance_id)
    if instance.locked:
        raise refused("InstanceLockedForSecurity", instance_id)
    if instance.status != status or world.instances.is_leaving(instance):
        raise refused("IncorrectInstanceStatus", instance_id)
    return instance


def _several(
    world: World, asked: StartSeveral, context: Context, how: tuple[str, Begin]
) -> Mapping[str, Any]:
    instance_ids = list(dict.fromkeys(asked.instance_id))
    if asked.batch_optimization == "AllTogether":
        for instance_id in instance_ids:
            _ready(world, instance_id, how[0])
    if asked.dry_run:
        raise refused("DryRunOperation")
    became = [_tried(world, instance_id, context, how) for instance_id in instance_ids]
    return {"InstanceResponses": {"InstanceResponse": became}}


def _tried(
    world: World, instance_id: str, context: Context, how: tuple[str, Begin]
) -> Mapping[str, Any]:
    before = _status(world, instance_id)
    code, message = "200", "success"
    try:
        how[1](world, _ready(world, instance_id, how[0]), context)
    except RefusedError as error:
        code, message = error.code, error.message
    return {
        "InstanceId": instance_id,
        "Code": code,
        "Message": message,
        "PreviousStatus": before,
        "CurrentStatus": _status(world, instance_id),
    }


def _status(world: World, instance_id: str) -> str:
    instance = world.instances.find(instance_id)
    return "" if instance is None else instance.status


def each(world: World, instance_ids: Sequence[str]) -> list[Instance]:
    """The instances, once each; `RefusedError` for one that is not there."""
    return [existing_instance(world, one) for one in dict.fromkeys(instance_ids)]
