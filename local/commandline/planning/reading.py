"""Reads what a plan looks at: every page, or an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from commandline.planning.placed import attached
from commandline.planning.rules import asks_in_vain
from evermirror.aliyun.ecs import Ecs
from evermirror.fleet import Fleet, FleetReader, Progress, target_instance_ids
from evermirror.policy import Policy


def read_fleet(
    reader: FleetReader, ecs: Ecs, policies: Sequence[Policy], progress: Progress
) -> Fleet:
    """The fleet, with every instance only where a plan needs more than those of targets.

    Raises ReadError or StopError.
    """
    fleet = reader.read_without_instances(progress)
    interfaces = attached(fleet)
    if any(policy.needs_instances or asks_in_vain(policy, interfaces) for policy in policies):
        every = ecs.every_instance(lambda read: progress("instances", read))
        read, instances = None, {instance.id: instance for instance in every}
    else:
        wanted = target_instance_ids(fleet, policies)
        instances, read = reader.read_instances(wanted, progress)
    return replace(fleet, instances=instances, instances_read=read, at=reader.clock.now())
