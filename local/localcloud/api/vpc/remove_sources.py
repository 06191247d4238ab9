"""RemoveSourcesFromTrafficMirrorSession: even the last source may go.

VPC API 2016-04-28. A source whose interface is gone meanwhile can still be removed; the errors
about interfaces and instances are for those that the session does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import IdempotentParameters, Identifier, UpTo30
from localcloud.api.vpc import acceptance, sources
from localcloud.refusals import refused
from localcloud.world.objects import Change, Session
from localcloud.world.world import World


class RemoveSources(IdempotentParameters):
    """Parameters of RemoveSourcesFromTrafficMirrorSession."""

    traffic_mirror_session_id: Identifier
    traffic_mirror_source_ids: UpTo30


def remove_sources(world: World, asked: RemoveSources, context: Context) -> Mapping[str, Any]:
    """Accept the removal; the session is busy with it from now on."""
    unwanted = asked.traffic_mirror_source_ids
    sources.check_service(world)
    sources.check_distinct(unwanted)
    session = sources.existing_session(world, asked.traffic_mirror_session_id)
    taken = acceptance.taken(world.behaviour, unwanted, _checks(world, session))
    if asked.dry_run:
        raise refused("DryRunOperation")
    change = Change(world.draw_settle_s(), remove=taken, fails=context.fails_in_background)
    world.sessions.begin(session, change, context.now)
    return {}


def _checks(world: World, session: Session) -> acceptance.Checks:
    def check_associated(source_ids: Sequence[str]) -> None:
        for source in source_ids:
            _check_associated(world, session, source)

    return {
        "status": lambda _: sources.check_stable(world, session),
        "associated": check_associated,
    }


def _check_associated(world: World, session: Session, source: str) -> None:
    if source in session.sources:
        return
    interface = world.network_interfaces.find(source)
    if interface is None:
        raise refused("ResourceNotFound.NetworkInterface", source)
    if interface.instance is not None and world.instances.find(interface.instance) is None:
        raise refused("ResourceNotFound.EcsInstance", source)
    raise refused("ResourceNotAssociated.TrafficMirrorSource", source)
