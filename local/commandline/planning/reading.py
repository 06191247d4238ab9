"""Reads what a plan looks at: every page, or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from commandline.planning.rules import asks_for_tags
from commandline.planning.seen import Seen
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.vpc import Vpc
from evermirror.model import Session
from evermirror.policy import Policy


def read_fleet(
    vpc: Vpc, ecs: Ecs, policies: Iterable[Policy], progress: Callable[[str, int], None]
) -> Seen:
    """The fleet, instances only where a plan needs them. Raises ReadError or StopError."""
    sessions = vpc.every_session(lambda read: progress("sessions", read))
    interfaces = ecs.every_network_interface(lambda read: progress("interfaces", read))
    instances = (
        ecs.every_instance(lambda read: progress("instances", read))
        if any(policy.needs_instances or asks_for_tags(policy) for policy in policies)
        or any(_has_interface_for_target(session) for session in sessions)
        else ()
    )
    return Seen(
        interfaces,
        {instance.id: instance for instance in instances},
        {session.id: session for session in sessions},
    )


def _has_interface_for_target(session: Session) -> bool:
    """How many sources an interface takes hangs on the type of its instance."""
    return session.target_type == "NetworkInterface"
