"""Reads what a plan looks at: every page, or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from commandline.planning.rules import asks_in_vain
from commandline.planning.seen import Seen
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.vpc import Vpc
from evermirror.fleet import WholeFilters, idle_ids, read_filters
from evermirror.model import Instance
from evermirror.policy import Policy


def read_fleet(
    vpc: Vpc,
    ecs: Ecs,
    filters: WholeFilters,
    policies: Iterable[Policy],
    progress: Callable[[str, int], None],
    now: Callable[[], float],
) -> Seen:
    """The fleet, instances only where a plan needs them. Raises ReadError or StopError.

    `now` gives epoch seconds.
    """
    sessions = vpc.every_session(lambda read: progress("sessions", read))
    seen = Seen(
        interfaces=ecs.every_network_interface(lambda read: progress("interfaces", read)),
        sessions={session.id: session for session in sessions},
        idle_filter_ids=idle_ids(read_filters(filters, progress)),
    )
    instances = _instances(ecs, policies, seen, progress)
    return replace(seen, instances={instance.id: instance for instance in instances}, at=now())


def _instances(
    ecs: Ecs, policies: Iterable[Policy], seen: Seen, progress: Callable[[str, int], None]
) -> tuple[Instance, ...]:
    if any(policy.needs_instances or asks_in_vain(policy, seen) for policy in policies):
        return ecs.every_instance(lambda read: progress("instances", read))
    # How many sources an interface takes hangs on the type of its instance.
    return ecs.describe_instances(sorted(seen.target_instance_ids))
