"""DeleteTrafficMirrorSession: Deleting for a while, then gone from every list.

VPC API 2016-04-28. It publishes no error for a service in arrears: what costs money can always
be deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import IdempotentParameters, Identifier
from localcloud.refusals import refused
from localcloud.world.objects import Change
from localcloud.world.world import World


class DeleteSession(IdempotentParameters):
    """Parameters of DeleteTrafficMirrorSession."""

    traffic_mirror_session_id: Identifier


def delete_session(world: World, asked: DeleteSession, context: Context) -> Mapping[str, Any]:
    """Accept the deletion; sources and priority are free once it is done."""
    session = world.sessions.find(asked.traffic_mirror_session_id)
    if session is None:
        raise refused("ResourceNotFound.TrafficMirrorSession")
    if session.status != "Created":
        raise refused(world.behaviour.busy_code)
    used = world.filters.find(session.filter)
    if used is not None and used.status != "Created":
        raise refused("IncorrectStatus.TrafficMirrorFilter", used.id)
    if asked.dry_run:
        raise refused("DryRunOperation")
    change = Change(world.draw_settle_s(), fails=context.fails_in_background)
    world.sessions.begin(session, change, context.now, "Deleting")
    return {}
